import type { Tensor } from "onnxruntime-web";
import { err, ok, type Result } from "../../core/result.ts";
import { bytesOfTexts, textsOf, type WireTensor } from "./protocol.ts";

type NumberArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;
type Maker = (buffer: ArrayBuffer) => NumberArray;

/** Element types of the runtime: their names on the wire, and how bytes become elements. */
const TYPES: readonly (readonly [Tensor.Type, string, Maker])[] = [
  ["float32", "FP32", (buffer) => new Float32Array(buffer)],
  ["float64", "FP64", (buffer) => new Float64Array(buffer)],
  ["float16", "FP16", (buffer) => new Uint16Array(buffer)],
  ["bool", "BOOL", (buffer) => new Uint8Array(buffer)],
  ["uint8", "UINT8", (buffer) => new Uint8Array(buffer)],
  ["int8", "INT8", (buffer) => new Int8Array(buffer)],
  ["uint16", "UINT16", (buffer) => new Uint16Array(buffer)],
  ["int16", "INT16", (buffer) => new Int16Array(buffer)],
  ["uint32", "UINT32", (buffer) => new Uint32Array(buffer)],
  ["int32", "INT32", (buffer) => new Int32Array(buffer)],
  ["uint64", "UINT64", (buffer) => new BigUint64Array(buffer)],
  ["int64", "INT64", (buffer) => new BigInt64Array(buffer)],
];
const BY_TYPE: ReadonlyMap<string, string> = new Map([
  ...TYPES.map(([type, datatype]) => [type as string, datatype] as const),
  ["string", "BYTES"],
]);
const BY_DATATYPE = new Map(TYPES.map(([type, datatype, make]) => [datatype, { type, make }]));

/** Name on the wire of an element type as the runtime calls it; null where the protocol has none. */
export const datatypeOf = (type: string): string | null => BY_TYPE.get(type) ?? null;

/** A tensor as bytes; a view where the runtime has bytes. Errors: a type that the protocol has no name for. */
export function toWire(name: string, { type, dims, data }: Tensor): Result<WireTensor> {
  const datatype = datatypeOf(type);
  if (datatype === null) return err(`Tensor "${name}" has elements of ${type}, which the protocol has no name for.`);
  const shape = [...dims];
  if (Array.isArray(data)) return ok({ name, datatype, shape, data: bytesOfTexts(data.map(String)) });
  const { buffer, byteOffset, byteLength } = data as NumberArray;
  return ok({ name, datatype, shape, data: new Uint8Array(buffer, byteOffset, byteLength) });
}

/** A tensor of the runtime. Errors: a type that it has none for. Takes the bytes over where they are aligned. */
export function fromWire({ name, datatype, shape, data }: WireTensor, TensorClass: typeof Tensor): Result<Tensor> {
  if (datatype === "BYTES") {
    const texts = textsOf({ name, data });
    if (!texts.ok) return texts;
    const expected = shape.reduce((product, size) => product * size, 1);
    if (texts.value.length !== expected)
      return err(`Tensor "${name}" holds ${texts.value.length} texts; expected ${expected}.`);
    return ok(new TensorClass("string", [...texts.value], shape));
  }
  const found = BY_DATATYPE.get(datatype);
  if (found === undefined)
    return err(`Tensor "${name}" has the datatype ${datatype}, which ONNX Runtime does not take here.`);
  const isWhole = data.byteOffset === 0 && data.byteLength === data.buffer.byteLength;
  const buffer = isWhole && data.buffer instanceof ArrayBuffer ? data.buffer : data.slice().buffer;
  return ok(new TensorClass(found.type, found.make(buffer) as Tensor.DataType, shape));
}
