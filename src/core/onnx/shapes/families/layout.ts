import type { Dimension } from "../../model.ts";
import { axesOf, axisOf, broadcast, product, shapeText, sharedShape, times, unknownSizes } from "../dimensions.ts";
import { type Fact, open, type Shape, tensor, VALUE_LIMIT, type Values } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { smallCount } from "../values.ts";
import { keeps } from "./elementwise.ts";
import { attributeOrInput, sizesInput, unknownElements } from "./generators.ts";

const FROM_DATA = "its shape is computed from data";

/** The first input with another shape and the same elements in the same order. */
function reshaped(op: ShapeOp, shape: Shape | null): Fact {
  return tensor(op.elementType(0), shape, op.value(0));
}

const reshape: Rule = (op) => {
  const target = op.ints("shape") ?? sizesInput(op, 1);
  const elementType = op.elementType(0);
  if (target === null) return [open(elementType, null, FROM_DATA)];
  const input = op.shape(0);
  const keepsZero = op.int("allowzero", 0) === 1;
  const copied = target.map((size, axis) => (size === 0 && !keepsZero ? (input?.[axis] ?? null) : size));
  const open_ = copied.flatMap((size, axis) => (size === -1 || size === null ? [axis] : []));
  const [axis] = open_;
  if (axis === undefined) return fitting(op, input, copied);
  const shape = copied.map((size) => (size === -1 ? null : size));
  if (open_.length > 1 || input === null) return [open(elementType, shape, FROM_DATA)];
  const rest = quotient(input, copied.toSpliced(axis, 1));
  if (rest === undefined) return `the elements of ${shapeText(input)} do not fill the shape ${shapeText(target)}`;
  const whole = shape.with(axis, rest);
  return [rest === null ? open(elementType, whole, FROM_DATA) : reshaped(op, whole)];
};

function fitting(op: ShapeOp, input: Shape | null, shape: Shape): Outcome {
  const [before, after] = [input === null ? null : product(input), product(shape)];
  if (typeof before === "number" && typeof after === "number" && before !== after) {
    return `the ${before} elements of its input do not fill the shape ${shapeText(shape)}`;
  }
  return [reshaped(op, shape)];
}

/** What `whole` has besides `part`; null where it cannot be told, undefined where `part` does not divide it. */
function quotient(whole: Shape, part: Shape): Dimension | undefined {
  const left = [...whole];
  let divisor = 1;
  for (const size of part) {
    if (size === null) return null;
    const same = typeof size === "string" ? left.indexOf(size) : -1;
    if (same >= 0) left.splice(same, 1);
    else if (typeof size === "string") return null;
    else divisor *= size;
  }
  const names = left.filter((size) => typeof size !== "number");
  const dividend = left.reduce<number>((total, size) => (typeof size === "number" ? total * size : total), 1);
  if (names.length > 0) return names.length === 1 && dividend === divisor ? (names[0] ?? null) : null;
  if (divisor === 0) return dividend === 0 ? 0 : undefined;
  return dividend % divisor === 0 ? dividend / divisor : undefined;
}

const flatten: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [open(op.elementType(0), [null, null], FROM_DATA)];
  const axis = op.int("axis", 1);
  const place = axis < 0 ? axis + shape.length : axis;
  if (!(place >= 0 && place <= shape.length)) return `axis ${axis} is not in a tensor of rank ${shape.length}`;
  return [reshaped(op, [product(shape.slice(0, place)), product(shape.slice(place))])];
};

const squeeze: Rule = (op) => {
  const shape = op.shape(0);
  const axes = attributeOrInput(op, "axes", 1);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  if (axes === null) return [open(elementType, null, "its axes are computed from data")];
  if (axes === undefined) {
    if (shape.some((size) => typeof size !== "number"))
      return [open(elementType, null, "which axes are 1 is not known")];
    return [
      reshaped(
        op,
        shape.filter((size) => size !== 1),
      ),
    ];
  }
  const gone = axesOf(axes, shape.length);
  if (gone === null) return `axes ${axes.join(", ")} are not in a tensor of rank ${shape.length}`;
  const wrong = shape.find((size, axis) => gone.has(axis) && typeof size === "number" && size !== 1);
  if (wrong !== undefined) return `an axis of size ${wrong} cannot be left out`;
  return [
    reshaped(
      op,
      shape.filter((_, axis) => !gone.has(axis)),
    ),
  ];
};

const unsqueeze: Rule = (op) => {
  const shape = op.shape(0);
  const axes = attributeOrInput(op, "axes", 1);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  if (axes === undefined) return "it says no axes";
  if (axes === null) {
    const count = op.shape(1)?.[0] ?? null;
    const rank = typeof count === "number" ? shape.length + count : null;
    return [open(elementType, unknownSizes(rank), "its axes are computed from data")];
  }
  const rank = shape.length + axes.length;
  const added = axesOf(axes, rank);
  if (added === null || added.size !== axes.length || rank > VALUE_LIMIT) {
    return `axes ${axes.slice(0, 8).join(", ")} cannot be put into a tensor of rank ${shape.length}`;
  }
  let next = 0;
  return [
    reshaped(
      op,
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (shape[next++] ?? null))),
    ),
  ];
};

const transpose: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [tensor(op.elementType(0), null)];
  const order = op.ints("perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
  if (order.length !== shape.length || axesOf(order, shape.length)?.size !== shape.length) {
    return `the order ${order.slice(0, 8).join(", ")} is none of ${shape.length} axes`;
  }
  const sizes = order.map((axis) => shape.at(axis) ?? null);
  return [tensor(op.elementType(0), sizes, shape.length <= 1 ? op.value(0) : null)];
};

const expand: Rule = (op) => {
  const shape = op.shape(0);
  const target = sizesInput(op, 1);
  const elementType = op.elementType(0);
  if (shape === null || target === null) return [open(elementType, null, FROM_DATA)];
  const both = broadcast([shape, target]);
  if (typeof both === "string") return both;
  const [value] = op.value(0) ?? [];
  const count = smallCount(both);
  const fills = value !== undefined && op.value(0)?.length === 1 && count !== null;
  return [
    both.includes(null)
      ? open(elementType, both, FROM_DATA)
      : tensor(elementType, both, fills ? repeat(value, count) : null),
  ];
};

function repeat(value: Dimension, count: number): Values {
  return new Array<Dimension>(count).fill(value);
}

const tile: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  if (op.opset < 6 && op.has(2)) {
    const [tiles, axis] = [op.scalar(1), op.scalar(2)];
    const place = typeof axis === "number" ? axisOf(axis, shape.length) : null;
    if (place === null) return [open(elementType, unknownSizes(shape.length), FROM_DATA)];
    return [tensor(elementType, shape.with(place, times(shape[place] ?? null, tiles)))];
  }
  const repeats = op.value(1);
  if (repeats === null) return [open(elementType, unknownSizes(shape.length), FROM_DATA)];
  if (repeats.length !== shape.length) return `it repeats ${repeats.length} axes of a tensor of rank ${shape.length}`;
  const tiled = shape.map((size, axis) => times(size, repeats[axis] ?? null));
  const value = op.value(0);
  const count = shape.length === 1 && value !== null ? smallCount(tiled) : null;
  if (value === null || count === null) return [tensor(elementType, tiled)];
  return [
    tensor(
      elementType,
      tiled,
      Array.from({ length: count }, (_, place) => value[place % value.length] ?? null),
    ),
  ];
};

const concat: Rule = (op) => {
  const shapes = op.inputs.map((_, place) => op.shape(place));
  const known = shapes.filter((shape) => shape !== null);
  const elementType = op.elementType(0);
  const [first] = known;
  if (first === undefined) return [tensor(elementType, null)];
  const axis = axisOf(op.int("axis", 1), first.length);
  if (axis === null) return `axis ${op.int("axis", 1)} is not in a tensor of rank ${first.length}`;
  const others = sharedShape(known.map((shape) => shape.map((size, place) => (place === axis ? 0 : size))));
  if (typeof others === "string") return others;
  const isWhole = known.length === shapes.length;
  const sizes = known.map((shape) => shape[axis] ?? null);
  const length = isWhole ? sum(sizes) : null;
  const shape = others.with(axis, length);
  const joined = isWhole && shape.length === 1 ? joinValues(op) : null;
  return [tensor(elementType, shape, joined)];
};

function sum(sizes: readonly Dimension[]): Dimension {
  const others = sizes.filter((size) => size !== 0);
  if (others.length === 1) return others[0] ?? null;
  return others.reduce<Dimension>(
    (total, size) => (typeof total === "number" && typeof size === "number" ? total + size : null),
    0,
  );
}

function joinValues(op: ShapeOp): Values | null {
  const parts = op.inputs.map((_, place) => op.value(place) ?? unknownElements(op.shape(place)?.[0]));
  const known = parts.filter((part) => part !== null);
  if (known.length !== parts.length || known.every((part) => part.every((element) => element === null))) return null;
  const joined = known.flat();
  return joined.length <= VALUE_LIMIT ? joined : null;
}

const split: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  const outputs = op.outputCount;
  if (shape === null) return Array.from({ length: outputs }, () => tensor(elementType, null));
  const axis = axisOf(op.int("axis", 0), shape.length);
  if (axis === null) return `axis ${op.int("axis", 0)} is not in a tensor of rank ${shape.length}`;
  const stated = attributeOrInput(op, "split", 1);
  const sizes =
    stated ?? (stated === null ? null : equalParts(shape[axis] ?? null, op.int("num_outputs", outputs), outputs));
  const value = shape.length === 1 ? op.value(0) : null;
  let start = 0;
  return Array.from({ length: outputs }, (_, output) => {
    const size = sizes?.[output] ?? null;
    const part = value !== null && size !== null ? value.slice(start, start + size) : null;
    start += size ?? 0;
    const piece = shape.with(axis, size);
    return size === null ? open(elementType, piece, "how it is split is not known") : tensor(elementType, piece, part);
  });
};

/** Parts of one size, the last one smaller where they do not divide it. */
function equalParts(size: Dimension, parts: number, outputs: number): readonly number[] | null {
  if (typeof size !== "number" || !(parts >= 1)) return null;
  const part = Math.ceil(size / parts);
  return Array.from({ length: outputs }, (_, output) => Math.max(0, Math.min(part, size - output * part)));
}

const pad: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  const pads = op.ints("pads") ?? op.ints("paddings") ?? op.value(1);
  const axes = op.has(3) ? op.numbers(3) : shape.map((_, axis) => axis);
  if (pads === null || axes === null)
    return [open(elementType, unknownSizes(shape.length), "its padding is computed from data")];
  const places = axes.map((axis) => axisOf(axis, shape.length));
  if (pads.length !== 2 * axes.length || places.includes(null)) {
    return `${pads.length} paddings do not fit ${axes.length} axes of a tensor of rank ${shape.length}`;
  }
  const padded = [...shape];
  for (const [index, place] of places.entries()) {
    const [before, after] = [pads[index] ?? null, pads[index + axes.length] ?? null];
    if (place !== null) padded[place] = sum([padded[place] ?? null, before, after]);
  }
  return [tensor(elementType, padded)];
};

const depthToSpace: Rule = (op) => {
  const shape = op.shape(0);
  const block = op.int("blocksize", 0);
  if (shape === null) return [tensor(op.elementType(0), null)];
  const [batch = null, channels = null, height = null, width = null] = shape;
  if (shape.length !== 4 || !(block >= 1)) return `blocks of ${block} in a tensor of rank ${shape.length} cannot be`;
  const deep = typeof channels === "number" ? channels / (block * block) : null;
  return [tensor(op.elementType(0), [batch, deep, times(height, block), times(width, block)])];
};

const spaceToDepth: Rule = (op) => {
  const shape = op.shape(0);
  const block = op.int("blocksize", 0);
  if (shape === null) return [tensor(op.elementType(0), null)];
  const [batch = null, channels = null, height = null, width = null] = shape;
  if (shape.length !== 4 || !(block >= 1)) return `blocks of ${block} in a tensor of rank ${shape.length} cannot be`;
  const part = (size: Dimension) => (typeof size === "number" ? size / block : null);
  return [tensor(op.elementType(0), [batch, times(channels, block * block), part(height), part(width)])];
};

const centerCropPad: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  const places = (op.ints("axes") ?? shape.map((_, axis) => axis)).map((axis) => axisOf(axis, shape.length));
  const sizes = sizesInput(op, 1);
  if (places.includes(null) || sizes?.length !== places.length) return "its axes do not fit its sizes";
  const cropped = [...shape];
  for (const [index, place] of places.entries()) if (place !== null) cropped[place] = sizes[index] ?? null;
  return [tensor(elementType, cropped)];
};

/** Ops that lay out the elements of a tensor anew. */
export const layoutOps: ShapeFamily = {
  domain: "",
  rules: {
    Reshape: reshape,
    Flatten: flatten,
    Squeeze: squeeze,
    Unsqueeze: unsqueeze,
    Transpose: transpose,
    Expand: expand,
    Tile: tile,
    Concat: concat,
    Split: split,
    Pad: pad,
    DepthToSpace: depthToSpace,
    SpaceToDepth: spaceToDepth,
    CenterCropPad: centerCropPad,
    TensorScatter: keeps,
  },
};

export const contribLayout: ShapeFamily = {
  domain: "com.microsoft",
  rules: { Pad: pad, ExpandDims: expandDims },
};

/** ExpandDims of com.microsoft: one axis, from an input. */
function expandDims(op: ShapeOp): Outcome {
  const shape = op.shape(0);
  const axis = op.scalar(1);
  if (shape === null) return [tensor(op.elementType(0), null)];
  const place = typeof axis === "number" ? axisOf(axis, shape.length + 1) : null;
  if (place === null)
    return [open(op.elementType(0), unknownSizes(shape.length + 1), "its axis is computed from data")];
  return [reshaped(op, shape.toSpliced(place, 0, 1))];
}
