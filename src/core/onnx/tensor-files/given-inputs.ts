import { err, ok, type Result } from "../../result.ts";
import type { DimensionBindings, Model, TensorType } from "../model.ts";
import type { SeededInput } from "../seeded-inputs.ts";
import { boundDeclarations } from "../shapes/declared.ts";
import { ownInputs } from "../shapes/own-inputs.ts";
import type { FileTensor } from "./elements.ts";
import { isNpy, readNpy } from "./npy.ts";
import { readTensorProto } from "./tensor-proto.ts";

/** A file that holds a tensor to run a model on: .npy, or .pb with an ONNX TensorProto. */
export interface InputFile {
  readonly fileName: string;
  /** Input that it is for; null = told by the name of the tensor or of the file. */
  readonly input: string | null;
  readonly bytes: Uint8Array;
}

/** An input that was given instead of made up. */
export interface GivenInput {
  readonly input: SeededInput;
  /** Name of the file that it came from. */
  readonly file: string;
}

/** "input_0" as in the test data of the model zoo. */
const NUMBERED = /^input_(\d+)$/;

/** Input that a file is for: as stated, by the tensor's name, by the file's, by its number, or the only one. */
function target({ fileName, input }: InputFile, tensorName: string, names: readonly string[]): Result<string> {
  const known = names.map((name) => `"${name}"`).join(", ");
  if (input !== null) {
    return names.includes(input) ? ok(input) : err(`The model has no input "${input}"; it has ${known}.`);
  }
  const stem = fileName.replace(/\.[^.]*$/, "");
  const numbered = NUMBERED.exec(stem)?.[1];
  const only = names.length === 1 ? names[0] : undefined;
  const byNumber = numbered === undefined ? undefined : names[Number(numbered)];
  const found = [tensorName, stem, byNumber].find((name) => name !== undefined && names.includes(name)) ?? only;
  if (found !== undefined) return ok(found);
  return err(`"${fileName}" is named after no input of the model; it has ${known}.`);
}

const described = (type: string, shape: readonly unknown[]) =>
  `${type} [${shape.map((size) => size ?? "?").join(", ")}]`;

function misfit(fileName: string, { name, elementType, dims }: SeededInput, type: TensorType): string | null {
  const fits =
    (type.elementType === "undefined" || type.elementType === elementType) &&
    (type.shape === null ||
      (type.shape.length === dims.length &&
        type.shape.every((size, axis) => typeof size !== "number" || size === dims[axis])));
  if (fits) return null;
  return `"${fileName}" holds ${described(elementType, dims)}; the input "${name}" takes ${described(type.elementType, type.shape ?? ["..."])}.`;
}

/** By its first bytes, and by the file's ending where they hold no tensor. */
function readTensor(bytes: Uint8Array, fileName: string): Result<FileTensor> {
  if (bytes.length === 0) return err(`"${fileName}" is empty; expected a tensor (.npy or .pb).`);
  if (isNpy(bytes) || /\.npy$/i.test(fileName)) return readNpy(bytes, fileName);
  const read = readTensorProto(bytes, fileName);
  const ending = /\.[^./\\]+$/.exec(fileName)?.[0] ?? ".pb";
  return read.ok || /^\.pb$/i.test(ending) ? read : err(`"${fileName}" ends in ${ending}; expected .npy or .pb.`);
}

/**
 * Inputs of a model out of files, each for one input. Errors, one sentence each: a file that cannot be read, that is
 * for no input or for one that another is for, or whose type or shape is not the input's. O(bytes).
 */
export function givenInputs(
  model: Model,
  bindings: DimensionBindings,
  files: readonly InputFile[],
): Result<readonly GivenInput[]> {
  const { graph } = model.proto;
  const names = graph === undefined ? [] : ownInputs(graph).map(({ name }) => name);
  const types = boundDeclarations(model, bindings);
  const given = new Map<string, GivenInput>();
  for (const file of files) {
    const { fileName, bytes } = file;
    const read = readTensor(bytes, fileName);
    if (!read.ok) return read;
    const name = target(file, "name" in read.value ? String(read.value.name) : "", names);
    if (!name.ok) return name;
    const other = given.get(name.value);
    if (other !== undefined) return err(`"${other.file}" and "${fileName}" are both for the input "${name.value}".`);
    const input: SeededInput = { ...read.value, name: name.value };
    const type = types.get(name.value);
    const fault = type === undefined ? null : misfit(fileName, input, type);
    if (fault !== null) return err(fault);
    given.set(name.value, { input, file: fileName });
  }
  return ok([...given.values()]);
}
