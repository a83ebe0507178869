import type { NodeProto } from "onnx-buf";
import { normalDomain } from "../subgraphs.ts";
import { attention, contribAttention } from "./families/attention.ts";
import { contribConversions, conversions } from "./families/conversions.ts";
import { contribConvolution, convolution } from "./families/convolution.ts";
import { elementwise } from "./families/elementwise.ts";
import { fused } from "./families/fused.ts";
import { generators } from "./families/generators.ts";
import { contribLayout, layoutOps } from "./families/layout.ts";
import { machineLearning } from "./families/machine-learning.ts";
import { matrix } from "./families/matrix.ts";
import { contribNormalization, normalization } from "./families/normalization.ts";
import { contribPooling, pooling } from "./families/pooling.ts";
import { contribRecurrent, recurrent } from "./families/recurrent.ts";
import { contribReductions, reductions } from "./families/reductions.ts";
import { sequences } from "./families/sequences.ts";
import { signal } from "./families/signal.ts";
import { contribSlices, slices } from "./families/slices.ts";
import { contribSpatial, spatial } from "./families/spatial.ts";
import { contribText, text } from "./families/text.ts";
import { training } from "./families/training.ts";
import type { Rule, ShapeFamily } from "./rule.ts";

/** Every family of ops whose types we infer. A type of op belongs to one family of its domain. */
export const SHAPE_FAMILIES: readonly ShapeFamily[] = [
  elementwise,
  conversions,
  generators,
  layoutOps,
  slices,
  reductions,
  convolution,
  pooling,
  matrix,
  normalization,
  recurrent,
  spatial,
  signal,
  text,
  sequences,
  attention,
  training,
  machineLearning,
  contribAttention,
  contribConversions,
  contribConvolution,
  contribLayout,
  contribNormalization,
  contribPooling,
  contribRecurrent,
  contribReductions,
  contribSlices,
  contribSpatial,
  contribText,
  fused,
];

const BY_DOMAIN: ReadonlyMap<string, ReadonlyMap<string, Rule>> = byDomain();

function byDomain(): Map<string, Map<string, Rule>> {
  const domains = new Map<string, Map<string, Rule>>();
  for (const { domain, rules } of SHAPE_FAMILIES) {
    const known = domains.get(domain) ?? new Map<string, Rule>();
    for (const [type, rule] of Object.entries(rules)) known.set(type, rule);
    domains.set(domain, known);
  }
  return domains;
}

/** The rule of a node's type; undefined for one that nobody has described. O(1). */
export function ruleOf({ domain, opType }: NodeProto): Rule | undefined {
  return BY_DOMAIN.get(normalDomain(domain))?.get(opType);
}
