import { err, ok, type Result } from "../../result.ts";
import { elementCount } from "../element-types.ts";
import type { ElementType } from "../model.ts";
import { elementBytes, elementsOf, type FileTensor } from "./elements.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
const TYPES: ReadonlyMap<string, ElementType> = new Map([
  ["f2", "float16"],
  ["f4", "float"],
  ["f8", "double"],
  ["b1", "bool"],
  ["u1", "uint8"],
  ["i1", "int8"],
  ["u2", "uint16"],
  ["i2", "int16"],
  ["u4", "uint32"],
  ["i4", "int32"],
  ["u8", "uint64"],
  ["i8", "int64"],
]);

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

interface Header {
  readonly type: ElementType;
  readonly isBigEndian: boolean;
  readonly isColumnMajor: boolean;
  readonly dims: readonly number[];
}

function readHeader(text: string, fileName: string): Result<Header> {
  const descr = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(text);
  if (descr === null || order === null || shape === null) {
    return err(
      `"${fileName}" has the header ${JSON.stringify(text.trim().slice(0, 80))}; expected descr, fortran_order and shape of plain numbers.`,
    );
  }
  const type = TYPES.get(descr[2] ?? "");
  if (type === undefined) {
    return err(
      `"${fileName}" holds elements of type "${descr[2] ?? ""}"; expected one of ${[...TYPES.keys()].join(", ")}.`,
    );
  }
  const dims = (shape[1] ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  return ok({ type, isBigEndian: descr[1] === ">", isColumnMajor: order[1] === "True" && dims.length > 1, dims });
}

/** Each element's bytes the other way round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = bytes[i - (i % width) + width - 1 - (i % width)] ?? 0;
  return result;
}

/** Elements in row-major order out of column-major order. O(elements x rank). */
function rowMajor(bytes: Uint8Array, width: number, dims: readonly number[]): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const index = dims.map(() => 0);
  for (let to = 0; to < bytes.length; to += width) {
    let [from, stride] = [0, 1];
    for (const [axis, size] of dims.entries()) {
      from += (index[axis] ?? 0) * stride;
      stride *= size;
    }
    result.set(bytes.subarray(from * width, (from + 1) * width), to);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next === dims[axis] ? 0 : next;
      if (next !== dims[axis]) break;
    }
  }
  return result;
}

/**
 * The array of a NumPy file (format versions 1 to 3, numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
 * in row-major order and the machine's byte order. Errors: another format, elements that are no plain numbers, a
 * length that does not fit the shape. O(bytes x rank).
 */
export function readNpy(bytes: Uint8Array, fileName: string): Result<FileTensor> {
  if (!isNpy(bytes) || bytes.length < 12)
    return err(`"${fileName}" is no NumPy file; expected one that numpy.save wrote.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = (bytes[6] ?? 0) > 1;
  const start = isLong ? 12 : 10;
  const end = start + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) return err(`"${fileName}" ends within its header.`);
  const header = readHeader(new TextDecoder().decode(bytes.subarray(start, end)), fileName);
  if (!header.ok) return header;
  const { type, isBigEndian, isColumnMajor, dims } = header.value;
  const width = elementBytes(type);
  const wanted = elementCount(dims) * width;
  if (bytes.length - end !== wanted) {
    return err(
      `"${fileName}" holds ${(bytes.length - end).toLocaleString("en-US")} bytes of elements; expected ${wanted.toLocaleString("en-US")} for the shape [${dims.join(", ")}].`,
    );
  }
  let content = bytes.subarray(end);
  if (isBigEndian) content = swapped(content, width);
  if (isColumnMajor) content = rowMajor(content, width, dims);
  const data = elementsOf(type, content);
  if (data === null) throw new Error(`no array for elements of type ${type}`);
  return ok({ elementType: type, dims, data });
}
