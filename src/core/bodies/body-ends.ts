import type { NodeProto } from "onnx-buf";
import { csrFrom, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";

/** Op types that stand for the ends of a body in its drawing; their names are those of the tensors. */
const END_TYPES = { input: "Input", captured: "Captured", output: "Output" } as const;

/** A tensor that comes in, as an op in front. */
export interface WayIn {
  readonly tensor: number;
  readonly kind: "input" | "captured";
}

/**
 * The graph with an op in front for every tensor that comes in, and one behind for every one that goes out, so that a
 * drawing shows them and can name them. `ways` holds every input of the graph; ops keep their order behind those in front. O(ops + edges).
 */
export function withEnds(graph: Graph, ways: readonly WayIn[]): Graph {
  const { opCount, outputs } = graph;
  const first = ways.length;
  const behind = first + opCount;
  const nameOf = (tensor: number) => graph.tensorNames[tensor] ?? "";
  const types = [...ways.map(({ kind }) => END_TYPES[kind]), ...graph.opTypes, ...outputs.map(() => END_TYPES.output)];
  const rows = (own: Graph["opInputs"]) => Array.from({ length: opCount }, (_, op) => [...row(own, op)]);
  const none = (list: readonly unknown[]) => list.map((): number[] => []);
  const producer = graph.tensorProducer.map((op) => (op < 0 ? op : op + first));
  for (const [op, { tensor }] of ways.entries()) producer[tensor] = op;
  const consumers = Array.from({ length: graph.tensorCount }, (_, tensor) =>
    [...row(graph.tensorConsumers, tensor)].map((op) => op + first),
  );
  for (const [place, tensor] of outputs.entries()) consumers[tensor]?.push(behind + place);
  const padded = (column: Int32Array) => Int32Array.from([...ways.map(() => -1), ...column, ...outputs.map(() => -1)]);
  return {
    ...graph,
    opCount: types.length,
    opNames: [...ways.map(({ tensor }) => nameOf(tensor)), ...graph.opNames, ...outputs.map(nameOf)],
    opTypes: types,
    opDomains: [...ways.map(() => ""), ...graph.opDomains, ...outputs.map(() => "")],
    opNodes: padded(graph.opNodes),
    opRuntimeNumbers: padded(graph.opRuntimeNumbers),
    opInputs: csrFrom([...none(ways), ...rows(graph.opInputs), ...outputs.map((tensor) => [tensor])]),
    opOutputs: csrFrom([...ways.map(({ tensor }) => [tensor]), ...rows(graph.opOutputs), ...none(outputs)]),
    opConstants: csrFrom([...none(ways), ...rows(graph.opConstants), ...none(outputs)]),
    tensorProducer: producer,
    tensorConsumers: csrFrom(consumers),
    inputs: [],
    outputs: [],
  };
}

/** What the inputs and outputs of a body are to the op that holds it, by their places. Source: schemas of ONNX. */
export function endRoles(node: NodeProto, inputs: number, scanned: number) {
  const states = node.opType === "Scan" ? inputs - scanned : Math.max(0, inputs - 2);
  const input = (place: number): string => {
    switch (node.opType) {
      case "Loop":
        return place === 0 ? "iteration number" : place === 1 ? "condition" : "carried value";
      case "Scan":
        return place < states ? "state" : "element of the scanned axis";
      case "SequenceMap":
        return place === 0 ? "element of the sequence" : "";
      default:
        return "";
    }
  };
  const output = (place: number): string => {
    switch (node.opType) {
      case "Loop":
        return place === 0 ? "condition" : place <= states ? "carried value" : "stacked over the iterations";
      case "Scan":
        return place < states ? "state" : "stacked along the scanned axis";
      case "SequenceMap":
        return "element of a sequence";
      default:
        return "";
    }
  };
  return { input, output };
}
