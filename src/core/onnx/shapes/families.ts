import type { NodeProto } from "onnx-buf";
import { normalDomain } from "../subgraphs.ts";
import type { Rule, ShapeFamily } from "./rule.ts";

/** Every family of ops whose types we infer. A type of op belongs to one family of its domain. */
export const SHAPE_FAMILIES: readonly ShapeFamily[] = [];

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
