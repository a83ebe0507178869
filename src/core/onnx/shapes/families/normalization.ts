import { axisOf } from "../dimensions.ts";
import { tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { typeAttribute } from "./conversions.ts";
import { keeps, likeInput } from "./elementwise.ts";

/** BatchNormalization: in training it writes means and variances, one for each channel. */
const batch: Rule = (op) => {
  const channels = [op.shape(0)?.[1] ?? op.shape(1)?.[0] ?? null];
  const statistics = tensor(op.has(3) ? op.elementType(3) : op.elementType(0), channels);
  return [likeInput(op), statistics, statistics, statistics, statistics];
};

/** LayerNormalization: behind the output the mean and the inverse deviation, whose normalised axes have size 1. */
const layer: Rule = (op) => {
  const shape = op.shape(0);
  const axis = shape === null ? null : axisOf(op.int("axis", -1), shape.length);
  if (shape !== null && axis === null) return `axis ${op.int("axis", -1)} is not in a tensor of rank ${shape.length}`;
  const sizes = shape?.map((size, place) => (axis !== null && place >= axis ? 1 : size)) ?? null;
  const statistics = tensor(typeAttribute(op, "stash_type", "float"), sizes);
  return [likeInput(op), statistics, statistics];
};

const KEEP = `GroupNormalization Hardmax InstanceNormalization LRN LogSoftmax LpNormalization
  MeanVarianceNormalization RMSNormalization Softmax`;

/** Normalisations. */
export const normalization: ShapeFamily = {
  domain: "",
  rules: {
    ...Object.fromEntries(KEEP.split(/\s+/).map((name) => [name, keeps])),
    BatchNormalization: batch,
    LayerNormalization: layer,
    SimplifiedLayerNormalization: layer,
  },
};

/** Skip connections before a layer normalisation: behind the statistics, the sum that was normalised. */
const skipLayer: Rule = (op: ShapeOp) => {
  const shape = op.shape(0);
  const statistics = tensor(
    "float",
    shape === null ? null : shape.map((size, axis) => (axis === shape.length - 1 ? 1 : size)),
  );
  return [likeInput(op), statistics, statistics, likeInput(op)];
};

export const contribNormalization: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    LayerNormalization: layer,
    SimplifiedLayerNormalization: layer,
    SkipLayerNormalization: skipLayer,
    SkipSimplifiedLayerNormalization: skipLayer,
    GroupNorm: keeps,
    SkipGroupNorm: (op) => [likeInput(op), likeInput(op)],
    BiasSoftmax: keeps,
    QLinearSoftmax: keeps,
  },
};
