import { elementTypeOf } from "../../element-types.ts";
import type { Dimension, ElementType } from "../../model.ts";
import { open, type Shape, sequence, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";
import type { ShapeOp } from "../shape-op.ts";
import { keeps, likeInput } from "./elementwise.ts";
import { elementsOf } from "./reductions.ts";

/** Rows of a table: a vector is one row. */
function rows(op: ShapeOp): Dimension {
  const shape = op.shape(0);
  if (shape === null) return null;
  return shape.length <= 1 ? 1 : (shape[0] ?? null);
}

const countOf = (op: ShapeOp, ...names: readonly string[]): number => {
  for (const name of names) {
    const found = op.attribute(name);
    const count = found === undefined ? 0 : found.ints.length + found.floats.length + found.strings.length;
    if (count > 0) return count;
  }
  return 0;
};

/** A label for each row, and a score for each class. */
const classifier: Rule = (op) => {
  const strings = countOf(op, "classlabels_strings");
  const classes = strings || countOf(op, "classlabels_ints", "classlabels_int64s");
  return [tensor(strings > 0 ? "string" : "int64", [rows(op)]), tensor("float", [rows(op), classes || null])];
};

const regressor =
  (targets: (op: ShapeOp) => number, elementType: (op: ShapeOp) => ElementType = () => "float"): Rule =>
  (op) => [tensor(elementType(op), [rows(op), targets(op)])];

/** LabelEncoder, CategoryMapper: the other side of a table. */
const labelEncoder: Rule = (op) => {
  const table = op.attribute("values_tensor")?.t;
  if (table !== undefined) return [likeInput(op, 0, elementTypeOf(table.dataType))];
  if (countOf(op, "values_strings") > 0) return [likeInput(op, 0, "string")];
  if (countOf(op, "values_int64s") > 0) return [likeInput(op, 0, "int64")];
  if (countOf(op, "values_floats") > 0) return [likeInput(op, 0, "float")];
  return categoryMapper(op);
};

const categoryMapper: Rule = (op) => [likeInput(op, 0, op.elementType(0) === "string" ? "int64" : "string")];

const oneHot: Rule = (op) => {
  const shape = op.shape(0);
  return [tensor("float", shape === null ? null : [...shape, countOf(op, "cats_strings", "cats_int64s")])];
};

/** ArrayFeatureExtractor: columns of the last axis by their numbers. */
const extractor: Rule = (op) => {
  const shape = op.shape(0);
  const count = elementsOf(op.shape(1));
  const head: Shape | null = shape === null ? null : shape.length === 1 ? [1] : shape.slice(0, -1);
  return [tensor(op.elementType(0), head === null ? null : [...head, count])];
};

const CAST: ReadonlyMap<string, ElementType> = new Map([
  ["TO_FLOAT", "float"],
  ["TO_STRING", "string"],
  ["TO_INT64", "int64"],
]);

const castMap: Rule = (op) => {
  const elementType = CAST.get(op.text("cast_to", "TO_FLOAT")) ?? "undefined";
  if (op.text("map_form", "DENSE") === "SPARSE") return [tensor(elementType, [1, op.int("max_map", 1)])];
  return [open(elementType, [1, null], "how many keys the map has depends on the data")];
};

const floats: Rule = (op) => [likeInput(op, 0, "float")];

/** Ops of ai.onnx.ml. Source: its operator schemas. */
export const machineLearning: ShapeFamily = {
  domain: "ai.onnx.ml",
  rules: {
    ArrayFeatureExtractor: extractor,
    Binarizer: keeps,
    CastMap: castMap,
    CategoryMapper: categoryMapper,
    DictVectorizer: (op) => {
      const width = countOf(op, "string_vocabulary", "int64_vocabulary");
      return [open("undefined", [1, width], "the type of the map's values is not declared")];
    },
    FeatureVectorizer: (op) => {
      const widths = op.ints("inputdimensions") ?? [];
      return [tensor("float", [rows(op), widths.reduce((total, width) => total + width, 0)])];
    },
    Imputer: keeps,
    LabelEncoder: labelEncoder,
    LinearClassifier: classifier,
    LinearRegressor: regressor((op) => op.int("targets", 1)),
    Normalizer: floats,
    OneHotEncoder: oneHot,
    SVMClassifier: classifier,
    SVMRegressor: regressor(() => 1),
    Scaler: floats,
    TreeEnsembleClassifier: classifier,
    TreeEnsembleRegressor: regressor((op) => op.int("n_targets", 1)),
    TreeEnsemble: regressor(
      (op) => op.int("n_targets", 1),
      (op) => op.elementType(0),
    ),
    ZipMap: () => [sequence(null)],
  },
};
