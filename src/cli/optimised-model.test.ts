import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { buildGraph } from "../core/graph/build.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { profileCoverage } from "../core/profile/apply.ts";
import { matchProfile } from "../core/profile/match.ts";
import { isOptimisedModel } from "../core/profile/optimised-model.ts";
import { unwrap } from "../core/result.ts";
import { readProfileBlobs } from "../engine/read-profile.ts";
import { runtimeTensors } from "../engine/runtime-tensors.ts";
import { loadNative } from "./profiling-node.ts";

const MODELS = "../shared/models";
const runtime = loadNative();
/** Of the open dimensions that these models have. */
const SIZES = new Map([
  ["batch", 1],
  ["tokens", 8],
]);
const canRun = runtime !== null && existsSync(MODELS);
if (!canRun) console.log(`optimised models: skipped, onnxruntime-node or ${MODELS} is absent`);

const decoded = (path: string) => unwrap(decodeModel(bytesSource(path, new Uint8Array(readFileSync(path)))));

/** Runs a model five times as a person would who wants both files: the trace, and the model that the session wrote. */
async function sessionFiles(folder: string, model: string) {
  if (runtime === null) throw new Error("no runtime");
  const optimised = join(folder, "optimised.onnx");
  const session = await runtime.InferenceSession.create(`${MODELS}/${model}`, {
    graphOptimizationLevel: "all",
    optimizedModelFilePath: optimised,
    enableProfiling: true,
    profileFilePrefix: join(folder, "trace"),
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(
    runtimeTensors(unwrap(seededInputs(decoded(`${MODELS}/${model}`), SIZES)), runtime.Tensor),
  );
  for (let i = 0; i < 5; i++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const trace = readdirSync(folder).find((name) => name.startsWith("trace"));
  return { optimised, trace: join(folder, trace ?? "none") };
}

describe.skipIf(!canRun)("ONNX Runtime's own optimised model beside its trace", () => {
  test.each([
    // Each LayerNormalization is one node named after its last Mul; the table of positions is folded.
    ["t5_random_encoder.onnx", "LayerNorm", 9],
    // Sum and Relu are inside the convolution before them; Transposes are inside what they feed.
    ["yunet_n_320.onnx", "", 1],
  ])("%s: every group is what lies between the tensors of its node", async (name, label, size) => {
    const folder = mkdtempSync(join(tmpdir(), "splitscope-optimised-"));
    try {
      const { optimised, trace } = await sessionFiles(folder, name);
      const file = (path: string) => ({ name: path.slice(folder.length + 1), blob: new Blob([readFileSync(path)]) });
      const [model, joined] = await readProfileBlobs([file(optimised), file(trace)]);
      expect(model?.joinedTo).toBe(joined?.fileName);
      expect(isOptimisedModel(unwrap(decodeModel(bytesSource(name, new Uint8Array(readFileSync(optimised))))))).toBe(
        true,
      );
      const original = decoded(`${MODELS}/${name}`);
      expect(isOptimisedModel(original)).toBe(false);
      const graph = unwrap(buildGraph(original, new Map()));
      const reading = joined === undefined ? null : unwrap(joined.reading);
      if (reading?.kind !== "profile") throw new Error("no profile");
      const matched = unwrap(matchProfile(reading.profile, graph));
      const coverage = profileCoverage(matched);
      const exact = matched.groups.filter(({ rule }) => rule === "optimised");
      console.log(
        `${name}: ${exact.length} of ${matched.groups.length} groups are exact, ${coverage.matchedOps} of ${coverage.ops} ops`,
      );
      expect(coverage).toMatchObject({ matchedOps: graph.opCount, unmatchedEntries: 0 });
      expect(exact.length).toBeGreaterThan(0.85 * matched.groups.length);
      const named = exact.filter(({ entry }) => item(matched.raw.entries, entry).label.includes(label));
      expect(Math.max(...named.map(({ ops }) => ops.length))).toBeGreaterThanOrEqual(size);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
