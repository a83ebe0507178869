import type { Fact } from "./fact.ts";
import type { ShapeOp } from "./shape-op.ts";

/**
 * What an op writes, output by output (null, or a list that is too short: nothing is known), or a clause that says
 * why nothing can be told.
 */
export type Outcome = readonly (Fact | null)[] | string;

/** How one type of op makes its outputs' types out of its inputs and attributes. Never throws. */
export type Rule = (op: ShapeOp) => Outcome;

/** Rules of some types of one domain. */
export interface ShapeFamily {
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly rules: Readonly<Record<string, Rule>>;
}
