import { err, ok, type Result } from "../../result.ts";
import type { TensorType } from "../model.ts";
import type { Wiring } from "../wiring.ts";
import { typeText } from "./type-text.ts";

/** Largest size of one axis that a person may state. */
const LARGEST_SIZE = 1_000_000_000;
const MOST_AXES = 16;

/**
 * Checks types that a person stated for tensors of a model against what was inferred with their help. Errors: a name
 * that the main graph does not have, a type that is no type of a tensor with all sizes, one that contradicts what is
 * known anyway. O(given x rank).
 */
export function checkGivenTypes(
  fileName: string,
  given: ReadonlyMap<string, TensorType>,
  { producers, inputs }: Wiring,
  inferred: ReadonlyMap<string, TensorType>,
): Result<null> {
  const inputNames = new Set(inputs);
  for (const [name, type] of given) {
    if (!producers.has(name) && !inputNames.has(name)) {
      return err(`"${fileName}" has no tensor "${name}" that an op writes or a caller gives; its type was stated.`);
    }
    const { elementType, shape } = type;
    const fine =
      type.kind === "tensor" &&
      elementType !== "undefined" &&
      shape !== null &&
      shape.length <= MOST_AXES &&
      shape.every((size) => typeof size === "number" && Number.isInteger(size) && size >= 0 && size <= LARGEST_SIZE);
    if (!fine) {
      return err(
        `"${fileName}": the type ${typeText(type)} was stated for tensor "${name}"; an element type and at most ` +
          `${MOST_AXES} whole sizes up to ${LARGEST_SIZE.toLocaleString("en-US")} were expected.`,
      );
    }
    const known = inferred.get(name);
    if (known === undefined || typeText(known) === typeText(type)) continue;
    return err(
      `"${fileName}": the type ${typeText(type)} was stated for tensor "${name}", which is ${typeText(known)} by ` +
        "what the model says of it.",
    );
  }
  return ok(null);
}
