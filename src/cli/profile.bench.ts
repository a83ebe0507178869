import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProfile } from "../core/profile/formats/formats.ts";
import { unwrap } from "../core/result.ts";
import type { Bench } from "../core/testing/bench.ts";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { runCli } from "./run-cli.ts";

/** Seconds of all ops of MobileNetV2 by one `splitscope profile`. */
async function profiledTotal(folder: string, name: string): Promise<number> {
  const out = join(folder, name);
  const sentences: string[] = [];
  const code = await runCli(["profile", join(folder, "mobilenet-v2.onnx"), "--out", out], {
    out: () => undefined,
    error: (text) => sentences.push(text),
  });
  if (code !== 0) throw new Error(sentences.join(""));
  const { entries } = unwrap(readProfile(readFileSync(out, "utf8"), name));
  return entries.reduce((sum, { latency }) => sum + latency.median, 0);
}

export const benches: readonly Bench[] = [
  {
    name: "splitscope profile of MobileNetV2 run twice, difference of the ops' totals (quiet machine)",
    goal: "<= 10 %",
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), "splitscope-bench-"));
      try {
        writeFileSync(join(folder, "mobilenet-v2.onnx"), mobileNetV2());
        const first = await profiledTotal(folder, "first.json");
        const second = await profiledTotal(folder, "second.json");
        return { value: (100 * Math.abs(first - second)) / Math.min(first, second), unit: "%" };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
];
