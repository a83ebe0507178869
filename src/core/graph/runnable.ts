import type { OpenedModel } from "./opened-model.ts";

/** Why what is open cannot be run, as one sentence; null for a model. */
export function runRefusal({ given, fileName }: Pick<OpenedModel, "given" | "fileName">): string | null {
  return given === null
    ? null
    : `"${fileName}" is a placement problem: it gives the costs of ops, not their operators and weights, so nothing of it can be run.`;
}
