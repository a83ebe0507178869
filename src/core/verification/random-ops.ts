import type { GraphProto, NodeProto } from "onnx-buf";
import type { Model } from "../onnx/model.ts";
import { attributeOf, bodiesOf, functionsByCall, isConstantNode, normalDomain } from "../onnx/subgraphs.ts";
import { wireNodes } from "../onnx/wiring.ts";

/** An op that draws other numbers in each run. */
export interface RandomOp {
  readonly name: string;
  readonly opType: string;
}

const DRAWING: ReadonlySet<string> = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Multinomial",
  "Bernoulli",
]);

/**
 * An op that explains why all of these outputs differ from run to run: one without a seed that draws random numbers,
 * also in a body or in a function that is called, before each of them. Null where an output depends on none.
 * O(nodes + names).
 */
export function randomOpBehind(model: Model, outputs: readonly string[]): RandomOp | null {
  const wiring = wireNodes(model);
  if (!wiring.ok || model.proto.graph === undefined || outputs.length === 0) return null;
  const { nodes, order, reads } = wiring.value;
  const callee = functionsByCall(model.proto.functions);
  const isTrainingIn = trainingIn(model.proto.graph);
  const drawn = new Map<string, RandomOp>();
  for (const position of order) {
    const node = nodes[position];
    if (node === undefined) continue;
    const before = reads[position]?.find((name) => drawn.has(name));
    const op = (before === undefined ? undefined : drawn.get(before)) ?? drawingOp(node, isTrainingIn, callee);
    if (op !== null) for (const name of node.output) if (name !== "") drawn.set(name, op);
  }
  const [first = ""] = outputs;
  return outputs.every((name) => drawn.has(name)) ? (drawn.get(first) ?? null) : null;
}

type IsTraining = (node: NodeProto) => boolean;

/** The op that draws: the node itself, or one in its bodies or in what it calls. */
function drawingOp(
  start: NodeProto,
  isTraining: IsTraining,
  callee: ReturnType<typeof functionsByCall>,
): RandomOp | null {
  const entered = new Set<object>();
  const pending: { readonly node: NodeProto; readonly isTraining: IsTraining }[] = [{ node: start, isTraining }];
  // The list grows while it is walked.
  for (const { node, isTraining } of pending) {
    if (draws(node, isTraining)) return { name: node.name || (node.output[0] ?? ""), opType: node.opType };
    for (const { graph } of bodiesOf(node, "", 0)) {
      const isTrainingInside = trainingIn(graph);
      for (const inner of graph.node) pending.push({ node: inner, isTraining: isTrainingInside });
    }
    const called = callee(node);
    if (called === undefined || entered.has(called)) continue;
    entered.add(called);
    const isTrainingInside = trainingIn({ node: called.node, initializer: [] });
    for (const inner of called.node) pending.push({ node: inner, isTraining: isTrainingInside });
  }
  return null;
}

function draws(node: NodeProto, isTraining: IsTraining): boolean {
  if (normalDomain(node.domain) !== "" || attributeOf(node, "seed") !== undefined) return false;
  return DRAWING.has(node.opType) || (node.opType === "Dropout" && isTraining(node));
}

/** Tells whether a Dropout of a graph may train: its third input is there and no constant of that graph that is false. */
function trainingIn({ node, initializer }: Pick<GraphProto, "node" | "initializer">): IsTraining {
  return ({ input }) => {
    const mode = input[2] ?? "";
    if (mode === "") return false;
    const constant = node.find((one) => isConstantNode(one) && one.output[0] === mode);
    const tensor = initializer.find(({ name }) => name === mode) ?? constant?.attribute[0]?.t;
    return tensor === undefined || (tensor.rawData[0] ?? tensor.int32Data[0] ?? 1) !== 0;
  };
}
