import { err, ok, type Result } from "../../core/result.ts";

/**
 * Messages of the Open Inference Protocol (KServe v2) over HTTP, with the extension for binary tensors:
 * a JSON header, then the bytes of each tensor in the header's order.
 */
export interface WireTensor {
  readonly name: string;
  /** "FP32", "INT64", "BYTES", ... */
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Little-endian, row by row; each element of BYTES is its length in four bytes and then itself. */
  readonly data: Uint8Array;
}

export interface InferRequest {
  readonly id: string | null;
  readonly tensors: readonly WireTensor[];
  /** Outputs that are asked for; null = all. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[] | null;
  /** Whether outputs that are not listed come as bytes. */
  readonly binaryByDefault: boolean;
}

export interface InferResponse {
  readonly tensors: readonly WireTensor[];
  /** Seconds that the model took on the server; null where the server does not say. */
  readonly computeSeconds: number | null;
}

/** A message to send: the chunks in order, and the length of the JSON at their start. */
export interface Message {
  readonly chunks: readonly Uint8Array[];
  readonly headerLength: number;
  readonly byteLength: number;
}

/** Header of HTTP that says where the JSON ends. */
export const HEADER_LENGTH = "inference-header-content-length";
/** The one version of each model that this server has. */
export const MODEL_VERSION = "1";
/** Parameter of a response in which this server says how long the model took. */
const COMPUTE_SECONDS = "compute_seconds";

const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ["BOOL", 1],
  ["UINT8", 1],
  ["INT8", 1],
  ["UINT16", 2],
  ["INT16", 2],
  ["FP16", 2],
  ["BF16", 2],
  ["UINT32", 4],
  ["INT32", 4],
  ["FP32", 4],
  ["UINT64", 8],
  ["INT64", 8],
  ["FP64", 8],
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

function message(header: object, tensors: readonly WireTensor[]): Message {
  const json = encoder.encode(JSON.stringify(header));
  const chunks = [json, ...tensors.map(({ data }) => data)];
  return { chunks, headerLength: json.length, byteLength: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

const listed = ({ name, datatype, shape, data }: WireTensor) => ({
  name,
  shape,
  datatype,
  parameters: { binary_data_size: data.length },
});

/** A request for the outputs named, all tensors as bytes. */
export function encodeRequest(tensors: readonly WireTensor[], outputs: readonly string[]): Message {
  const wanted = outputs.map((name) => ({ name, parameters: { binary_data: true } }));
  return message({ inputs: tensors.map(listed), outputs: wanted }, tensors);
}

/**
 * A response; the tensors named in `asJson` are written as numbers and texts. Errors: one of them that JSON does not
 * hold as it is.
 */
export function encodeResponse(
  model: string,
  id: string | null,
  { tensors, computeSeconds }: InferResponse,
  asJson: ReadonlySet<string>,
): Result<Message> {
  const outputs: object[] = [];
  for (const tensor of tensors) {
    if (!asJson.has(tensor.name)) {
      outputs.push(listed(tensor));
      continue;
    }
    const { name, datatype, shape } = tensor;
    const data = elementsOf(tensor);
    if (!data.ok) return data;
    outputs.push({ name, shape, datatype, data: data.value });
  }
  const binary = tensors.filter(({ name }) => !asJson.has(name));
  const header = {
    model_name: model,
    model_version: MODEL_VERSION,
    ...(id === null ? {} : { id }),
    ...(computeSeconds === null ? {} : { parameters: { [COMPUTE_SECONDS]: computeSeconds } }),
    outputs,
  };
  return ok(message(header, binary));
}

type Fields = ReadonlyMap<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);

/** The number that the header of HTTP holds, null where it is not there. Errors: a text that is no whole number. */
export function readHeaderLength(text: string | null): Result<number | null> {
  if (text === null) return ok(null);
  if (/^\d{1,15}$/.test(text)) return ok(Number(text));
  return err(`The header Inference-Header-Content-Length is "${text}"; expected a whole number of bytes.`);
}

/** The JSON of a message, and the bytes behind it. */
function parts(body: Uint8Array, headerLength: number | null): Result<{ header: Fields; rest: Uint8Array }> {
  const length = headerLength ?? body.length;
  if (!(length >= 0 && length <= body.length)) {
    return err(`The header's length is ${length}; the message has ${body.length} bytes.`);
  }
  try {
    const json: unknown = JSON.parse(decoder.decode(body.subarray(0, length)));
    if (typeof json !== "object" || json === null) return err("The message is no JSON object.");
    return ok({ header: fieldsOf(json), rest: body.subarray(length) });
  } catch {
    return err("The message does not begin with a JSON object.");
  }
}

function readTensor(entry: unknown, rest: Uint8Array, start: number): Result<{ tensor: WireTensor; end: number }> {
  const fields = fieldsOf(entry);
  const [name, datatype, shape] = [fields.get("name"), fields.get("datatype"), fields.get("shape")];
  if (typeof name !== "string") return err("A tensor has no name.");
  if (typeof datatype !== "string") return err(`Tensor "${name}" has no datatype.`);
  const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) return err(`Tensor "${name}" has no shape of whole numbers.`);
  const elements = shape.reduce((product, size) => product * size, 1);
  const width = ELEMENT_BYTES.get(datatype);
  if (width === undefined && datatype !== "BYTES")
    return err(`Tensor "${name}" has the datatype "${datatype}", which is not known.`);
  const size = fieldsOf(fields.get("parameters")).get("binary_data_size");
  if (size === undefined) {
    const data = bytesOfElements(name, fields.get("data"), datatype, elements);
    return data.ok ? ok({ tensor: { name, datatype, shape, data: data.value }, end: start }) : data;
  }
  if (!isSize(size) || start + size > rest.length) {
    return err(
      `Tensor "${name}" is said to have ${String(size)} bytes; the message holds ${rest.length - start} more.`,
    );
  }
  if (width !== undefined && size !== elements * width) {
    return err(
      `Tensor "${name}" of ${datatype} [${shape.join(", ")}] has ${size} bytes; expected ${elements * width}.`,
    );
  }
  // A copy (Node's buffers slice without one): the bytes of the message lie anywhere, those of a tensor must be aligned.
  const tensor = { name, datatype, shape, data: new Uint8Array(rest.subarray(start, start + size)) };
  return ok({ tensor, end: start + size });
}

function readTensors(entries: unknown, rest: Uint8Array): Result<readonly WireTensor[]> {
  if (!Array.isArray(entries)) return err("The message lists no tensors.");
  const tensors: WireTensor[] = [];
  let start = 0;
  for (const entry of entries) {
    const read = readTensor(entry, rest, start);
    if (!read.ok) return read;
    tensors.push(read.value.tensor);
    start = read.value.end;
  }
  return start === rest.length
    ? ok(tensors)
    : err(`The message has ${rest.length - start} bytes that no tensor claims.`);
}

/** Errors: sentences on what is wrong with the message. `headerLength` null = there is JSON only. O(bytes). */
export function decodeRequest(body: Uint8Array, headerLength: number | null): Result<InferRequest> {
  const read = parts(body, headerLength);
  if (!read.ok) return read;
  const { header, rest } = read.value;
  const tensors = readTensors(header.get("inputs"), rest);
  if (!tensors.ok) return tensors;
  const names = new Set<string>();
  for (const { name } of tensors.value) {
    if (names.has(name)) return err(`The input "${name}" is given twice; expected it once.`);
    names.add(name);
  }
  const binaryByDefault = fieldsOf(header.get("parameters")).get("binary_data_output") === true;
  const listed = header.get("outputs");
  if (listed !== undefined && !Array.isArray(listed)) return err('"outputs" of the request is no list.');
  const outputs: { name: string; binary: boolean }[] = [];
  for (const entry of listed ?? []) {
    const fields = fieldsOf(entry);
    const name = fields.get("name");
    if (typeof name !== "string") return err("An output of the request has no name.");
    const binary = fieldsOf(fields.get("parameters")).get("binary_data");
    outputs.push({ name, binary: typeof binary === "boolean" ? binary : binaryByDefault });
  }
  const id = header.get("id");
  return ok({
    id: typeof id === "string" ? id : null,
    tensors: tensors.value,
    outputs: listed === undefined ? null : outputs,
    binaryByDefault,
  });
}

/** Errors: sentences on what is wrong with the message. O(bytes). */
export function decodeResponse(body: Uint8Array, headerLength: number | null): Result<InferResponse> {
  const read = parts(body, headerLength);
  if (!read.ok) return read;
  const tensors = readTensors(read.value.header.get("outputs"), read.value.rest);
  if (!tensors.ok) return tensors;
  const seconds = fieldsOf(read.value.header.get("parameters")).get(COMPUTE_SECONDS);
  return ok({ tensors: tensors.value, computeSeconds: typeof seconds === "number" ? seconds : null });
}

// A mark at the start is part of an element.
const elementDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Elements of BYTES, each behind its length in four bytes. Errors: lengths that do not add up, and what is no UTF-8. */
export function textsOf({ name, data }: Pick<WireTensor, "name" | "data">): Result<readonly string[]> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const texts: string[] = [];
  for (let start = 0; start < data.length; ) {
    const end = start + 4 > data.length ? Number.POSITIVE_INFINITY : start + 4 + view.getUint32(start, true);
    if (end > data.length) {
      return err(`Element ${texts.length} of tensor "${name}" does not end within the tensor's ${data.length} bytes.`);
    }
    try {
      texts.push(elementDecoder.decode(data.subarray(start + 4, end)));
    } catch {
      return err(`Element ${texts.length} of tensor "${name}" is not UTF-8; texts of BYTES are taken as UTF-8 only.`);
    }
    start = end;
  }
  return ok(texts);
}

/** Texts as BYTES. */
export function bytesOfTexts(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => encoder.encode(text));
  const data = new Uint8Array(encoded.reduce((sum, bytes) => sum + 4 + bytes.length, 0));
  const view = new DataView(data.buffer);
  let start = 0;
  for (const bytes of encoded) {
    view.setUint32(start, bytes.length, true);
    data.set(bytes, start + 4);
    start += 4 + bytes.length;
  }
  return data;
}

const SETTERS: ReadonlyMap<string, (view: DataView, offset: number, value: number) => void> = new Map([
  ["BOOL", (view, offset, value) => view.setUint8(offset, value === 0 ? 0 : 1)],
  ["UINT8", (view, offset, value) => view.setUint8(offset, value)],
  ["INT8", (view, offset, value) => view.setInt8(offset, value)],
  ["UINT16", (view, offset, value) => view.setUint16(offset, value, true)],
  ["INT16", (view, offset, value) => view.setInt16(offset, value, true)],
  ["UINT32", (view, offset, value) => view.setUint32(offset, value, true)],
  ["INT32", (view, offset, value) => view.setInt32(offset, value, true)],
  ["UINT64", (view, offset, value) => view.setBigUint64(offset, BigInt(value), true)],
  ["INT64", (view, offset, value) => view.setBigInt64(offset, BigInt(value), true)],
  ["FP32", (view, offset, value) => view.setFloat32(offset, value, true)],
  ["FP64", (view, offset, value) => view.setFloat64(offset, value, true)],
]);

type Getter = (view: DataView, offset: number) => number | bigint | boolean;
const GETTERS: ReadonlyMap<string, Getter> = new Map<string, Getter>([
  ["BOOL", (view, offset) => view.getUint8(offset) !== 0],
  ["UINT8", (view, offset) => view.getUint8(offset)],
  ["INT8", (view, offset) => view.getInt8(offset)],
  ["UINT16", (view, offset) => view.getUint16(offset, true)],
  ["INT16", (view, offset) => view.getInt16(offset, true)],
  ["UINT32", (view, offset) => view.getUint32(offset, true)],
  ["INT32", (view, offset) => view.getInt32(offset, true)],
  ["UINT64", (view, offset) => view.getBigUint64(offset, true)],
  ["INT64", (view, offset) => view.getBigInt64(offset, true)],
  ["FP32", (view, offset) => view.getFloat32(offset, true)],
  ["FP64", (view, offset) => view.getFloat64(offset, true)],
]);

const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127;
/** What an element given in JSON may be. Of 64 bits only those that JSON's numbers hold exactly. */
const RANGES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["UINT8", [0, 2 ** 8 - 1]],
  ["INT8", [-(2 ** 7), 2 ** 7 - 1]],
  ["UINT16", [0, 2 ** 16 - 1]],
  ["INT16", [-(2 ** 15), 2 ** 15 - 1]],
  ["UINT32", [0, 2 ** 32 - 1]],
  ["INT32", [-(2 ** 31), 2 ** 31 - 1]],
  ["UINT64", [0, Number.MAX_SAFE_INTEGER]],
  ["INT64", [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ["FP32", [-LARGEST_FLOAT, LARGEST_FLOAT]],
  ["FP64", [-Number.MAX_VALUE, Number.MAX_VALUE]],
]);

/** Why a number is none of a type, as a sentence; null where it is one. */
function misfit(name: string, datatype: string, value: number): string | null {
  const isWhole = !datatype.startsWith("FP");
  const [least, most] = RANGES.get(datatype) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return null;
  const kind = isWhole ? "a whole number" : "a number";
  const range = RANGES.has(datatype) ? ` from ${least} to ${most}` : "";
  const wider = datatype.endsWith("64") ? "; others only go as bytes" : "";
  return `Tensor "${name}" of ${datatype} holds ${value}; expected ${kind}${range}${wider}.`;
}

/** The numbers and texts of "data", nested or flat, as bytes. Errors: what is not of the type or the count. */
function bytesOfElements(name: string, data: unknown, datatype: string, count: number): Result<Uint8Array> {
  const flat: readonly unknown[] | null = Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : null;
  const fault = err(`Tensor "${name}" holds no ${count} elements of ${datatype}, neither in "data" nor as bytes.`);
  if (flat === null || flat.length !== count) return fault;
  if (datatype === "BYTES") {
    if (!flat.every((text) => typeof text === "string")) return fault;
    const broken = flat.findIndex((text) => !text.isWellFormed());
    if (broken < 0) return ok(bytesOfTexts(flat));
    return err(`Element ${broken} of tensor "${name}" holds half a surrogate pair; expected a text of Unicode.`);
  }
  const set = SETTERS.get(datatype);
  const width = ELEMENT_BYTES.get(datatype);
  if (set === undefined || width === undefined) return fault;
  const bytes = new Uint8Array(count * width);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of flat.entries()) {
    const number = typeof value === "boolean" ? Number(value) : value;
    if (typeof number !== "number") return fault;
    const sentence = misfit(name, datatype, number);
    if (sentence !== null) return err(sentence);
    set(view, i * width, number);
  }
  return ok(bytes);
}

const BINARY_OUTPUT = 'ask for it as bytes, by the parameter "binary_data" of the output';

/** The elements of a tensor for JSON. Errors: halves, and values that would be others there. */
function elementsOf(tensor: WireTensor): Result<readonly (number | boolean | string)[]> {
  const { name, datatype, data } = tensor;
  if (datatype === "BYTES") return textsOf(tensor);
  const get = GETTERS.get(datatype);
  const width = ELEMENT_BYTES.get(datatype);
  if (get === undefined || width === undefined)
    return err(`Output "${name}" of ${datatype} has no form in JSON; ${BINARY_OUTPUT}.`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const elements: (number | boolean)[] = [];
  for (let start = 0; start < data.length; start += width) {
    const value = get(view, start);
    const element = typeof value === "bigint" ? Number(value) : value;
    const isKept = typeof value === "bigint" ? Number.isSafeInteger(element) : Number.isFinite(Number(value));
    if (!isKept)
      return err(`Output "${name}" of ${datatype} holds ${value}, which JSON does not keep; ${BINARY_OUTPUT}.`);
    elements.push(element);
  }
  return ok(elements);
}
