import type { FunctionProto, NodeProto } from "onnx-buf";
import { item } from "../columns.ts";
import type { Model } from "../onnx/model.ts";
import { attributeOf, type Body, bodiesOf, functionsByCall, normalDomain } from "../onnx/subgraphs.ts";
import { BodyScope } from "./body-scope.ts";
import { familyOf } from "./families.ts";
import type { Work } from "./family.ts";
import { opView, type Sizes } from "./op-view.ts";

/**
 * Work of the main graph's nodes. An ordinary op has the work of its family; of a type that nobody has described the
 * MACs are NaN. An op that holds others has the class "other" and the MACs of what it holds:
 * - If: those of the larger branch;
 * - Loop: those of the body times the trip count, where that is a constant and the body never stops earlier;
 * - Scan: those of the body times the length of the scanned axis;
 * - a call of a model-local function, and any other body: 0 where nothing inside multiplies.
 * Else NaN. Recursion goes as deep as bodies nest, which the decoder limits. O(content of the node) per call.
 */
export function workFinder(
  model: Model,
  sizes: ReadonlyMap<string, Sizes>,
): (node: NodeProto, position: number) => Work {
  const callee = functionsByCall(model.proto.functions);

  const work = (node: NodeProto, position: number, here: BodyScope): Work => {
    const definition = callee(node);
    if (definition !== undefined) return other(multiplies(definition.node) ? Number.NaN : 0);
    const bodies = bodiesOf(node, here.scope, position);
    if (bodies.length === 0) {
      return familyOf(node)?.work(opView(node, (name) => here.sizesOf(name))) ?? other(Number.NaN);
    }
    const inside = bodies.map((body) => sum(new BodyScope(body, sizes, here)));
    return other(repeated(node, bodies, inside, here));
  };

  const sum = (scope: BodyScope): number => {
    let macs = 0;
    for (const [position, node] of scope.graph.node.entries()) macs += work(node, position, scope).macs;
    return macs;
  };

  /** True where one of the nodes, of their bodies or of the functions that they call may multiply. */
  const multiplies = (nodes: readonly NodeProto[]): boolean => {
    const pending = [...nodes];
    const entered = new Set<FunctionProto>();
    // The list grows while it is walked.
    for (const node of pending) {
      for (const { graph } of bodiesOf(node, "", 0)) pending.push(...graph.node);
      const called = callee(node);
      if (called === undefined) {
        const sizeless = familyOf(node)?.work(opView(node, () => null));
        if (bodiesOf(node, "", 0).length === 0 && sizeless?.macs !== 0) return true;
      } else if (!entered.has(called)) {
        entered.add(called);
        pending.push(...called.node);
      }
    }
    return false;
  };

  const main = mainScope(model, sizes);
  return main === null ? () => other(Number.NaN) : (node, position) => work(node, position, main);
}

/**
 * How often the body of a node of the main graph runs while the node runs once: a Loop and a Scan as `workFinder` says,
 * a branch of an If once where it is the one taken. NaN where that is not known. O(content of the node) per call.
 */
export function runsFinder(
  model: Model,
  sizes: ReadonlyMap<string, Sizes>,
): (node: NodeProto, position: number) => number {
  const main = mainScope(model, sizes);
  return (node, position) => (main === null ? Number.NaN : runs(node, bodiesOf(node, "", position), main));
}

function mainScope(model: Model, sizes: ReadonlyMap<string, Sizes>): BodyScope | null {
  const { graph } = model.proto;
  return graph === undefined ? null : new BodyScope({ graph, scope: "" }, sizes, null);
}

function other(macs: number): Work {
  return { macs, opClass: "other" };
}

/** MACs of an op whose bodies take `inside` MACs each time they run. */
function repeated(node: NodeProto, bodies: readonly Body[], inside: readonly number[], here: BodyScope): number {
  const largest = Math.max(...inside);
  return largest === 0 ? 0 : largest * runs(node, bodies, here);
}

function runs(node: NodeProto, bodies: readonly Body[], here: BodyScope): number {
  if (normalDomain(node.domain) !== "") return Number.NaN;
  switch (node.opType) {
    case "If":
      return 1;
    case "Loop":
      return loopTrips(node, item(bodies, 0), here);
    case "Scan":
      return scanTrips(node, here);
    default:
      return Number.NaN;
  }
}

/**
 * Trip count M of a Loop where it is a constant and the condition stays true: absent or true at the start, and
 * handed on unchanged, or set to true, by the body. NaN where the loop may end at any other time.
 */
function loopTrips(loop: NodeProto, { graph, scope }: Body, here: BodyScope): number {
  const [limit = "", condition = ""] = loop.input;
  const trips = limit === "" ? null : here.integer(limit);
  if (trips === null || (condition !== "" && here.integer(condition) !== 1)) return Number.NaN;
  const inner = new BodyScope({ graph, scope }, new Map(), here);
  const given = graph.input[1]?.name;
  let next = graph.output[0]?.name ?? "";
  // Identities are followed at most once each.
  for (let step = 0; step <= graph.node.length; step++) {
    if (next === given || inner.integer(next) === 1) return Math.max(0, trips);
    const writer = graph.node.find(({ output }) => output.includes(next));
    if (writer?.opType !== "Identity") break;
    next = writer.input[0] ?? "";
  }
  return Number.NaN;
}

/** Length of the axis that a Scan (operator set 9 and later) goes along, taken from its first scanned input. */
function scanTrips(scan: NodeProto, here: BodyScope): number {
  const scanned = Number(attributeOf(scan, "num_scan_inputs")?.i ?? 0n);
  const sizes = here.sizesOf(scan.input[scan.input.length - scanned] ?? "");
  const axis = Number(attributeOf(scan, "scan_input_axes")?.ints[0] ?? 0n);
  return sizes?.at(axis) ?? Number.NaN;
}
