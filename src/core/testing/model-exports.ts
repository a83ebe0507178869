import type { ExportFile, ModelSources } from "../export/export-file.ts";
import type { ExportSubject } from "../export/export-subject.ts";
import { buildWiredGraph } from "../graph/build.ts";
import { oneTensorCuts } from "../graph/cuts.ts";
import { decodeModel } from "../onnx/decode.ts";
import { segmentModels } from "../onnx/segments/segment-models.ts";
import { inferShapes } from "../onnx/shapes/infer-shapes.ts";
import { type ByteSource, bytesSource } from "../onnx/source.ts";
import { wireNodes } from "../onnx/wiring.ts";
import { AS_STORED, buildProblem, type Encoding } from "../plan/build-problem.ts";
import { predict } from "../predict/predict.ts";
import { estimateLatencies } from "../profile/estimate.ts";
import { unwrap } from "../result.ts";
import { defaultRig } from "../rig/presets.ts";
import type { Rig } from "../rig/rig.ts";
import { modelOf } from "./export-subjects.ts";
import { gathered } from "./gathered.ts";

export interface ModelExport {
  readonly subject: ExportSubject;
  readonly sources: ModelSources;
}

export interface ModelExportOptions {
  readonly fileName?: string;
  readonly rig?: Rig;
  readonly encoding?: Encoding;
  readonly others?: readonly ByteSource[];
}

/** A plan of a model's bytes, with all that exporters ask for. `stages` are devices by number, `stageOf` by op. */
export function modelExport(
  bytes: Uint8Array,
  stages: readonly number[],
  stageOf: readonly number[],
  { fileName = "net.onnx", rig = defaultRig(), encoding = AS_STORED, others = [] }: ModelExportOptions = {},
): ModelExport {
  const source = bytesSource(fileName, bytes);
  const model = unwrap(decodeModel(source));
  const wiring = unwrap(wireNodes(model));
  const bindings = new Map<string, number>();
  const { types } = inferShapes(model, wiring, { bindings });
  const graph = unwrap(buildWiredGraph(model, wiring, types));
  const opened = { ...modelOf(graph, new Float64Array(graph.opCount).fill(1)), fileName, cuts: oneTensorCuts(graph) };
  const latencies = rig.devices.map((device) => estimateLatencies(graph, opened.costs, device));
  const problem = unwrap(buildProblem({ graph, rig, latencies, encoding }));
  const plan = { stages, stageOf: Int32Array.from(stageOf) };
  const subject: ExportSubject = {
    model: opened,
    sha256: "ab".repeat(32),
    rig,
    encoding,
    profiles: new Map(),
    latencies,
    problem,
    objective: "latency",
    plan,
    prediction: predict(problem, plan),
    proof: null,
  };
  const segments = unwrap(segmentModels(model, graph, plan, encoding));
  return { subject, sources: { model, source, others, segments } };
}

/** The bytes of each file of an export, in order; digests that texts ask for are of the files before them. */
export async function exportedBytes(files: readonly ExportFile[], sha256: (bytes: Uint8Array) => string) {
  const written = new Map<string, Uint8Array>();
  const digests = new Map<string, { bytes: number; sha256: string }>();
  for (const { path, content } of files) {
    const text = typeof content === "function" ? content(digests) : content;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : await gathered(text.chunks);
    written.set(path, bytes);
    digests.set(path, { bytes: bytes.length, sha256: sha256(bytes) });
  }
  return written;
}
