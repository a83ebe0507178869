import { ok } from "../core/result.ts";
import { openAtOnce } from "../engine/open-model.ts";
import { sha256Hex } from "../engine/sha256.ts";
import { blobSource } from "./blob-source.ts";
import type { Request } from "./protocol.ts";
import { sampleSource } from "./sample-source.ts";
import type { Post } from "./scope.ts";

/**
 * Answers "open" and "open-sample" by the model with the types that we infer ourselves, or a sentence why it cannot be
 * opened, and then by what onnxruntime makes of the types; "hash" by a digest.
 */
export async function runOpen(request: Request, post: Post): Promise<void> {
  if (request.kind !== "open" && request.kind !== "open-sample" && request.kind !== "hash") {
    throw new Error(`the model's worker was asked for "${request.kind}"`);
  }
  const { job } = request;
  const step = (text: string, fraction: number | null = null) => post({ kind: "progress", job, step: text, fraction });
  if (request.kind === "hash") {
    const { file } = request;
    const source = file instanceof Blob ? blobSource("", file) : await sampleSource(file.sample, file.baseUrl, step);
    post({ kind: "hashed", job, sha256: sha256Hex(source) });
    return;
  }
  const sources =
    request.kind === "open"
      ? request.files.map((file) => blobSource(file.name, file.blob))
      : [await sampleSource(request.sample, request.baseUrl, step)];
  const [model] = sources;
  if (model === undefined) throw new Error("an open request holds at least one file");
  const { bindings, givenTypes } = request;
  const opening = openAtOnce(model, { bindings, givenTypes, assumeUsual: true, onStep: step });
  post({ kind: "opened", job, result: opening.ok ? ok(opening.value.model) : opening });
  if (opening.ok) post({ kind: "refined", job, refinement: await opening.value.refine() });
}
