import type { OpenDimension } from "../../graph/graph.ts";
import type { OfferedDimension } from "../../graph/opened-model.ts";
import { err, ok, type Result } from "../../result.ts";
import type { DimensionBindings, Model } from "../model.ts";
import { typeOf } from "../types.ts";
import { dimensionName } from "./dimension-names.ts";
import { ownInputs } from "./own-inputs.ts";

/** Largest size that a dimension may be given; beyond it products of a few sizes stop being exact integers. */
export const LARGEST_DIMENSION = 1_000_000;

const BATCH = /^(n|b|bs|batch|batch_?size|num_?batch(es)?|batch_?dim|(dynamic_)?batch(_axis)?(_?\d+)?)$/i;

/** Names that exporters make up where the author gave none (tf2onnx, Paddle2ONNX, coremltools, torch.export). */
const MADE_UP = /^(unk__\d+|p2o\.DynamicDimension\.\d+|None|\?|-1|unknown(_\d+)?|dynamic_axes_\d+|dim_?\d+|s\d+)$/i;

/**
 * The dimensions that the model leaves open: each name once, where it first occurs among the graph inputs;
 * initializers that the file lists as inputs (IR < 4) are none. Anonymous ones are called `input:axis`. A size of
 * 1 is suggested for a batch axis (by its name, or the first axis where nobody named it), else null. O(inputs).
 */
export function openDimensions(model: Model): OpenDimension[] {
  const found = new Map<string, OpenDimension>();
  for (const { name: input, shape } of inputShapes(model)) {
    for (const [axis, declared] of shape.entries()) {
      const name = dimensionName(input, axis, declared);
      if (name === null || found.has(name)) continue;
      const unnamed = declared === null || MADE_UP.test(name);
      const batch = unnamed ? axis === 0 && shape.length > 1 : BATCH.test(name);
      found.set(name, { name, input, axis, suggested: batch ? 1 : null });
    }
  }
  return [...found.values()];
}

/** Graph inputs (initializers left out) whose rank the file states, with their dimensions as declared. */
export function inputShapes(model: Model): { name: string; shape: readonly (number | string | null)[] }[] {
  const { graph } = model.proto;
  if (graph === undefined) return [];
  return ownInputs(graph).flatMap(({ name, type }) => {
    const shape = type === undefined ? null : typeOf(type).shape;
    return shape === null ? [] : [{ name, shape }];
  });
}

/**
 * Sizes for a model's open dimensions: those given; for the others what is suggested, and with `assumeUsual` the
 * likeliest of the usual ones; the ones that have none stay open. Errors name a dimension that the model does not
 * leave open, or a size that is not a whole number from 1 to LARGEST_DIMENSION.
 */
export function bindDimensions(
  fileName: string,
  open: readonly OfferedDimension[],
  given: DimensionBindings,
  assumeUsual = false,
): Result<DimensionBindings> {
  const names = new Set(open.map(({ name }) => name));
  for (const [name, size] of given) {
    if (!names.has(name)) {
      const choice = names.size === 0 ? "its inputs leave none open" : `its open dimensions are ${quoted(names)}`;
      return err(`"${fileName}" has no open dimension "${name}"; ${choice}.`);
    }
    if (!Number.isInteger(size) || size < 1 || size > LARGEST_DIMENSION) {
      const limit = LARGEST_DIMENSION.toLocaleString("en-US");
      return err(
        `"${fileName}": dimension "${name}" was given the size ${size}; a whole number from 1 to ${limit} was expected.`,
      );
    }
  }
  const bindings = new Map<string, number>();
  for (const { name, suggested, usual } of open) {
    const size = given.get(name) ?? suggested ?? (assumeUsual ? usual[0] : undefined);
    if (size !== undefined) bindings.set(name, size);
  }
  return ok(bindings);
}

const quoted = (names: Iterable<string>) => [...names].map((name) => `"${name}"`).join(", ");
