import type { OpenedModel } from "../core/graph/opened-model.ts";
import { dataFilesAmong } from "../core/onnx/external-path.ts";
import { problemText } from "../core/plan/abstract-problem.ts";
import type { ImportFile } from "../core/plan/imports/problem-import.ts";
import type { ModelSource } from "./state.ts";

async function textsOf(files: readonly File[], most: number): Promise<readonly ImportFile[]> {
  return Promise.all(files.map(async (file) => ({ name: file.name, text: await file.slice(0, most).text() })));
}

/** The models that files of a problem hold, where their format has several in one; else none. */
export async function problemModels(files: readonly File[]): Promise<readonly string[]> {
  // The readers of all formats, which the first screen needs nothing of.
  const { findImport } = await import("../core/plan/imports/imports.ts");
  const { PROBLEM_HEAD } = await import("../core/plan/imports/open-problem.ts");
  const models = findImport(await textsOf(files, PROBLEM_HEAD))?.models;
  return models === undefined ? [] : models(await textsOf(files, Number.MAX_SAFE_INTEGER));
}

/**
 * What is kept to open it again: of the files that came with a model those that hold its weights; a problem as the file of its own that it would be, since what it came from may be several
 * files, hold several problems, or leave something open.
 */
export function keptSource(source: ModelSource, { given, fileName, externalFiles }: OpenedModel): ModelSource {
  if (given === null) {
    if (source.kind === "sample") return source;
    const [model, ...others] = source.files;
    const data = dataFilesAmong(externalFiles, others);
    return model === undefined || data.length === others.length ? source : { kind: "files", files: [model, ...data] };
  }
  return { kind: "files", files: [{ name: fileName, blob: new Blob([problemText(given.problem)]) }] };
}
