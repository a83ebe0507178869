import { execFileSync } from "node:child_process";
import { create, toBinary } from "@bufbuild/protobuf";
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { decodeModel } from "../decode.ts";
import { dataTypeOf } from "../element-types.ts";
import type { ElementType } from "../model.ts";
import type { InputData } from "../seeded-inputs.ts";
import { bytesSource } from "../source.ts";
import { givenInputs } from "./given-inputs.ts";
import { readNpy } from "./npy.ts";
import { readTensorProto } from "./tensor-proto.ts";

/** A NumPy file as the format's description has it: magic, version, length of the header, header, elements. */
function npy(header: string, content: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...text, ...content]);
}
const header = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (array: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const sentence = (result: { ok: boolean; error?: string }) => (result.ok ? "" : result.error);

describe("NumPy files", () => {
  test("rows, columns first, the other byte order, a scalar, all versions", () => {
    const rows = bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6));
    for (const version of [1, 2, 3]) {
      const read = unwrap(readNpy(npy(header("<f4", "(2, 3)"), rows, version), "a.npy"));
      expect(read).toEqual({ elementType: "float", dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    }
    const columns = unwrap(readNpy(npy(header("<f4", "(2, 3)", "True"), rows), "a.npy"));
    expect(columns.data).toEqual(Float32Array.of(1, 3, 5, 2, 4, 6));
    const swapped = unwrap(readNpy(npy(header(">i2", "(2,)"), Uint8Array.of(1, 2, 3, 4)), "a.npy"));
    expect(swapped.data).toEqual(Int16Array.of(0x102, 0x304));
    expect(unwrap(readNpy(npy(header("|b1", "()"), Uint8Array.of(1)), "a.npy"))).toEqual({
      elementType: "bool",
      dims: [],
      data: Uint8Array.of(1),
    });
  });

  test("what numpy itself writes", () => {
    const script = `
import io, sys, json
try:
    import numpy
except ImportError:
    print("null"); sys.exit()
out = []
for type in ["f2", "f4", "f8", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "?"]:
    for order in "CF":
        for sign in "<>":
            a = (numpy.arange(24).reshape(2, 3, 4) % 2 if type == "?" else numpy.arange(24).reshape(2, 3, 4))
            a = numpy.array(a, dtype=numpy.dtype(type).newbyteorder(sign), order=order)
            f = io.BytesIO(); numpy.save(f, a); out.append([type, list(f.getvalue())])
print(json.dumps(out))`;
    const cases: [string, number[]][] | null = JSON.parse(numpyOutput(script));
    if (cases === null) {
      console.log("npy: not compared with numpy, /usr/bin/python3 has none");
      return;
    }
    for (const [type, bytes] of cases) {
      const { dims, data, elementType } = unwrap(readNpy(Uint8Array.from(bytes), "a.npy"));
      expect(dims).toEqual([2, 3, 4]);
      const expected = Array.from({ length: 24 }, (_, i) => (type === "?" ? i % 2 : i));
      const numbers = elementType === "float16" ? numbersOf(data).map(half) : numbersOf(data);
      expect({ type, numbers }).toEqual({ type, numbers: expected });
    }
    console.log(`npy: ${cases.length} files of numpy read`);
  });

  test("in a part of a larger buffer, as files are read in Node", () => {
    const file = npy(header("<f4", "(2,)"), bytesOf(Float32Array.of(5, 6)));
    const part = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expect(unwrap(readNpy(part, "a.npy")).data).toEqual(Float32Array.of(5, 6));
    const tensor = Buffer.from(proto("float", [2], { rawData: bytesOf(Float32Array.of(7, 8)) }));
    expect(unwrap(readTensorProto(tensor, "a.pb")).data).toEqual(Float32Array.of(7, 8));
  });

  test("bad files have a sentence", () => {
    expect(sentence(readNpy(Uint8Array.of(1, 2, 3), "a.npy"))).toContain("is no NumPy file");
    expect(sentence(readNpy(npy(header("<f4", "(2,)"), Uint8Array.of(1)), "a.npy"))).toContain(
      "holds 1 bytes of elements; expected 8 for the shape [2]",
    );
    expect(sentence(readNpy(npy(header("<U8", "(2,)"), Uint8Array.of(1)), "a.npy"))).toContain('elements of type "U8"');
    expect(sentence(readNpy(npy("{'descr': [('a', '<f4')]}", Uint8Array.of()), "a.npy"))).toContain("has the header");
    expect(sentence(readNpy(npy(header("<f4", "(1,)"), Uint8Array.of()).subarray(0, 20), "a.npy"))).toContain(
      "ends within its header",
    );
  });
});

/** Elements as numbers, whatever array they are in. */
const numbersOf = (data: InputData): number[] => [...data].map(Number);

function half(bits: number): number {
  const exponent = bits >> 10;
  return exponent === 0 ? (bits & 1023) * 2 ** -24 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15);
}

function numpyOutput(script: string): string {
  try {
    return execFileSync("/usr/bin/python3", ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "null";
  }
}

const proto = (type: ElementType, dims: number[], rest: Partial<TensorProto>, name = "") => {
  const message = create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: dataTypeOf(type) });
  return toBinary(TensorProtoSchema, Object.assign(message, rest));
};

describe("TensorProto files", () => {
  test("raw bytes and typed fields", () => {
    const read = (bytes: Uint8Array) => unwrap(readTensorProto(bytes, "a.pb")).data;
    expect(read(proto("float", [2], { rawData: bytesOf(Float32Array.of(1, 2)) }))).toEqual(Float32Array.of(1, 2));
    expect(read(proto("float", [2], { floatData: [1, 2] }))).toEqual(Float32Array.of(1, 2));
    expect(read(proto("float16", [1], { int32Data: [0x3c00] }))).toEqual(Uint16Array.of(0x3c00));
    expect(read(proto("int64", [1], { int64Data: [-5n] }))).toEqual(BigInt64Array.of(-5n));
    expect(read(proto("bool", [2], { int32Data: [1, 0] }))).toEqual(Uint8Array.of(1, 0));
    expect(read(proto("string", [1], { stringData: [new TextEncoder().encode("ü")] }))).toEqual(["ü"]);
    expect(read(proto("float", [0], {}))).toEqual(new Float32Array(0));
  });

  test("bad files have a sentence", () => {
    const read = (bytes: Uint8Array) => sentence(readTensorProto(bytes, "a.pb"));
    expect(read(Uint8Array.of(255, 255, 255))).toBe('"a.pb" holds no ONNX tensor; expected a TensorProto.');
    expect(read(proto("float", [3], { floatData: [1] }))).toContain("holds 1 elements; expected 3");
    expect(read(proto("complex64", [1], {}))).toContain("elements of type complex64");
    expect(read(proto("float", [1], { dataLocation: TensorProto_DataLocation.EXTERNAL }))).toContain("in another file");
  });
});

describe("inputs out of files", () => {
  const net = new ModelBuilder({ name: "two" });
  const sum = net.node("Add", [net.input("left", "float", [2]), net.input("right", "float", ["n"])]);
  const model = unwrap(decodeModel(bytesSource("two.onnx", net.output(sum, "float", [2]).bytes())));
  const two = npy(header("<f4", "(2,)"), bytesOf(Float32Array.of(1, 2)));
  const given = (...files: { fileName: string; input?: string; bytes?: Uint8Array }[]) =>
    givenInputs(
      model,
      new Map([["n", 2]]),
      files.map(({ fileName, input = null, bytes = two }) => ({ fileName, input, bytes })),
    );
  const names = (...files: Parameters<typeof given>) => unwrap(given(...files)).map(({ input }) => input.name);

  test("are for the input that is stated, or of the tensor's name, the file's, its number", () => {
    expect(names({ fileName: "x.npy", input: "right" }, { fileName: "left.npy" })).toEqual(["right", "left"]);
    expect(names({ fileName: "input_1.pb", bytes: proto("float", [2], { floatData: [1, 2] }) })).toEqual(["right"]);
    expect(names({ fileName: "x.pb", bytes: proto("float", [2], { floatData: [1, 2] }, "left") })).toEqual(["left"]);
  });

  test("misfits have a sentence", () => {
    expect(sentence(given({ fileName: "x.npy" }))).toBe(
      '"x.npy" is named after no input of the model; it has "left", "right".',
    );
    expect(sentence(given({ fileName: "x.npy", input: "z" }))).toContain('no input "z"');
    expect(sentence(given({ fileName: "left.npy" }, { fileName: "x.npy", input: "left" }))).toBe(
      '"left.npy" and "x.npy" are both for the input "left".',
    );
    const junk = Uint8Array.of(1, 2, 3);
    expect(sentence(given({ fileName: "left.npy", bytes: junk }))).toBe(
      '"left.npy" is no NumPy file; expected one that numpy.save wrote.',
    );
    expect(sentence(given({ fileName: "left.pb", bytes: junk }))).toContain("holds no ONNX tensor");
    expect(sentence(given({ fileName: "left.txt", bytes: junk }))).toBe(
      '"left.txt" ends in .txt; expected .npy or .pb.',
    );
    expect(sentence(given({ fileName: "left.npy", bytes: Uint8Array.of() }))).toBe(
      '"left.npy" is empty; expected a tensor (.npy or .pb).',
    );
    const doubles = npy(header("<f8", "(2,)"), bytesOf(Float64Array.of(1, 2)));
    expect(sentence(given({ fileName: "left.npy", bytes: doubles }))).toBe(
      '"left.npy" holds double [2]; the input "left" takes float [2].',
    );
    const three = npy(header("<f4", "(3,)"), bytesOf(Float32Array.of(1, 2, 3)));
    expect(sentence(given({ fileName: "right.npy", bytes: three }))).toContain("takes float [2]");
  });
});
