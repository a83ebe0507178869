import { EXPORTERS } from "../core/export/exporters.ts";
import { exportBytes, zipChunks } from "../core/export/zip.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { givenInputs } from "../core/onnx/tensor-files/given-inputs.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Measurement } from "../core/verification/measurement.ts";
import type { Verification } from "../core/verification/verification.ts";
import { measurePlan } from "../engine/measure-segments.ts";
import type { PrintTap } from "../engine/profiling-web.ts";
import { verifyPlan } from "../engine/verify.ts";
import { BlobSink, FileSink } from "./byte-sinks.ts";
import { startHashes } from "./file-hash.ts";
import type { Request, SegmentsJob } from "./protocol.ts";
import { sampleSource } from "./sample-source.ts";
import type { Post } from "./scope.ts";
import { streamedSource } from "./streamed-source.ts";

type VerifyJob = Extract<Request, { kind: "verify" }>;
type MeasureJob = Extract<Request, { kind: "measure" }>;
type ZipJob = Extract<Request, { kind: "zip" }>;
type Step = (text: string, fraction?: number) => void;

/** Threads beyond these seldom make a model of this size faster in WASM. */
const MOST_THREADS = 4;

/** Answers "verify", "measure" and "zip", progress as it goes. `tap` was made before anything loaded the runtime. */
export async function runSegments(request: Request, post: Post, tap: PrintTap): Promise<void> {
  const { job } = request;
  const step: Step = (text, fraction) => post({ kind: "progress", job, step: text, fraction: fraction ?? null });
  switch (request.kind) {
    case "verify":
      post({ kind: "verified", job, result: await verify(request, step) });
      return;
    case "measure":
      post({ kind: "measured", job, result: await measure(request, step, tap) });
      return;
    case "zip":
      post({ kind: "zipped", job, result: await zip(request, step) });
      return;
    default:
      throw new Error(`the segments' worker was asked for "${request.kind}"`);
  }
}

/** The model's files, and what is decoded of the first. */
async function openSources(from: SegmentsJob["model"], step: Step) {
  const sources: readonly ByteSource[] =
    "files" in from
      ? from.files.map((file) => streamedSource(file.name, file.blob))
      : [await sampleSource(from.sample, from.baseUrl, step)];
  const [source, ...others] = sources;
  if (source === undefined) throw new Error("a job about segments holds at least one file");
  const model = decodeModel(source);
  return model.ok ? ok({ model: model.value, source, others }) : model;
}

async function verify(request: VerifyJob, step: Step): Promise<Result<Verification>> {
  const { bindings, graph, plan, encoding, seed, inputs } = request;
  const files = await openSources(request.model, step);
  if (!files.ok) return files;
  const tensors = await Promise.all(
    inputs.map(async ({ name, blob }) => ({
      fileName: name,
      input: null,
      bytes: new Uint8Array(await blob.arrayBuffer()),
    })),
  );
  const given = givenInputs(files.value.model, bindings, tensors);
  if (!given.ok) return given;
  step("Loading the runtime");
  return verifyPlan(
    { ...files.value, bindings, encoding, level: "disabled", seed, given: given.value, onStep: step },
    graph,
    plan,
  );
}

async function measure(request: MeasureJob, step: Step, tap: PrintTap): Promise<Result<Measurement>> {
  const { opened, bindings, graph, plan, encoding, device } = request;
  const files = await openSources(request.model, step);
  if (!files.ok) return files;
  const isIsolated = globalThis.crossOriginIsolated;
  const threads = isIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  const { costs } = opened;
  step("Loading the runtime");
  return measurePlan({
    ...files.value,
    bindings,
    graph,
    costs,
    plan,
    encoding,
    device,
    threads,
    tap,
    isIsolated,
    onStep: step,
  });
}

/** Progress is told in steps of a percent. */
const STEPS = 100;

async function zip({ model, subject, exporter: id, weights, file }: ZipJob, step: Step): Promise<Result<Blob | null>> {
  const exporter = EXPORTERS.find((candidate) => candidate.id === id);
  if (exporter?.kind !== "folder") throw new Error(`no exporter of several files is called "${id}"`);
  const opened = await openSources(model, step);
  if (!opened.ok) return opened;
  const segments = segmentModels(opened.value.model, subject.model.graph, subject.plan, subject.encoding);
  if (!segments.ok) return segments;
  const files = exporter.files(subject, { ...opened.value, segments: segments.value, weights });
  if (!files.ok) return files;
  const total = exportBytes(files.value);
  let told = -1;
  const onBytes = (bytes: number) => {
    const percent = Math.floor((STEPS * bytes) / Math.max(1, total));
    if (percent === told) return;
    told = percent;
    step("Writing the ZIP", Math.min(1, percent / STEPS));
  };
  const sizes = files.value.map(({ content }) => (typeof content === "object" ? content.byteLength : 0));
  const hashes = await startHashes(sizes);
  const sink = file === null ? new BlobSink() : new FileSink(await file.createWritable());
  try {
    const chunks = zipChunks(files.value, { createHash: hashes.create, modified: Date.now(), onBytes });
    for await (const chunk of chunks) await sink.write(chunk);
    return ok(await sink.close());
  } catch (reason) {
    await sink.abort();
    if (!(reason instanceof DOMException)) throw reason;
    return err(
      reason.name === "QuotaExceededError"
        ? "The ZIP cannot be written: the disk is full."
        : `The ZIP cannot be written: ${reason.message.replace(/\.$/, "")}.`,
    );
  } finally {
    hashes.end();
  }
}
