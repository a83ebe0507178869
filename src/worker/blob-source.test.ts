import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { at } from "../core/columns.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { unwrap } from "../core/result.ts";
import { type HugeFile, hugeModel } from "../core/testing/huge-model.ts";
import { openAtOnce } from "../engine/open-model.ts";

/** What a Blob is to its reader: a size, and slices of it. */
class MadeUpBlob {
  readonly size: number;
  readonly #file: HugeFile;
  readonly #offset: number;

  constructor(file: HugeFile, offset = 0, size = file.size) {
    this.#file = file;
    this.#offset = offset;
    this.size = size;
  }

  slice(from: number, to: number): MadeUpBlob {
    const end = Math.min(to, this.size);
    return new MadeUpBlob(this.#file, this.#offset + from, Math.max(0, end - from));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#file.slice(this.#offset, this.size);
  }
}

const reads: number[] = [];

beforeAll(() => {
  vi.stubGlobal(
    "FileReaderSync",
    class {
      readAsArrayBuffer(blob: MadeUpBlob): ArrayBuffer {
        reads.push(blob.size);
        return blob.bytes().buffer;
      }
    },
  );
});
afterAll(() => vi.unstubAllGlobals());

test("a file of over 5 GB opens through windows of its Blob, with all that it is known for", async () => {
  const { blobSource } = await import("./blob-source.ts");
  const [layers, width] = [5, 16_384];
  const blob = new MadeUpBlob(hugeModel(layers, width));
  expect(blob.size).toBeGreaterThan(5 * 2 ** 30);
  const source = blobSource("huge.onnx", blob as unknown as Blob);
  const { model } = unwrap(openAtOnce(source));
  expect(model.unresolved).toEqual([]);
  expect(model.graph.opCount).toBe(layers);
  expect([...model.graph.tensorTypes].map(({ shape }) => shape)).toEqual(
    Array.from({ length: layers + 1 }, () => [1, width]),
  );
  expect(model.totals).toEqual({
    ops: layers,
    macs: layers * width ** 2,
    parameters: layers * width ** 2,
    weightBytes: 4 * layers * width ** 2,
  });
  expect(model.cuts).toHaveLength(layers - 1);
  expect(at(model.costs.weightBytes, layers - 1)).toBe(4 * width ** 2);
  // None of it in one piece, and hardly any of it at all.
  expect(Math.max(...reads)).toBeLessThanOrEqual(2 ** 20);
  expect(reads.reduce((sum, size) => sum + size, 0)).toBeLessThan(4 * 2 ** 20);
  // Places beyond 4 GiB are told exactly.
  const last = unwrap(decodeModel(source)).weights.get(`w${layers - 1}`);
  expect(last).toEqual({ blob: 0, offset: blob.size - 4 * width ** 2, length: 4 * width ** 2, field: "rawData" });
});
