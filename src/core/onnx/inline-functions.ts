import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  type OperatorSetIdProto,
  type SparseTensorProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import { readsOf } from "./captures.ts";
import type { WeightLocation } from "./model.ts";
import { changed } from "./segments/changed.ts";
import { storedTensors } from "./stored-tensors.ts";
import { bodiesOf, functionsByCall, normalDomain } from "./subgraphs.ts";

/** Nodes that stand in place of calls at most; further calls stay calls. */
const NODE_LIMIT = 100_000;
/** Calls within calls go no deeper; no usual model comes near. */
const DEPTH_LIMIT = 32;

interface Inlined {
  readonly proto: ModelProto;
  readonly weights: ReadonlyMap<string, WeightLocation>;
}

/**
 * The model with the nodes of its model-local functions in place of their calls, also in bodies, and the places of
 * payloads under the keys that they then have. What a call "name" stands for is called "name/...". Calls stay where a
 * function calls itself, reads what nobody gives it, is made for another version of a domain than the model, or would make the graph endless.
 * The model itself where it has no functions; messages are shared with it. O(nodes of the result).
 */
export function inlineFunctions(proto: ModelProto, weights: ReadonlyMap<string, WeightLocation>): Inlined {
  if (proto.functions.length === 0 || proto.graph === undefined) return { proto, weights };
  const inliner = new Inliner(proto);
  const graph = inliner.graph(proto.graph);
  const opsetImport = inliner.opsets;
  const result = changed(proto, { graph, opsetImport, functions: stillCalled(graph, proto.functions) });
  return { proto: result, weights: movedWeights(proto, result, weights, inliner.origins) };
}

/** Names inside a function as its caller sees them, and the caller's attributes. */
interface Call {
  readonly prefix: string;
  readonly names: ReadonlyMap<string, string>;
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** Functions whose nodes are being put in place, this one included. */
  readonly chain: ReadonlySet<FunctionProto>;
}

class Inliner {
  /** Renamed tensors by what they were made from. */
  readonly origins = new Map<TensorProto, TensorProto>();
  readonly opsets: OperatorSetIdProto[];
  readonly #callee: (node: NodeProto) => FunctionProto | undefined;
  readonly #versions: Map<string, bigint>;
  readonly #taken: Set<string>;
  readonly #closed = new Map<FunctionProto, boolean>();
  #left = NODE_LIMIT;

  constructor(proto: ModelProto) {
    this.#callee = functionsByCall(proto.functions);
    this.opsets = [...proto.opsetImport];
    this.#versions = new Map(proto.opsetImport.map(({ domain, version }) => [normalDomain(domain), version]));
    this.#taken = namesIn(proto.graph);
  }

  /** The main graph, whose names stay. */
  graph(graph: GraphProto): GraphProto {
    return changed(graph, { node: this.#nodes(graph.node, null) });
  }

  #nodes(nodes: readonly NodeProto[], call: Call | null): NodeProto[] {
    return nodes.flatMap((node, position) => this.#node(node, position, call));
  }

  #node(original: NodeProto, position: number, call: Call | null): NodeProto[] {
    const node = call === null ? original : this.#renamed(original, position, call);
    const callee = this.#callee(node);
    if (callee === undefined || !this.#canInline(callee, call)) return [this.#withBodies(node, original, call)];
    return this.#expanded(node, position, callee, call);
  }

  #canInline(callee: FunctionProto, call: Call | null): boolean {
    if (call?.chain.has(callee) === true || (call?.chain.size ?? 0) >= DEPTH_LIMIT) return false;
    const fits = callee.opsetImport.every(({ domain, version }) => {
      const known = this.#versions.get(normalDomain(domain));
      return known === undefined || known === version;
    });
    if (!fits || this.#left < callee.node.length || !this.#isClosed(callee)) return false;
    this.#left -= callee.node.length;
    return true;
  }

  #isClosed(callee: FunctionProto): boolean {
    const known = this.#closed.get(callee) ?? isClosed(callee);
    this.#closed.set(callee, known);
    return known;
  }

  #expanded(node: NodeProto, position: number, callee: FunctionProto, outer: Call | null): NodeProto[] {
    for (const opset of callee.opsetImport) {
      if (this.#versions.has(normalDomain(opset.domain))) continue;
      this.#versions.set(normalDomain(opset.domain), opset.version);
      this.opsets.push(opset);
    }
    const prefix = this.#freePrefix(node.name === "" ? `${node.opType}_${position}` : node.name, callee);
    const names = new Map<string, string>();
    for (const [place, formal] of callee.input.entries()) names.set(formal, node.input[place] ?? "");
    const written = new Set(callee.node.flatMap(({ output }) => output));
    const handedOn: NodeProto[] = [];
    for (const [place, formal] of callee.output.entries()) {
      const actual = node.output[place] ?? "";
      if (actual === "") continue;
      if (written.has(formal)) names.set(formal, actual);
      else handedOn.push(identity(names.get(formal) ?? "", actual, `${prefix}${formal}`));
    }
    const attributes = new Map([...callee.attributeProto, ...node.attribute].map((entry) => [entry.name, entry]));
    const chain = new Set([...(outer?.chain ?? []), callee]);
    return [...this.#nodes(callee.node, { prefix, names, attributes, chain }), ...handedOn];
  }

  /** "name/", numbered where tensors of the function would take a name that is taken. */
  #freePrefix(name: string, callee: FunctionProto): string {
    const inner = callee.node.flatMap(({ output }) => output);
    for (let number = 0; ; number++) {
      const prefix = `${name}${number === 0 ? "" : `_${number}`}/`;
      if (this.#taken.has(prefix) || inner.some((tensor) => this.#taken.has(prefix + tensor))) continue;
      this.#taken.add(prefix);
      for (const tensor of inner) this.#taken.add(prefix + tensor);
      return prefix;
    }
  }

  /** A node of a function with the names and attributes that a call gives it; its bodies are left for later. */
  #renamed(node: NodeProto, position: number, call: Call): NodeProto {
    return changed(node, {
      name: call.prefix + (node.name === "" ? `${node.opType}_${position}` : node.name),
      input: node.input.map((name) => inCall(name, call)),
      output: node.output.map((name) => inCall(name, call)),
      attribute: node.attribute.flatMap((attribute) => {
        if (attribute.refAttrName === "") return [attribute];
        const given = call.attributes.get(attribute.refAttrName);
        return given === undefined ? [] : [changed(given, { name: attribute.name, refAttrName: "" })];
      }),
    });
  }

  /** The node with the calls in its bodies inlined, and in a call with names of the call there too. */
  #withBodies(node: NodeProto, original: NodeProto, call: Call | null): NodeProto {
    if (bodiesOf(node, "", 0).length === 0) return node;
    // A body that came in as an attribute of the call belongs to the caller, and has been seen to there.
    const own = new Set(original.attribute.map(({ g }) => g).filter((g) => g !== undefined));
    const attribute = node.attribute.map((entry) => {
      const { g } = entry;
      if (g === undefined && entry.graphs.length === 0) return entry;
      const copy = changed(entry, { graphs: entry.graphs.map((graph) => this.#body(graph, call)) });
      if (g !== undefined) copy.g = call === null || own.has(g) ? this.#body(g, call) : g;
      return copy;
    });
    return changed(node, { attribute });
  }

  #body(graph: GraphProto, call: Call | null): GraphProto {
    const node = this.#nodes(graph.node, call);
    if (call === null) return changed(graph, { node });
    const info = (entry: ValueInfoProto) => changed(entry, { name: inCall(entry.name, call) });
    return changed(graph, {
      node,
      input: graph.input.map(info),
      output: graph.output.map(info),
      valueInfo: graph.valueInfo.map(info),
      initializer: graph.initializer.map((tensor) => this.#tensor(tensor, call)),
      sparseInitializer: graph.sparseInitializer.map((sparse) => this.#sparse(sparse, call)),
    });
  }

  #tensor(tensor: TensorProto, call: Call): TensorProto {
    const copy = changed(tensor, { name: inCall(tensor.name, call) });
    this.origins.set(copy, tensor);
    return copy;
  }

  #sparse(sparse: SparseTensorProto, call: Call): SparseTensorProto {
    return sparse.values === undefined ? sparse : changed(sparse, { values: this.#tensor(sparse.values, call) });
  }
}

/** True where a function reads only its inputs and what its own nodes write. */
function isClosed({ input, node }: FunctionProto): boolean {
  const known = new Set([...input, ...node.flatMap(({ output }) => output)]);
  return node.every((inner) => readsOf(inner).every((name) => known.has(name)));
}

/** A name of a function as the caller sees it: what the call gives for a formal one, else one of its own. */
function inCall(name: string, { names, prefix }: Call): string {
  return name === "" ? "" : (names.get(name) ?? prefix + name);
}

function identity(input: string, output: string, name: string): NodeProto {
  return create(NodeProtoSchema, { opType: "Identity", name, input: [input], output: [output] });
}

/** Every name that a graph and the bodies in it define. */
function namesIn(graph: GraphProto | undefined): Set<string> {
  const names = new Set<string>();
  const pending = graph === undefined ? [] : [graph];
  // The list grows while it is walked.
  for (const { input, initializer, sparseInitializer, node } of pending) {
    for (const { name } of input) names.add(name);
    for (const { name } of initializer) names.add(name);
    for (const { values } of sparseInitializer) names.add(values?.name ?? "");
    for (const inner of node) {
      for (const name of inner.output) names.add(name);
      for (const body of bodiesOf(inner, "", 0)) pending.push(body.graph);
    }
  }
  return names;
}

/** The functions that calls in the graph still lead to. */
function stillCalled(graph: GraphProto, functions: readonly FunctionProto[]): FunctionProto[] {
  const callee = functionsByCall(functions);
  const called = new Set<FunctionProto>();
  const pending = [...graph.node];
  // The list grows while it is walked.
  for (const node of pending) {
    for (const body of bodiesOf(node, "", 0)) for (const inner of body.graph.node) pending.push(inner);
    const found = callee(node);
    if (found === undefined || called.has(found)) continue;
    called.add(found);
    for (const inner of found.node) pending.push(inner);
  }
  return functions.filter((definition) => called.has(definition));
}

/** Payloads under the keys that their tensors have in the new message; tensors are shared, or copies with an origin. */
function movedWeights(
  before: ModelProto,
  after: ModelProto,
  weights: ReadonlyMap<string, WeightLocation>,
  origins: ReadonlyMap<TensorProto, TensorProto>,
): ReadonlyMap<string, WeightLocation> {
  const places = new Map<TensorProto, WeightLocation>();
  for (const { tensor, key } of storedTensors(before)) {
    const place = weights.get(key);
    if (place !== undefined) places.set(tensor, place);
  }
  const moved = new Map<string, WeightLocation>();
  for (const { tensor, key } of storedTensors(after)) {
    const place = places.get(origins.get(tensor) ?? tensor);
    if (place !== undefined) moved.set(key, place);
  }
  return moved;
}
