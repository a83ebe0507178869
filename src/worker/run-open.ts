import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { notedSource, sparseSource } from "../core/onnx/sparse-source.ts";
import { isProblem, openProblem, PROBLEM_HEAD } from "../core/plan/imports/open-problem.ts";
import type { ImportChoice } from "../core/plan/imports/problem-import.ts";
import { err, ok, type Result } from "../core/result.ts";
import { formatMemory } from "../core/units.ts";
import { openAtOnce } from "../engine/open-model.ts";
import { blobSource } from "./blob-source.ts";
import type { ModelFile, Request } from "./protocol.ts";
import { sampleSource } from "./sample-source.ts";
import type { Post } from "./scope.ts";

/** Bytes of the largest problem file that is read: it is held whole. */
const MOST_TEXT = 256 * 1024 * 1024;

const textOf = (source: ByteSource, most = source.size) => ({
  name: source.name,
  text: new TextDecoder().decode(source.read(0, Math.min(most, source.size))),
});

const isModelName = (name: string) => /\.onnx$/i.test(name);

/** Whether the sources hold a placement problem, by their first bytes; one that calls itself a model is none. */
function holdProblem(sources: readonly ByteSource[]): boolean {
  return (
    !sources.some(({ name }) => isModelName(name)) && isProblem(sources.map((source) => textOf(source, PROBLEM_HEAD)))
  );
}

function openTexts(sources: readonly ByteSource[], choice: ImportChoice): Result<OpenedModel> {
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  const large = sources.find(({ size }) => size > MOST_TEXT);
  if (large !== undefined) {
    return err(
      `"${large.name}" has ${formatMemory(large.size)}; placement problems are read up to ${formatMemory(MOST_TEXT)}.`,
    );
  }
  return openProblem(
    sources.map((source) => textOf(source)),
    bytes,
    choice,
  );
}

function fileSource({ name, blob, part }: ModelFile): ByteSource {
  const source = blobSource(name, blob);
  return part === undefined ? source : sparseSource(part, source);
}

/**
 * Answers "open" and "open-sample" by the model with the types that we infer ourselves, or by what onnxruntime makes of
 * those; by a sentence where the model cannot be opened. Problem files are opened in the place of a model, and nothing
 * is to be found out about them beyond that.
 */
export async function runOpen(request: Request, post: Post): Promise<void> {
  if (request.kind !== "open" && request.kind !== "open-sample") {
    throw new Error(`the model's worker was asked for "${request.kind}"`);
  }
  const { job, bindings, givenTypes, wanted } = request;
  const step = (text: string, fraction: number | null = null) => post({ kind: "progress", job, step: text, fraction });
  const sources =
    request.kind === "open"
      ? request.files.map(fileSource)
      : [await sampleSource(request.sample, request.baseUrl, step)];
  const [model] = sources;
  if (model === undefined) throw new Error("an open request holds at least one file");
  if (holdProblem(sources)) {
    post({ kind: "opened", job, result: openTexts(sources, request.kind === "open" ? (request.choice ?? {}) : {}) });
    return;
  }
  const { source, noted } = notedSource(model);
  const opening = openAtOnce(source, { bindings, givenTypes, assumeUsual: true, onStep: step });
  if (!opening.ok) post({ kind: "opened", job, result: opening });
  else if (wanted === "model") {
    post({ kind: "opened", job, result: ok(opening.value.model), read: noted() });
  } else post({ kind: "refined", job, refinement: await opening.value.refine() });
}
