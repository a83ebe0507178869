import type { Dimension } from "../../model.ts";
import { axisOf, mapSize, times, unknownSizes } from "../dimensions.ts";
import { open, type Shape, tensor } from "../fact.ts";
import type { Outcome, Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { keeps } from "./elementwise.ts";
import { sizesInput } from "./generators.ts";

const FROM_DATA = "its size is computed from data";

/** A size times a factor in single precision, as runtimes compute it, rounded down. */
function scaled(size: Dimension, scale: number): Dimension {
  if (scale === 1) return size;
  return mapSize(size, (n) => Math.floor(Math.fround(Math.fround(n) * Math.fround(scale))));
}

/** Resize: factors, or sizes from operator set 11 on; from 18 on for some axes, and with the ratio of sizes kept. */
const resize: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  const [scalesAt, sizesAt] = op.opset >= 11 ? [2, 3] : [1, -1];
  const sizes = sizesAt > 0 && op.has(sizesAt) ? sizesInput(op, sizesAt) : undefined;
  if (shape === null)
    return [tensor(elementType, sizes === undefined || op.attribute("axes") !== undefined ? null : sizes)];
  const places = (op.ints("axes") ?? shape.map((_, axis) => axis)).map((axis) => axisOf(axis, shape.length));
  if (places.includes(null)) return `axes ${places.join(", ")} are not in a tensor of rank ${shape.length}`;
  const axes = places.filter((axis) => axis !== null);
  const isEmpty = sizes === undefined || (sizes !== null && sizes.length === 0);
  if (isEmpty) return byScales(op, shape, axes, op.numbers(scalesAt));
  if (sizes === null) return [open(elementType, unknownSizes(shape.length), FROM_DATA)];
  if (sizes.length !== axes.length) return `${sizes.length} sizes do not fit ${axes.length} axes`;
  const policy = op.text("keep_aspect_ratio_policy", "stretch");
  const wanted = policy === "stretch" ? sizes : keptRatio(shape, axes, sizes, policy);
  const resized = [...shape];
  for (const [index, axis] of axes.entries()) resized[axis] = wanted[index] ?? null;
  return [resized.includes(null) ? open(elementType, resized, FROM_DATA) : tensor(elementType, resized)];
};

/** Sizes of one factor for all axes: the largest that stays within, or the smallest that reaches, what is wanted. */
function keptRatio(
  shape: Shape,
  axes: readonly number[],
  sizes: readonly Dimension[],
  policy: string,
): readonly Dimension[] {
  const ratios = axes.map((axis, index) => {
    const [from, to] = [shape[axis], sizes[index]];
    return typeof from === "number" && typeof to === "number" ? Math.fround(to / from) : Number.NaN;
  });
  const ratio = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return axes.map((axis) =>
    Number.isFinite(ratio) ? mapSize(shape[axis], (n) => Math.round(Math.fround(n * ratio))) : null,
  );
}

function byScales(op: ShapeOp, shape: Shape, axes: readonly number[], scales: readonly number[] | null): Outcome {
  const elementType = op.elementType(0);
  if (scales === null) return [open(elementType, unknownSizes(shape.length), FROM_DATA)];
  if (scales.length !== axes.length) return `${scales.length} factors do not fit ${axes.length} axes`;
  const resized = [...shape];
  for (const [index, axis] of axes.entries()) resized[axis] = scaled(shape[axis] ?? null, scales[index] ?? 1);
  return [tensor(elementType, resized)];
}

/** Upsample: factors in an attribute, from operator set 9 on in an input. */
const upsample: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [tensor(op.elementType(0), null)];
  const height = op.attribute("height_scale")?.f;
  const scales =
    height === undefined ? (op.floats("scales") ?? op.numbers(1)) : [1, 1, height, op.float("width_scale", 1)];
  return byScales(
    op,
    shape,
    shape.map((_, axis) => axis),
    scales,
  );
};

/** GridSample: X [N, C, ...], grid [N, ..., axes] -> [N, C, ...]. */
const gridSample: Rule = (op) => {
  const [input, grid] = [op.shape(0), op.shape(1)];
  if (grid === null) return [tensor(op.elementType(0), null)];
  return [tensor(op.elementType(0), [input?.[0] ?? grid[0] ?? null, input?.[1] ?? null, ...grid.slice(1, -1)])];
};

/** AffineGrid: size [N, C, (D,) H, W] -> [N, (D,) H, W, axes]. */
const affineGrid: Rule = (op) => {
  const sizes = sizesInput(op, 1);
  if (sizes === null) return [open(op.elementType(0), null, FROM_DATA)];
  const [batch = null, , ...spatial] = sizes;
  return [tensor(op.elementType(0), [batch, ...spatial, spatial.length])];
};

/** Col2Im: X [N, C x block, L] -> [N, C, ...image]. */
const columnsToImage: Rule = (op) => {
  const [input, image, block] = [op.shape(0), sizesInput(op, 1), op.numbers(2)];
  const elementType = op.elementType(0);
  if (image === null) return [open(elementType, null, FROM_DATA)];
  const area = block?.reduce((total, size) => total * size, 1) ?? null;
  const channels = area === null ? null : mapSize(input?.[1], (size) => size / area);
  return [tensor(elementType, [input?.[0] ?? null, channels, ...image])];
};

/** NonMaxSuppression: as many rows of batch, class and box as are kept. */
const suppression: Rule = () => [open("int64", [null, 3], "how many boxes are kept depends on the data")];

const decodedImage: Rule = (op) => {
  const channels = op.text("pixel_format", "RGB") === "Grayscale" ? 1 : 3;
  return [open("uint8", [null, null, channels], "the size of the image depends on the data")];
};

/** Crop of the first ONNX versions: a border [left, top, right, bottom], or with `scale` [height, width]. */
const crop: Rule = (op) => {
  const shape = op.shape(0);
  if (shape === null) return [tensor(op.elementType(0), null)];
  if (shape.length !== 4) return `a tensor of rank ${shape.length} is no batch of images`;
  const [left = 0, top = 0, right = 0, bottom = 0] = op.ints("border") ?? [];
  const [batch = null, channels = null, height = null, width = null] = shape;
  const [tall, wide] = op.ints("scale") ?? [];
  const cut = (size: Dimension, lost: number) => mapSize(size, (n) => n - lost);
  return [
    tensor(op.elementType(0), [batch, channels, tall ?? cut(height, top + bottom), wide ?? cut(width, left + right)]),
  ];
};

/** Ops on images and other grids. */
export const spatial: ShapeFamily = {
  domain: "",
  rules: {
    Resize: resize,
    Upsample: upsample,
    GridSample: gridSample,
    AffineGrid: affineGrid,
    Col2Im: columnsToImage,
    NonMaxSuppression: suppression,
    ImageDecoder: decodedImage,
    Crop: crop,
    Affine: keeps,
    ImageScaler: keeps,
    ParametricSoftplus: keeps,
    Scale: keeps,
    ScaledTanh: keeps,
  },
};

export const contribSpatial: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    GridSample: gridSample,
    /** X [N, C, H, W], rois [R, 4], batch indices [R], size of the crop [2] -> [R, C, height, width]. */
    CropAndResize: (op) => {
      const [height = null, width = null] = sizesInput(op, 3) ?? [];
      return [tensor(op.elementType(0), [op.shape(1)?.[0] ?? null, op.shape(0)?.[1] ?? null, height, width])];
    },
    /** X [..., L] -> [..., (L - size) / step + 1, size]. */
    UnfoldTensor: (op) => {
      const shape = op.shape(0);
      const [size, step] = [op.int("size", 0), op.int("step", 1)];
      const axis = shape === null ? null : axisOf(op.int("dim", -1), shape.length);
      if (shape === null || axis === null) return [tensor(op.elementType(0), null)];
      const count = mapSize(shape[axis], (n) => Math.floor((n - size) / step) + 1);
      return [tensor(op.elementType(0), [...shape.with(axis, count), size])];
    },
    Upsample: upsample,
    ComplexMul: keeps,
    ComplexMulConj: keeps,
    /** Real numbers, twice as many as complex ones, in a last axis of 2. */
    Rfft: (op) => {
      const shape = op.shape(0);
      const length = mapSize(shape?.at(-1), (n) => Math.floor(n / 2) + 1);
      const isFlat = op.int("signal_ndim", 1) === 1;
      return [tensor(op.elementType(0), shape === null || !isFlat ? null : [...shape.slice(0, -1), length, 2])];
    },
    Irfft: (op) => {
      const shape = op.shape(0);
      const length = mapSize(shape?.at(-2), (n) => 2 * (n - 1));
      const isFlat = op.int("signal_ndim", 1) === 1;
      return [tensor(op.elementType(0), shape === null || !isFlat ? null : [...shape.slice(0, -2), length])];
    },
    DepthToSpace: (op) => {
      const shape = op.shape(0);
      const block = op.int("blocksize", 1);
      if (shape?.length !== 4 || op.int("channels_last", 0) !== 1) return [tensor(op.elementType(0), null)];
      const [batch = null, height = null, width = null, channels = null] = shape;
      const deep = mapSize(channels, (n) => n / (block * block));
      return [tensor(op.elementType(0), [batch, times(height, block), times(width, block), deep])];
    },
  },
};
