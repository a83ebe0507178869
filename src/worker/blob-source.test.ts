import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { at } from "../core/columns.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import type { ByteSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { largeModel } from "../core/testing/large-model.ts";
import { openAtOnce } from "../engine/open-model.ts";

/** What a Blob is to its reader: a size, and slices of it. */
class MadeUpBlob {
  readonly size: number;
  readonly #file: ByteSource;
  readonly #offset: number;

  constructor(file: ByteSource, offset = 0, size = file.size) {
    this.#file = file;
    this.#offset = offset;
    this.size = size;
  }

  slice(from: number, to: number): MadeUpBlob {
    const end = Math.min(to, this.size);
    return new MadeUpBlob(this.#file, this.#offset + from, Math.max(0, end - from));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#file.read(this.#offset, this.size));
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
  const layers = 5;
  const size = 2 ** 28 + 1;
  const blob = new MadeUpBlob(largeModel(4 * layers * size, layers));
  expect(blob.size).toBeGreaterThan(5 * 2 ** 30);
  const source = blobSource("huge.onnx", blob as unknown as Blob);
  const { model } = unwrap(openAtOnce(source));
  expect(model.unresolved).toEqual([]);
  expect(model.graph.opCount).toBe(layers);
  expect([...model.graph.tensorTypes].map(({ shape }) => shape)).toEqual(
    Array.from({ length: layers + 1 }, () => [size]),
  );
  expect(model.totals).toEqual({ ops: layers, macs: 0, parameters: layers * size, weightBytes: 4 * layers * size });
  expect(model.cuts).toHaveLength(layers - 1);
  expect(at(model.costs.weightBytes, layers - 1)).toBe(4 * size);
  // None of it in one piece, and hardly any of it at all.
  expect(Math.max(...reads)).toBeLessThanOrEqual(2 ** 20);
  expect(reads.reduce((sum, size) => sum + size, 0)).toBeLessThan(4 * 2 ** 20);
  // Places beyond 4 GiB are told exactly.
  const last = unwrap(decodeModel(source)).weights.get(`w${layers - 1}`);
  expect(last).toEqual({ blob: 0, offset: blob.size - 4 * size, length: 4 * size, field: "rawData" });
});
