import { createRandom, fillUnit, seedFor } from "../random.ts";
import { err, ok, type Result } from "../result.ts";
import { elementCount } from "./element-types.ts";
import type { DimensionBindings, ElementType, Model } from "./model.ts";
import { boundDeclarations } from "./shapes/declared.ts";
import { ownInputs } from "./shapes/own-inputs.ts";
import { vocabularies } from "./vocabularies.ts";

export type InputData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[];

/** A tensor to run a model on. "float16" has its bits in a Uint16Array, "bool" bytes of 0 and 1. */
export interface SeededInput {
  readonly name: string;
  readonly elementType: ElementType;
  readonly dims: readonly number[];
  readonly data: InputData;
}

/** More elements than this in one input are a wrong size of a dimension, not an input. */
const MOST_ELEMENTS = 2 ** 28;
/** Names of inputs that say which elements count: all do. */
const MASK = /mask|valid|padding/i;
/** Names of inputs that tell segments apart: there is one. */
const SEGMENT = /segment|token_type/i;

interface Range {
  readonly low: number;
  /** Exclusive. */
  readonly high: number;
}

/** Whole numbers that an integer input is likely to take. */
function integerRange(name: string, type: ElementType, rank: number, vocabulary: number | undefined): Range {
  if (MASK.test(name)) return { low: 1, high: 2 };
  if (SEGMENT.test(name)) return { low: 0, high: 1 };
  if (vocabulary !== undefined) return { low: 0, high: vocabulary };
  if (type === "uint8" && rank > 1) return { low: 0, high: 256 };
  if (type === "int8" && rank > 1) return { low: -128, high: 128 };
  // A length, a count, an index, a divisor: 1 is valid as each.
  return { low: 1, high: 2 };
}

function units<Target extends Float32Array | Float64Array>(target: Target, seed: number): Target {
  fillUnit(target, seed);
  return target;
}

/** Fills in order: the typed arrays' own `from` takes ten times as long, by way of a list. */
function filled<Value, Target extends { readonly length: number; [index: number]: Value }>(
  target: Target,
  next: () => Value,
): Target {
  for (let i = 0; i < target.length; i++) target[i] = next();
  return target;
}

/** The data of one input, null for an element type that no runtime takes from JavaScript. */
function dataOf(name: string, type: ElementType, elements: number, range: Range, seed: number): InputData | null {
  const isMask = MASK.test(name);
  const random = createRandom(seed);
  /** 32 random bits. */
  const next = () => random.next() * 2 ** 32;
  const integer = () => range.low + (next() % (range.high - range.low));
  const big = () => BigInt(integer());
  switch (type) {
    case "float":
      return isMask ? new Float32Array(elements).fill(1) : units(new Float32Array(elements), seed);
    case "double":
      return isMask ? new Float64Array(elements).fill(1) : units(new Float64Array(elements), seed);
    case "float16":
      // The bits of numbers from 0.5 to 1: exponent 14, a random fraction; 0x3c00 is 1.
      return filled(new Uint16Array(elements), () => (isMask ? 0x3c00 : 0x3800 | (next() & 0x3ff)));
    case "bool":
      return new Uint8Array(elements).fill(1);
    case "uint8":
      return filled(new Uint8Array(elements), integer);
    case "int8":
      return filled(new Int8Array(elements), integer);
    case "uint16":
      return filled(new Uint16Array(elements), integer);
    case "int16":
      return filled(new Int16Array(elements), integer);
    case "int32":
      return filled(new Int32Array(elements), integer);
    case "uint32":
      return filled(new Uint32Array(elements), integer);
    case "int64":
      return filled(new BigInt64Array(elements), big);
    case "uint64":
      return filled(new BigUint64Array(elements), big);
    case "string":
      return Array.from({ length: elements }, () => "text");
    default:
      return null;
  }
}

/**
 * One tensor per input that a caller of the model must provide, made of pseudo-random numbers: the same seed gives the
 * same tensors on every engine. Floats are uniform in [0, 1); ids lie within the tables that they index; masks are 1;
 * bytes in tensors of rank 2 and more take their whole range; other whole numbers are 1. Errors: an input without
 * rank or with an open dimension, of a kind or element type that cannot be made. O(nodes + elements).
 */
export function seededInputs(
  model: Model,
  bindings: DimensionBindings,
  seed = 1,
): Result<readonly SeededInput[], string> {
  const { graph } = model.proto;
  const types = boundDeclarations(model, bindings);
  const sizes = vocabularies(model);
  const inputs: SeededInput[] = [];
  const fault = (name: string, what: string) => err(`"${model.fileName}": the input "${name}" ${what}.`);
  for (const { name } of graph === undefined ? [] : ownInputs(graph)) {
    const type = types.get(name);
    if (type === undefined || type.kind === "other") return fault(name, "is no tensor; only tensors can be made up");
    const { elementType, shape } = type;
    if (shape === null)
      return fault(name, "has no shape in the file; its number of dimensions must be known to run it");
    const dims: number[] = [];
    for (const size of shape) {
      if (typeof size !== "number") return fault(name, `has an open dimension, "${size ?? "?"}"; a size was expected`);
      dims.push(size);
    }
    const elements = elementCount(dims);
    if (elements > MOST_ELEMENTS) {
      return fault(
        name,
        `has ${elements.toLocaleString("en-US")} elements; at most ${MOST_ELEMENTS.toLocaleString("en-US")} were expected`,
      );
    }
    const range = integerRange(name, elementType, dims.length, sizes.get(name));
    const data = dataOf(name, elementType, elements, range, seedFor(name, seed));
    if (data === null) return fault(name, `has elements of type ${elementType}, which cannot be made up here`);
    inputs.push({ name, elementType, dims, data });
  }
  return ok(inputs);
}
