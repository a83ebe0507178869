import { expect, test } from "vitest";
import { decodeModel } from "../../core/onnx/decode.ts";
import { bytesSource } from "../../core/onnx/source.ts";
import { notedSource, sparseSource } from "../../core/onnx/sparse-source.ts";
import { unwrap } from "../../core/result.ts";
import { mobileNetV2 } from "../../core/testing/samples/mobilenet-v2.ts";
import type { ModelSource } from "../state.ts";
import { filesToKeep, readFiles, withWeights } from "./model-files.ts";

const bytes = Uint8Array.from(mobileNetV2());
const { source: noting, noted } = notedSource(bytesSource("m.onnx", bytes));
const whole = unwrap(decodeModel(noting));
const source: ModelSource = {
  kind: "files",
  files: [
    { name: "m.onnx", blob: new Blob([bytes]) },
    { name: "m.data", blob: new Blob([new Uint8Array(5000)]) },
  ],
};

test("what fits is kept whole: the model first, then its data", () => {
  const names = (room: number) => filesToKeep(source, noted(), room).files.map(({ name }) => name);
  expect(names(bytes.length + 5000)).toEqual(["m.onnx", "m.data"]);
  expect(names(bytes.length + 4999)).toEqual(["m.onnx"]);
  expect(filesToKeep({ kind: "sample", id: "googlenet" }, null).files).toEqual([]);
});

test("of a larger model the part is kept that the network opens from", async () => {
  const { files } = filesToKeep(source, noted(), bytes.length / 2);
  expect(files.map(({ name }) => name)).toEqual(["m.onnx"]);
  const [file] = readFiles({ files }).files;
  if (file?.part === undefined) throw new Error("a part is kept");
  expect(file.part.size).toBe(bytes.length);
  expect(file.blob.size).toBeLessThan(bytes.length / 4);
  const packed = bytesSource("m.onnx", new Uint8Array(await file.blob.arrayBuffer()));
  expect(unwrap(decodeModel(sparseSource(file.part, packed)))).toEqual(whole);
  // Kept again, it stays that part.
  expect(filesToKeep({ kind: "files", files: [file] }, noted(), bytes.length / 2).files).toEqual([file]);
  expect(withWeights({ kind: "files", files: [file] })).toMatchObject({
    ok: false,
    error: expect.stringMatching(/needs the weights of "m\.onnx".*MiB.*open it again\.$/),
  });
  expect(withWeights(source)).toMatchObject({ ok: true });
  expect(filesToKeep(source, null, bytes.length / 2).files).toEqual([]);
  expect(filesToKeep(source, noted(), 1000).files).toEqual([]);
});

test("files that are not as they were written are none", () => {
  const blob = new Blob([new Uint8Array(8)]);
  const bad = [
    null,
    7,
    { files: "all" },
    { files: [null] },
    { files: [{ name: 3, blob }] },
    { files: [{ name: "m", blob: new Uint8Array(8) }] },
    { files: [{ name: "m", blob, part: {} }] },
    { files: [{ name: "m", blob, part: { size: 20, ranges: Float64Array.of(0, 9) } }] },
    { files: [{ name: "m", blob, part: { size: 4, ranges: Float64Array.of(0, 8) } }] },
    { files: [{ name: "m", blob, part: { size: 20, ranges: [0, 8] } }] },
  ];
  for (const value of bad) expect(readFiles(value)).toEqual({ files: [] });
  expect(
    readFiles({ files: [{ name: "m", blob, part: { size: 20, ranges: Float64Array.of(0, 8) } }] }).files,
  ).toHaveLength(1);
});
