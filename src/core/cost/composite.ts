import type { FunctionProto, NodeProto } from "onnx-buf";
import { bodiesOf, functionsByCall } from "../onnx/subgraphs.ts";
import { familyOf } from "./families.ts";

/** Weightless types multiply nothing whatever their sizes; all others are asked for sizes that bodies do not have. */
const SIZELESS = { type: "", input: () => null, output: () => null, int: (_: string, d: number) => d, text: () => "" };

/**
 * Multiply-accumulates of an op that holds other ops (If, Loop, Scan, a model-local function): 0 where none of them
 * multiplies, else NaN, since sizes and trip counts inside are not known. Null for an ordinary op.
 */
export function compositeMacs(
  functions: readonly FunctionProto[],
): (node: NodeProto, position: number) => number | null {
  const callee = functionsByCall(functions);
  return (node, position) => {
    const definition = callee(node);
    const bodies = bodiesOf(node, "", position);
    if (definition === undefined && bodies.length === 0) return null;
    const pending = [...bodies.flatMap((body) => body.graph.node), ...(definition?.node ?? [])];
    const entered = new Set<FunctionProto>(definition === undefined ? [] : [definition]);
    // The list grows while it is walked.
    for (const inner of pending) {
      for (const body of bodiesOf(inner, "", 0)) pending.push(...body.graph.node);
      const called = callee(inner);
      if (called !== undefined && !entered.has(called)) {
        entered.add(called);
        pending.push(...called.node);
      }
      const family = familyOf(inner.opType);
      if (family !== undefined && Number.isNaN(family.work({ ...SIZELESS, type: inner.opType }).macs))
        return Number.NaN;
    }
    return 0;
  };
}
