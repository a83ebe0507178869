import { expect, test } from "vitest";
import { dataFilesAmong } from "../core/onnx/external-path.ts";
import { unwrap } from "../core/result.ts";
import { modelInFolder } from "./model-folder.ts";

const folder = (...paths: string[]) =>
  paths.map((path) => ({ path, file: new File([], path.split("/").at(-1) ?? "") }));

test("a model comes with what lies below its folder, under the paths that it knows", () => {
  const files = folder("net/readme.md", "net/m.onnx", "net/weights/w.bin", "net/w.bin", "elsewhere/w.bin");
  const { file, others, paths, note } = unwrap(modelInFolder(files));
  expect([file.name, note]).toEqual(["m.onnx", null]);
  const named = others.map((other) => ({ name: paths.get(other) ?? "", file: other }));
  expect(named.map(({ name }) => name)).toEqual(["readme.md", "weights/w.bin", "w.bin"]);
  expect(dataFilesAmong(["weights/w.bin"], named).map(({ file: data }) => data)).toEqual([files[2]?.file]);
});

test("of several models the outermost is opened, and that is said", () => {
  const { file, others, note } = unwrap(modelInFolder(folder("a/deep/b.onnx", "a/z.onnx", "a/c.onnx", "a/c.data")));
  expect(file.name).toBe("c.onnx");
  expect(others.map(({ name }) => name)).toEqual(["c.data"]);
  expect(note).toMatch(/^The folder holds 3 models; "a\/c.onnx" is the one that was opened\./);
});

test("a folder without a model is refused by a sentence", () => {
  const refused = modelInFolder(folder("notes/a.txt"));
  expect(refused.ok ? "" : refused.error).toBe(
    'The folder "notes" holds no .onnx file; a model with its data files was expected.',
  );
  const empty = modelInFolder([]);
  expect(empty.ok ? "" : empty.error).toMatch(/^The folder holds no \.onnx file/);
});
