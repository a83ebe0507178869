import type { ModelProto } from "onnx-buf";
import { type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { err, ok, type Result } from "../result.ts";
import { elementCount, elementTypeOf, storedBytes } from "./element-types.ts";
import { externalPath, namedFile } from "./external-path.ts";
import type { Model, WeightLocation } from "./model.ts";
import type { ByteSource } from "./source.ts";
import { storedTensors } from "./stored-tensors.ts";

export interface ExternalIndex {
  /** Names as they stand in the model, in order of first use. */
  readonly files: readonly string[];
  readonly weights: ReadonlyMap<string, WeightLocation>;
}

/** Finds every initializer and Constant payload that lies in another file. O(nodes + initializers). */
export function indexExternal(proto: ModelProto): ExternalIndex {
  const blobs = new Map<string, number>();
  const weights = new Map<string, WeightLocation>();
  for (const { tensor, key } of storedTensors(proto)) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const file = entries.get("location") ?? "";
    const blob = blobs.get(file) ?? blobs.size + 1;
    blobs.set(file, blob);
    const length = entries.get("length");
    weights.set(key, {
      blob,
      offset: Number(entries.get("offset") ?? 0),
      length: length === undefined ? typedBytes(tensor) : Number(length),
      field: "rawData",
    });
  }
  return { files: [...blobs.keys()], weights };
}

function typedBytes(tensor: TensorProto): number {
  return storedBytes(elementTypeOf(tensor.dataType), elementCount(tensor.dims.map(Number)));
}

/**
 * Bytes of one removed or external payload. `others` are the files that came with the model; one is taken for an
 * external file when its path, or else its last part, is the same. Reads just the payload.
 */
export function readWeight(
  model: Model,
  location: WeightLocation,
  file: ByteSource,
  others: readonly ByteSource[],
): Result<Uint8Array> {
  let source = file;
  if (location.blob > 0) {
    const name = model.externalFiles[location.blob - 1];
    if (name === undefined) throw new RangeError(`no external file ${location.blob} in ${model.fileName}`);
    const found = externalSource(model, name, others);
    if (!found.ok) return found;
    source = found.value;
  }
  const { offset, length } = location;
  const size = Number.isNaN(length) ? source.size - offset : length;
  if (!(offset >= 0 && size >= 0 && offset + size <= source.size)) {
    return err(
      `"${source.name}" has ${source.size.toLocaleString("en-US")} bytes, but "${model.fileName}" places a weight of ` +
        `${size.toLocaleString("en-US")} bytes at byte ${offset.toLocaleString("en-US")} of it.`,
    );
  }
  return ok(source.read(offset, size));
}

/** The one of `others` that the model calls `location`, by its path or else its last part. O(files). */
export function externalSource(model: Model, location: string, others: readonly ByteSource[]): Result<ByteSource> {
  const path = externalPath(model.fileName, location);
  if (!path.ok) return path;
  const found = namedFile(path.value, others);
  if (found !== undefined) return ok(found);
  return err(`"${model.fileName}" keeps its weights in "${path.value}"; open that file together with the model.`);
}

/**
 * The same, for who needs all that the model keeps there. Errors: also a file that ends before a weight does.
 * O(files + weights).
 */
export function wholeExternalSource(model: Model, location: string, others: readonly ByteSource[]): Result<ByteSource> {
  const found = externalSource(model, location, others);
  if (!found.ok) return found;
  const blob = 1 + model.externalFiles.indexOf(location);
  for (const { blob: of, offset, length } of model.weights.values()) {
    // Of an unknown length it takes the rest.
    const end = offset + (Number.isNaN(length) ? 0 : length);
    if (of === blob && !(end <= found.value.size)) return err(endsEarly(found.value, model, end));
  }
  return found;
}

/** The sentence on a file that ends before one of the model's weights does, at byte `end`. */
export function endsEarly(file: ByteSource, model: Model, end: number): string {
  const bytes = (count: number) => count.toLocaleString("en-US");
  return `"${file.name}" has ${bytes(file.size)} bytes; "${model.fileName}" expects a weight to end at byte ${bytes(end)} of it.`;
}
