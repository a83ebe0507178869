import { clone } from "@bufbuild/protobuf";
import { type GraphProto, type TensorProto, TensorProtoSchema, type ValueInfoProto } from "onnx-buf";
import { constantNodeInfo, initializerInfo } from "../constants.ts";
import { elementCount } from "../element-types.ts";
import { foldConstants } from "../folding.ts";
import type { DimensionBindings, Model, TensorType } from "../model.ts";
import { attributeOf, isConstantNode } from "../subgraphs.ts";
import { wireNodes } from "../wiring.ts";
import { isConcrete } from "./interpret.ts";
import type { LaidOutGraph } from "./laid-out.ts";
import { ownInputs } from "./own-inputs.ts";
import { renamed } from "./probe-bodies.ts";
import { boundInput, valueInfoOf } from "./type-messages.ts";

/** Elements up to which a constant stays in the probe, because shapes may be computed from it. */
const KEPT_ELEMENTS = 1024;
const STRING = 8;

/** The tensors that a probe gets from outside instead of computing them. */
export class GivenTensors {
  /** Small constants with their payload. */
  readonly initializers: TensorProto[] = [];
  /** The graph's inputs and constants without payload, by name. */
  readonly inputs = new Map<string, ValueInfoProto>();
  /** Names of the graph's own inputs, which stay although nothing may read them. */
  readonly graphInputs = new Set<string>();
  readonly #model: Model;

  constructor(model: Model, laidOut: readonly LaidOutGraph[], bindings: DimensionBindings) {
    this.#model = model;
    for (const { graph, scope, names } of laidOut) {
      if (scope === "") this.#giveInputs(graph, bindings);
      for (const dense of graph.initializer) {
        const name = renamed(dense.name, names);
        if (this.#isKept(dense, name)) this.initializers.push(withName(dense, name));
        else this.give(name, initializerInfo({ dense }));
      }
      for (const sparse of graph.sparseInitializer) {
        this.give(renamed(sparse.values?.name ?? "", names), initializerInfo({ sparse }));
      }
      for (const node of graph.node) {
        const name = renamed(node.output[0] ?? "", names);
        const tensor = isConstantNode(node) ? attributeOf(node, "value")?.t : undefined;
        if (tensor !== undefined && !this.#isKept(tensor, name)) this.give(name, constantNodeInfo(node));
      }
    }
  }

  /** Makes a tensor of known type an input of the probe. */
  give(name: string, { elementType, shape }: Pick<TensorType, "elementType" | "shape">): void {
    if (!this.inputs.has(name)) this.inputs.set(name, valueInfoOf(name, elementType, shape));
  }

  /**
   * Gives the large tensors of the main graph that depend on constants alone: constant folding would compute them,
   * and they are weights in disguise (filled, converted or transposed ones).
   */
  giveFolded(known: ReadonlyMap<string, TensorType>): void {
    const wired = wireNodes(this.#model);
    if (!wired.ok) return;
    for (const name of foldConstants(this.#model, wired.value).constants) {
      const type = known.get(name);
      if (type === undefined || !isConcrete(type) || elementCount(type.shape) <= KEPT_ELEMENTS) continue;
      this.give(name, type);
    }
  }

  #giveInputs(graph: GraphProto, bindings: DimensionBindings): void {
    for (const info of ownInputs(graph)) {
      this.graphInputs.add(info.name);
      this.inputs.set(info.name, boundInput(info, bindings, false));
    }
  }

  /** `key`: the tensor's name in the probe, which is its `weightKey` too. */
  #isKept(tensor: TensorProto, key: string): boolean {
    if (this.#model.weights.has(key)) return false;
    return tensor.dataType === STRING || elementCount(tensor.dims.map(Number)) <= KEPT_ELEMENTS;
  }
}

function withName(tensor: TensorProto, name: string): TensorProto {
  if (tensor.name === name) return tensor;
  const copy = clone(TensorProtoSchema, tensor);
  copy.name = name;
  return copy;
}
