import { wholeExternalSource } from "../core/onnx/external.ts";
import type { Model } from "../core/onnx/model.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { ok, type Result } from "../core/result.ts";

export interface ExternalFile {
  /** As the model calls it, which is how the runtime asks for it. */
  readonly path: string;
  readonly file: ByteSource;
}

/**
 * The files that the model's weights lie in, out of those that came with it. Errors: one is missing, or ends before a
 * weight does. O(files^2 + files x weights).
 */
export function externalFiles(
  model: Model,
  names: readonly string[],
  others: readonly ByteSource[],
): Result<readonly ExternalFile[]> {
  const found: ExternalFile[] = [];
  for (const path of names) {
    const file = wholeExternalSource(model, path, others);
    if (!file.ok) return file;
    found.push({ path, file: file.value });
  }
  return ok(found);
}

/** The files' bytes as a session takes them: all in memory. */
export function wholeData(files: readonly ExternalFile[]): { readonly path: string; readonly data: Uint8Array }[] {
  return files.map(({ path, file }) => ({ path, data: file.read(0, file.size) }));
}
