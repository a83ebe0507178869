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
  readHeaderLength,
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
      const response = unwrap(encodeResponse("net", "7", { tensors: sent, computeSeconds: 0.5 }, new Set()));
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
  expect(read[3]?.data).toEqual(bytesOfTexts(["é"]));
  expect(outputs).toEqual([{ name: "y", binary: false }]);
  const names = new Set(["x", "i", "b", "t"]);
  const answer = unwrap(encodeResponse("net", null, { tensors: read, computeSeconds: null }, names));
  expect(answer.headerLength).toBe(answer.byteLength);
  const { outputs: written } = JSON.parse(new TextDecoder().decode(bodyOf(answer)));
  expect(written.map(({ data }: { data: unknown }) => data)).toEqual([[1, 2, 3, 4.5], [-1, 2], [true, false], ["é"]]);
});

test("texts keep their lengths", () => {
  expect(bytesOfTexts(["ab", ""])).toEqual(Uint8Array.of(2, 0, 0, 0, 97, 98, 0, 0, 0, 0));
  for (const texts of [["ab", ""], ["\uFEFFmark", "é"], []])
    expect(unwrap(textsOf({ name: "t", data: bytesOfTexts(texts) }))).toEqual(texts);
  const cut = (...bytes: readonly number[]) => textsOf({ name: "t", data: Uint8Array.from(bytes) });
  expect(cut(9, 0, 0, 0, 97)).toMatchObject({
    error: 'Element 0 of tensor "t" does not end within the tensor\'s 5 bytes.',
  });
  expect(cut(0, 0, 0, 0, 9, 0)).toMatchObject({ error: expect.stringContaining("Element 1 of tensor") });
});

test("texts that are not UTF-8 are refused, not altered", () => {
  expect(textsOf({ name: "t", data: Uint8Array.of(2, 0, 0, 0, 0xff, 0xfe) })).toEqual({
    ok: false,
    error: 'Element 0 of tensor "t" is not UTF-8; texts of BYTES are taken as UTF-8 only.',
  });
  const halves = { inputs: [{ name: "t", datatype: "BYTES", shape: [2], data: ["a", "\ud800"] }] };
  expect(decodeRequest(jsonBody(halves), null)).toMatchObject({
    error: expect.stringContaining('Element 1 of tensor "t" holds half a surrogate pair'),
  });
});

const RANGES: readonly (readonly [string, number, number])[] = [
  ["UINT8", 0, 255],
  ["INT8", -128, 127],
  ["UINT16", 0, 65_535],
  ["INT16", -32_768, 32_767],
  ["UINT32", 0, 4_294_967_295],
  ["INT32", -2_147_483_648, 2_147_483_647],
  ["UINT64", 0, Number.MAX_SAFE_INTEGER],
  ["INT64", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
];

test.each(RANGES)("numbers of %s out of its range are refused, not wrapped", (datatype, least, most) => {
  const given = (...data: readonly number[]) =>
    decodeRequest(jsonBody({ inputs: [{ name: "x", datatype, shape: [data.length], data }] }), null);
  const { tensors: read } = unwrap(given(least, most));
  const answer = unwrap(encodeResponse("net", null, { tensors: read, computeSeconds: null }, new Set(["x"])));
  expect(JSON.parse(new TextDecoder().decode(bodyOf(answer))).outputs[0].data).toEqual([least, most]);
  for (const value of [least - 1, most + 1, 1.5]) {
    const read = given(0, value);
    expect(read).toMatchObject({
      error: expect.stringContaining(
        `Tensor "x" of ${datatype} holds ${value}; expected a whole number from ${least} to ${most}`,
      ),
    });
  }
});

test("floats out of their range are refused, not made infinite", () => {
  const given = (datatype: string, number: string) =>
    decodeRequest(
      new TextEncoder().encode(
        `{"inputs": [{"name": "x", "datatype": "${datatype}", "shape": [1], "data": [${number}]}]}`,
      ),
      null,
    );
  expect(given("FP32", "3.4028234e38").ok).toBe(true);
  expect(given("FP32", "-1e39")).toMatchObject({ error: expect.stringContaining("holds -1e+39; expected a number") });
  expect(given("FP64", "1e39").ok).toBe(true);
  expect(given("FP64", "1e999")).toMatchObject({ error: expect.stringContaining("holds Infinity") });
});

const NO_JSON: readonly (readonly [string, Uint8Array, string])[] = [
  ["INT64", new Uint8Array(BigInt64Array.of(1n, -(2n ** 53n) - 1n).buffer), "holds -9007199254740993, which"],
  ["UINT64", new Uint8Array(BigUint64Array.of(2n ** 64n - 1n).buffer), "holds 18446744073709551615, which"],
  ["FP32", new Uint8Array(Float32Array.of(1, Number.NaN).buffer), "holds NaN, which"],
  ["FP64", new Uint8Array(Float64Array.of(Number.NEGATIVE_INFINITY).buffer), "holds -Infinity, which"],
  ["FP16", new Uint8Array(2), "has no form in JSON"],
  ["BYTES", Uint8Array.of(1, 0, 0, 0, 0xff), "is not UTF-8"],
];

test.each(NO_JSON)("%s that JSON would alter goes as bytes only", (datatype, data, sentence) => {
  const tensor = { name: "y", datatype, shape: [1], data };
  const encode = (asJson: readonly string[]) =>
    encodeResponse("net", null, { tensors: [tensor], computeSeconds: null }, new Set(asJson));
  expect(encode(["y"])).toMatchObject({ ok: false, error: expect.stringContaining(sentence) });
  if (datatype !== "BYTES")
    expect(encode(["y"])).toMatchObject({ error: expect.stringContaining("ask for it as bytes") });
  expect(encode([]).ok).toBe(true);
});

test("where the JSON of a message ends", () => {
  expect(readHeaderLength(null)).toEqual({ ok: true, value: null });
  expect(readHeaderLength("12")).toEqual({ ok: true, value: 12 });
  for (const text of ["abc", "", "-1", "0x10", "1.5", "5, 5"]) {
    expect(readHeaderLength(text)).toEqual({
      ok: false,
      error: `The header Inference-Header-Content-Length is "${text}"; expected a whole number of bytes.`,
    });
  }
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
    "holds 0.5; expected a whole number from -128 to 127.",
  ],
  [
    "an input twice",
    { inputs: [1, 2].map((value) => ({ name: "x", datatype: "INT8", shape: [1], data: [value] })) },
    [],
    'The input "x" is given twice; expected it once.',
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
