import type { NodeProto } from "onnx-buf";
import type { Model } from "../core/onnx/model.ts";
import { bodiesOf, normalDomain } from "../core/onnx/subgraphs.ts";

const UNKNOWN_OP = [
  /Fatal error: (?<domain>[^:\s]*):(?<type>[^\s(]+)\(-?\d+\) is not a registered function\/op/,
  /No Op registered for (?<type>\S+) with domain_version of/,
  /No opset import for domain '(?<domain>[^']*)'/,
];

/**
 * Positions of the main graph's nodes that a refusal is about, where its text tells the type or the domain of an op
 * that the runtime does not know; empty where it tells neither. Nodes with such an op in a body count. O(nodes).
 */
export function nodesOfUnknownOp(model: Model, reason: string): number[] {
  const found = UNKNOWN_OP.map((pattern) => pattern.exec(reason)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) return [];
  const { domain, type } = found;
  const matches = (node: NodeProto) =>
    (type === undefined || node.opType === type) &&
    (domain === undefined || normalDomain(node.domain) === normalDomain(domain));
  const nodes = model.proto.graph?.node ?? [];
  return nodes.flatMap((node, position) => (holds(node, matches) ? [position] : []));
}

/** True where the node or one in its bodies matches. */
function holds(node: NodeProto, matches: (node: NodeProto) => boolean): boolean {
  const pending = [node];
  // The list grows while it is walked.
  for (const candidate of pending) {
    if (matches(candidate)) return true;
    for (const { graph } of bodiesOf(candidate, "", 0)) pending.push(...graph.node);
  }
  return false;
}

const LONGEST = 240;

/** The runtime's words without what is about its own source, as the end of a sentence without a full stop. */
export function plainReason(reason: string): string {
  const unknown = UNKNOWN_OP.some((pattern) => pattern.test(reason));
  if (unknown) return "it does not know this op";
  const text = reason
    .replace(/^.*ERROR_MESSAGE:\s*/s, "")
    .replace(/^\S+\.(?:h|cc|cpp):\d+\s+[^()]*\([^)]*\)(?:\s*const)?\s*/, "")
    .replace(/^(?:\[\w+\]|This is an invalid model\.)\s*/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text.replace(/\.$/, "");
}
