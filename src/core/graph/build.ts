import type { NodeProto } from "onnx-buf";
import { csrFrom, item } from "../columns.ts";
import { type ConstantInfo, constantNodeInfo, initializerInfo, innerConstantsFinder } from "../onnx/constants.ts";
import { elementCount } from "../onnx/element-types.ts";
import { type Folding, foldConstants } from "../onnx/folding.ts";
import type { Model, TensorType } from "../onnx/model.ts";
import { isConstantNode, normalDomain } from "../onnx/subgraphs.ts";
import { declaredTypes, typeBytes, UNKNOWN_TYPE } from "../onnx/types.ts";
import { type Wiring, wireNodes } from "../onnx/wiring.ts";
import { err, ok, type Result } from "../result.ts";
import type { Graph } from "./graph.ts";
import { opNames } from "./op-names.ts";

/**
 * The runtime graph of a model: constants folded, ops that reach no graph output left out, the rest in topological
 * order. `types` holds what shape inference found; where it says nothing of a tensor, the file's own declaration
 * holds, else the type is unknown. Graph outputs that are constants, or inputs that no op reads, are no tensors of
 * the graph. Errors: those of `wireNodes`, and a model in which nothing depends on an input. O(nodes log nodes + names).
 */
export function buildGraph(model: Model, types: ReadonlyMap<string, TensorType>): Result<Graph> {
  const wired = wireNodes(model);
  return wired.ok ? buildWiredGraph(model, wired.value, types) : wired;
}

/** The same for a model whose nodes have been wired already. */
export function buildWiredGraph(model: Model, wiring: Wiring, types: ReadonlyMap<string, TensorType>): Result<Graph> {
  const folding = foldConstants(model, wiring);
  const positions = liveNodes(wiring, folding);
  if (positions.length === 0) {
    return err(`"${model.fileName}": every output is a constant or an input, so there is no op to run.`);
  }
  const declared = declaredTypes(model);
  const typeOfTensor = (name: string): TensorType => types.get(name) ?? declared.get(name) ?? UNKNOWN_TYPE;
  const nodes = positions.map((position) => item(wiring.nodes, position));

  const runtimeReads = positions.map((position) =>
    item(wiring.reads, position).filter((name) => !folding.constants.has(name)),
  );
  const tensors = numberTensors(wiring, nodes, runtimeReads);
  const opInputs = runtimeReads.map((names) => names.map((name) => tensors.numberOf(name)));
  const opOutputs = nodes.map((node) => node.output.flatMap((name) => tensors.find(name) ?? []));
  const consumers: number[][] = tensors.names.map(() => []);
  for (const [op, inputs] of opInputs.entries()) for (const tensor of inputs) item(consumers, tensor).push(op);
  const producer = new Int32Array(tensors.names.length).fill(-1);
  for (const [op, outputs] of opOutputs.entries()) for (const tensor of outputs) producer[tensor] = op;
  const tensorTypes = tensors.names.map(typeOfTensor);
  const constants = collectConstants(model, wiring, folding, positions, typeOfTensor);

  return ok({
    opCount: nodes.length,
    opNames: opNames(nodes, positions),
    opTypes: nodes.map(({ opType }) => opType),
    opDomains: nodes.map(({ domain }) => normalDomain(domain)),
    opNodes: Int32Array.from(positions),
    opRuntimeNumbers: runtimeNumbers(wiring.nodes, positions),
    opInputs: csrFrom(opInputs),
    opOutputs: csrFrom(opOutputs),
    opConstants: csrFrom(constants.perOp),
    tensorCount: tensors.names.length,
    tensorNames: tensors.names,
    tensorTypes,
    tensorBytes: Float64Array.from(tensorTypes, typeBytes),
    tensorProducer: producer,
    tensorConsumers: csrFrom(consumers),
    inputs: wiring.inputs.flatMap((name) => tensors.find(name) ?? []),
    outputs: wiring.outputs.flatMap((name) => tensors.find(name) ?? []),
    constantNames: constants.names,
    constantTypes: constants.infos.map(({ elementType }) => elementType),
    constantShapes: constants.infos.map(({ shape }) => shape),
    constantBytes: Float64Array.from(constants.infos, ({ bytes }) => bytes),
    constantElements: Float64Array.from(constants.infos, ({ shape }) => elementCount(shape)),
  });
}

/** How many nodes other than Constant nodes stand before each of the nodes at `positions`. */
function runtimeNumbers(nodes: readonly NodeProto[], positions: readonly number[]): Int32Array {
  let count = 0;
  const numbers = nodes.map((node) => (isConstantNode(node) ? count : count++));
  return Int32Array.from(positions, (position) => item(numbers, position));
}

/** Positions of the nodes that run per inference and reach a graph output, in topological order. */
function liveNodes(wiring: Wiring, folding: Folding): number[] {
  const needed = new Set(wiring.outputs);
  const live: number[] = [];
  for (const position of wiring.order.toReversed()) {
    if (folding.constantNodes[position] === 1) continue;
    if (!item(wiring.nodes, position).output.some((name) => needed.has(name))) continue;
    live.push(position);
    for (const name of item(wiring.reads, position)) needed.add(name);
  }
  return live.reverse();
}

/** Numbers the tensors that are read or are graph outputs: graph inputs first, then op outputs in op order. */
function numberTensors(wiring: Wiring, nodes: readonly NodeProto[], reads: readonly (readonly string[])[]) {
  const read = new Set(reads.flat());
  const outputs = new Set(wiring.outputs);
  const names = wiring.inputs.filter((name) => read.has(name));
  for (const node of nodes) {
    for (const name of node.output) if (name !== "" && (read.has(name) || outputs.has(name))) names.push(name);
  }
  const numbers = new Map(names.map((name, number) => [name, number]));
  return {
    names,
    find: (name: string): number | undefined => numbers.get(name),
    numberOf: (name: string): number => {
      const number = numbers.get(name);
      if (number === undefined) throw new Error(`tensor "${name}" has no number`);
      return number;
    },
  };
}

/** The constants that live ops read or hold inside, each once, and which op has which. */
function collectConstants(
  model: Model,
  wiring: Wiring,
  folding: Folding,
  positions: readonly number[],
  typeOfTensor: (name: string) => TensorType,
) {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const infos: ConstantInfo[] = [];
  const number = (name: string, info: () => ConstantInfo): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    infos.push(info());
    return names.push(name) - 1;
  };
  const infoOf = (name: string): ConstantInfo => {
    const initializer = wiring.initializers.get(name);
    if (initializer !== undefined) return initializerInfo(initializer);
    const producer = wiring.producers.get(name);
    const node = producer === undefined ? undefined : wiring.nodes[producer];
    if (node !== undefined && isConstantNode(node)) return constantNodeInfo(node);
    const type = typeOfTensor(name);
    const sizes = type.shape?.filter((size) => typeof size === "number");
    const shape = sizes !== undefined && sizes.length === type.shape?.length ? sizes : null;
    return { elementType: type.elementType, shape, bytes: typeBytes(type) };
  };
  const innerConstants = innerConstantsFinder(model);
  const perOp = positions.map((position) => {
    const read = new Set<number>();
    for (const name of item(wiring.reads, position)) {
      if (folding.constants.has(name)) read.add(number(name, () => infoOf(name)));
    }
    for (const { key, info } of innerConstants(item(wiring.nodes, position), position))
      read.add(number(key, () => info));
    return [...read];
  });
  return { names, infos, perOp };
}
