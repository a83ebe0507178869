import { err, ok, type Result } from "../core/result.ts";

/** A file of a folder, with its path from there, the folder's own name first. */
export interface FolderFile {
  readonly path: string;
  readonly file: File;
}

/** A model in a folder, and what may hold its weights. */
export interface FolderModel {
  readonly file: File;
  readonly others: readonly File[];
  /** Where each file lies below the model's folder. */
  readonly paths: ReadonlyMap<File, string>;
  /** One sentence where there was a choice, else null. */
  readonly note: string | null;
}

const isModel = ({ path }: FolderFile): boolean => /\.onnx$/i.test(path);
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const depthOf = (path: string): number => path.split("/").length;

/** The model of a folder: of several the one that lies least deep, then the first by name. O(files log files). */
export function modelInFolder(files: readonly FolderFile[]): Result<FolderModel> {
  const models = files.filter(isModel).sort((a, b) => depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : 1));
  const [model] = models;
  if (model === undefined) {
    const name = files[0]?.path.split("/")[0];
    return err(
      `${name === undefined ? "The folder" : `The folder "${name}"`} holds no .onnx file; a model with its data files was expected.`,
    );
  }
  const folder = folderOf(model.path);
  const below = files.filter((file) => file.path.startsWith(folder) && !isModel(file));
  const note =
    models.length === 1
      ? null
      : `The folder holds ${models.length} models; "${model.path}" is the one that was opened. Drop another with its data files to open that one.`;
  return ok({
    file: model.file,
    others: below.map(({ file }) => file),
    paths: new Map([model, ...below].map(({ file, path }) => [file, path.slice(folder.length)])),
    note,
  });
}
