import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeModel } from "../core/onnx/decode.ts";
import { externalPath } from "../core/onnx/external-path.ts";
import type { Model } from "../core/onnx/model.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type FileSource, openSource } from "./files.ts";

export interface ModelFiles {
  readonly model: Model;
  readonly source: FileSource;
  /** Files of external data, in the order of `model.externalFiles`. */
  readonly others: readonly FileSource[];
}

/** Lets `use` have a model's file, decoded, and its files of external data open, and closes them after it. */
export async function withModelFiles<T>(
  path: string,
  use: (files: ModelFiles) => Promise<Result<T>>,
): Promise<Result<T>> {
  const files: FileSource[] = [];
  try {
    const source = openSource(path);
    if (!source.ok) return source;
    files.push(source.value);
    const model = decodeModel(source.value);
    if (!model.ok) return model;
    const paths = externalPaths(model.value, dirname(path));
    if (!paths.ok) return paths;
    for (const path of paths.value) {
      const data = openSource(path);
      if (!data.ok) return data;
      files.push(data.value);
    }
    return await use({ model: model.value, source: source.value, others: files.slice(1) });
  } finally {
    for (const file of files) file.close();
  }
}

/** Where the files of external data lie, beside the model. */
function externalPaths(model: Model, folder: string): Result<readonly string[]> {
  const paths: string[] = [];
  for (const location of model.externalFiles) {
    const path = externalPath(model.fileName, location);
    if (!path.ok) return path;
    const full = join(folder, path.value);
    if (!existsSync(full)) {
      return err(
        `"${model.fileName}" keeps its weights in "${path.value}", which is not beside it; expected "${full}".`,
      );
    }
    paths.push(full);
  }
  return ok(paths);
}
