import { at, item } from "../columns.ts";
import { OP_CLASSES } from "../cost/cost.ts";
import { oneTensorCuts } from "../graph/cuts.ts";
import type { Graph } from "../graph/graph.ts";
import { moduleTree } from "../graph/module-tree.ts";
import type { GivenProblem, OpenedModel } from "../graph/opened-model.ts";
import type { TensorType } from "../onnx/model.ts";
import { type LatencyTable, PROVENANCES } from "../profile/profile.ts";
import { ok, type Result } from "../result.ts";
import { type AbstractProblem, namedProblem } from "./abstract-problem.ts";

/** A problem file says how many bytes a tensor has, not what they are. */
const UNKNOWN_TYPE: TensorType = { kind: "tensor", elementType: "undefined", shape: null };

/** Ops with their position in the file, by id. */
const positionsOf = ({ ops }: AbstractProblem) => new Map(ops.map(({ id }, position) => [id, position]));

/**
 * A problem file as a model, to be shown like one: its ops in the order of the problem's columns, its tensors, the weights
 * of each op as one constant. What only a model says (work, parameters, types, shapes) is unknown. The sentence on failure
 * is that of `namedProblem`. O(ops x devices + edges log ops).
 */
export function problemModel(
  given: GivenProblem,
  file: { readonly name: string; readonly bytes: number },
): Result<OpenedModel> {
  const { problem: content } = given;
  const named = namedProblem(content);
  if (!named.ok) return named;
  const { problem, opNames } = named.value;
  const { opCount, tensorCount } = problem;
  const positions = positionsOf(content);
  const opNodes = Int32Array.from(opNames, (id) => positions.get(id) ?? -1);
  const ops = [...opNodes].map((position) => item(content.ops, position));
  const weightBytes = Float64Array.from(ops, (op) => op.weightBytes);
  const isRead = (tensor: number) =>
    at(problem.tensorConsumers.offsets, tensor + 1) > at(problem.tensorConsumers.offsets, tensor);
  const graph: Graph = {
    opCount,
    opNames,
    // A problem file knows no types: what can be told of an op is its name.
    opTypes: opNames,
    opDomains: ops.map(() => ""),
    opNodes,
    opRuntimeNumbers: opNodes,
    opInputs: problem.opInputs,
    opOutputs: problem.opOutputs,
    opConstants: problem.opWeights,
    tensorCount,
    tensorNames: content.tensors.map(({ id }) => id),
    tensorTypes: content.tensors.map(() => UNKNOWN_TYPE),
    tensorBytes: Float64Array.from(content.tensors, ({ bytes }) => bytes ?? Number.NaN),
    tensorProducer: problem.tensorProducer,
    tensorConsumers: problem.tensorConsumers,
    inputs: problem.inputs.filter(isRead),
    outputs: problem.outputs,
    constantNames: opNames.map((id) => `weights of ${id}`),
    constantTypes: ops.map(() => "undefined" as const),
    constantShapes: ops.map(() => null),
    constantBytes: weightBytes,
    constantElements: new Float64Array(opCount).fill(Number.NaN),
  };
  const bytesOf = (lists: Graph["opInputs"]) =>
    Float64Array.from(ops, (_, op) => {
      let sum = 0;
      for (let i = at(lists.offsets, op); i < at(lists.offsets, op + 1); i++)
        sum += at(graph.tensorBytes, at(lists.values, i));
      return sum;
    });
  const unknown = new Float64Array(opCount).fill(Number.NaN);
  return ok({
    fileName: file.name,
    fileBytes: file.bytes,
    producer: "",
    irVersion: 0,
    opsets: [],
    externalFiles: [],
    openDimensions: [],
    bindings: new Map(),
    graph,
    modules: moduleTree(graph),
    bodies: new Map(),
    costs: {
      macs: unknown,
      parameters: unknown,
      inputBytes: bytesOf(graph.opInputs),
      outputBytes: bytesOf(graph.opOutputs),
      weightBytes,
      opClass: new Uint8Array(opCount).fill(OP_CLASSES.indexOf("other")),
    },
    totals: {
      ops: opCount,
      macs: Number.NaN,
      parameters: Number.NaN,
      weightBytes: weightBytes.reduce((sum, value) => sum + value, 0),
    },
    cuts: oneTensorCuts(graph),
    attributes: ops.map(({ group, device }) => [
      ...((group ?? null) === null ? [] : [{ name: "group", value: `${group}` }]),
      ...((device ?? null) === null ? [] : [{ name: "only on", value: `${device}` }]),
    ]),
    unresolved: [],
    reasons: new Map(),
    givenTypes: new Map(),
    warning: null,
    given,
  });
}

/** The seconds that a problem file gives for one of its devices, by op of its graph; a place outside runs nothing. O(ops). */
export function givenLatencies(
  problem: AbstractProblem,
  { opNodes }: Pick<Graph, "opNodes">,
  device: number,
): LatencyTable {
  const seconds = Float64Array.from(
    opNodes,
    (position) => item(problem.ops, position).seconds[device] ?? Number.POSITIVE_INFINITY,
  );
  return {
    seconds,
    low: seconds,
    high: seconds,
    provenance: new Uint8Array(opNodes.length).fill(PROVENANCES.indexOf("given")),
    group: new Int32Array(opNodes.length).fill(-1),
    origins: new Map([["given", "the problem file"]]),
  };
}
