import { ObjectScanner } from "./object-scanner.ts";
import type { ProfileFormat } from "./raw-profile.ts";
import { TraceSummary } from "./trace-summary.ts";

/**
 * The profiling output of ONNX Runtime, native and web: Chrome trace events as a JSON array, or one object a line.
 * `model_run` closes a run (it is written after its nodes). Warm-up runs are dropped, each op is summed up over the
 * rest. Read leniently: no end, a comma too many, fences and broken events do no harm. O(length), in bounded memory.
 */
export const ortTrace: ProfileFormat = {
  id: "ort-trace",
  label: "an ONNX Runtime trace",
  sniff: (head) =>
    /^\s*\[?\s*\{/.test(head) &&
    ((/"cat"\s*:\s*"Node"/.test(head) && head.includes('_kernel_time"')) ||
      (/"cat"\s*:\s*"Session"/.test(head) &&
        /"name"\s*:\s*"(model_loading_uri|model_loading_array|session_initialization|model_run)"/.test(head))),
  open: (fileName) => {
    const summary = new TraceSummary();
    const scanner = new ObjectScanner(
      (json) => summary.add(json),
      (line) => summary.addLine(line),
    );
    return {
      push: (chunk) => scanner.push(chunk),
      end: () => {
        const profile = summary.finish(ortTrace.id, fileName, scanner.end());
        return profile.ok ? { ok: true, value: { kind: "profile", profile: profile.value } } : profile;
      },
    };
  },
};
