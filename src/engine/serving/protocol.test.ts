import fc from "fast-check";
import { expect, test } from "vitest";
import { unwrap } from "../../core/result.ts";
import { median, steadyPeriod } from "./pipeline-run.ts";
import {
  bytesOfTexts,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type Message,
  textsOf,
  type WireTensor,
} from "./protocol.ts";

function bodyOf({ chunks, byteLength }: Message): Uint8Array {
  const body = new Uint8Array(byteLength);
  let filled = 0;
  for (const chunk of chunks) {
    body.set(chunk, filled);
    filled += chunk.length;
  }
  return body;
}

const jsonBody = (document: unknown, ...rest: readonly number[]): Uint8Array =>
  Uint8Array.from([...new TextEncoder().encode(JSON.stringify(document)), ...rest]);

const tensors: fc.Arbitrary<readonly WireTensor[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ maxLength: 8, unit: "binary" }),
      kind: fc.constantFrom(["FP32", 4], ["INT64", 8], ["BOOL", 1], ["FP16", 2]),
      shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ name, kind: [datatype, width], shape }) => ({
      name,
      datatype: String(datatype),
      shape,
      data: Uint8Array.from(
        { length: shape.reduce((product, size) => product * size, 1) * Number(width) },
        (_, i) => i % 251,
      ),
    })),
  );

test("requests and responses come back as they were sent", () => {
  fc.assert(
    fc.property(tensors, (sent) => {
      const request = encodeRequest(sent, ["y"]);
      const read = unwrap(decodeRequest(bodyOf(request), request.headerLength));
      expect(read).toEqual({ id: null, tensors: sent, outputs: [{ name: "y", binary: true }], binaryByDefault: false });
      const response = encodeResponse("net", "7", { tensors: sent, computeSeconds: 0.5 }, new Set());
      expect(unwrap(decodeResponse(bodyOf(response), response.headerLength))).toEqual({
        tensors: sent,
        computeSeconds: 0.5,
      });
    }),
    { numRuns: 200 },
  );
});

test("tensors as numbers and texts, nested or flat", () => {
  const request = {
    inputs: [
      {
        name: "x",
        datatype: "FP32",
        shape: [2, 2],
        data: [
          [1, 2],
          [3, 4.5],
        ],
      },
      { name: "i", datatype: "INT64", shape: [2], data: [-1, 2] },
      { name: "b", datatype: "BOOL", shape: [2], data: [true, false] },
      { name: "t", datatype: "BYTES", shape: [1], data: ["é"] },
    ],
    outputs: [{ name: "y" }],
  };
  const { tensors: read, outputs } = unwrap(decodeRequest(jsonBody(request), null));
  expect(new Float32Array(read[0]?.data.slice().buffer ?? new ArrayBuffer(0))).toEqual(Float32Array.of(1, 2, 3, 4.5));
  expect(new BigInt64Array(read[1]?.data.slice().buffer ?? new ArrayBuffer(0))).toEqual(BigInt64Array.of(-1n, 2n));
  expect(read[2]?.data).toEqual(Uint8Array.of(1, 0));
  expect(textsOf(read[3]?.data ?? new Uint8Array())).toEqual(["é"]);
  expect(outputs).toEqual([{ name: "y", binary: false }]);
  const names = new Set(["x", "i", "b", "t"]);
  const answer = encodeResponse("net", null, { tensors: read, computeSeconds: null }, names);
  expect(answer.headerLength).toBe(answer.byteLength);
  const { outputs: written } = JSON.parse(new TextDecoder().decode(bodyOf(answer)));
  expect(written.map(({ data }: { data: unknown }) => data)).toEqual([[1, 2, 3, 4.5], [-1, 2], [true, false], ["é"]]);
});

test("texts keep their lengths", () => {
  expect(bytesOfTexts(["ab", ""])).toEqual(Uint8Array.of(2, 0, 0, 0, 97, 98, 0, 0, 0, 0));
  expect(textsOf(Uint8Array.of(9, 0, 0, 0, 97))).toBeNull();
  expect(textsOf(Uint8Array.of(9, 0))).toBeNull();
});

const BAD: readonly (readonly [string, unknown, readonly number[], string])[] = [
  ["no tensors", {}, [], "lists no tensors"],
  ["no name", { inputs: [{}] }, [], "has no name"],
  ["no type", { inputs: [{ name: "x", shape: [1] }] }, [], "no datatype"],
  ["an odd shape", { inputs: [{ name: "x", datatype: "FP32", shape: [-1] }] }, [], "no shape of whole numbers"],
  ["an unknown type", { inputs: [{ name: "x", datatype: "FP8", shape: [1] }] }, [], '"FP8", which is not known'],
  ["too few numbers", { inputs: [{ name: "x", datatype: "FP32", shape: [2], data: [1] }] }, [], "holds no 2 elements"],
  [
    "texts for numbers",
    { inputs: [{ name: "x", datatype: "INT8", shape: [1], data: ["1"] }] },
    [],
    "holds no 1 elements",
  ],
  [
    "a fraction for a whole number",
    { inputs: [{ name: "x", datatype: "INT8", shape: [1], data: [0.5] }] },
    [],
    "holds no 1",
  ],
  [
    "bytes that are not there",
    { inputs: [{ name: "x", datatype: "INT8", shape: [9], parameters: { binary_data_size: 9 } }] },
    [1, 2],
    "is said to have 9 bytes; the message holds 2",
  ],
  [
    "bytes of another shape",
    { inputs: [{ name: "x", datatype: "FP32", shape: [2], parameters: { binary_data_size: 2 } }] },
    [1, 2],
    "has 2 bytes; expected 8",
  ],
  [
    "bytes too many",
    { inputs: [{ name: "x", datatype: "INT8", shape: [1], parameters: { binary_data_size: 1 } }] },
    [1, 2],
    "1 bytes that no tensor claims",
  ],
  ["odd outputs", { inputs: [], outputs: 3 }, [], "is no list"],
];

test.each(BAD)("a request with %s", (_, document, rest, sentence) => {
  const read = decodeRequest(jsonBody(document, ...rest), new TextEncoder().encode(JSON.stringify(document)).length);
  expect(read).toMatchObject({ ok: false, error: expect.stringContaining(sentence) });
});

test("a message that is no JSON, or whose header ends elsewhere", () => {
  expect(decodeRequest(Uint8Array.of(1, 2), null)).toMatchObject({ ok: false });
  expect(decodeRequest(jsonBody({}), 99)).toMatchObject({
    ok: false,
    error: "The header's length is 99; the message has 2 bytes.",
  });
  expect(decodeResponse(jsonBody([1]), Number.NaN)).toMatchObject({ ok: false });
});

test("figures of a run", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
  expect(steadyPeriod([5, 9, 11, 13, 15])).toBe(2);
  expect(steadyPeriod([5])).toBeNaN();
});
