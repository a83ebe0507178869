import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from "onnx-buf";
import { functionScope, subgraphScope } from "./weight-key.ts";

export interface Body {
  readonly graph: GraphProto;
  /** Scope of the names that the body defines, see `weightKey`. */
  readonly scope: string;
}

const NO_BODIES: readonly Body[] = [];

/** The bodies that node `position` of the graph with scope `scope` holds (If, Loop, Scan), not deeper. O(attributes). */
export function bodiesOf(node: NodeProto, scope: string, position: number): readonly Body[] {
  if (!node.attribute.some(({ g, graphs }) => g !== undefined || graphs.length > 0)) return NO_BODIES;
  const bodies: Body[] = [];
  for (const attribute of node.attribute) {
    if (attribute.g !== undefined) {
      bodies.push({ graph: attribute.g, scope: subgraphScope(scope, position, attribute.name) });
    }
    for (const [element, graph] of attribute.graphs.entries()) {
      bodies.push({ graph, scope: subgraphScope(scope, position, attribute.name, element) });
    }
  }
  return bodies;
}

/** True for the standard domain, which has two spellings. */
function isStandardDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** The domain with one spelling of the standard one (""). */
export function normalDomain(domain: string): string {
  return isStandardDomain(domain) ? "" : domain;
}

/** True for the standard op that yields the constant in its attribute. */
export function isConstantNode(node: NodeProto): boolean {
  return node.opType === "Constant" && isStandardDomain(node.domain);
}

/** The attribute of a node by its name, undefined where it is absent. O(attributes). */
export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** Look-up of the model-local function that a node calls, if any. O(1) per look-up. */
export function functionsByCall(functions: readonly FunctionProto[]): (node: NodeProto) => FunctionProto | undefined {
  if (functions.length === 0) return () => undefined;
  const byKey = new Map(functions.map((f) => [functionScope(normalDomain(f.domain), f.name, f.overload), f]));
  return (node) => byKey.get(functionScope(normalDomain(node.domain), node.opType, node.overload));
}
