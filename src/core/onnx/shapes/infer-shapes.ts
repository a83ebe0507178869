import type { GraphProto, NodeProto } from "onnx-buf";
import { item } from "../../columns.ts";
import { readsOf } from "../captures.ts";
import type { DimensionBindings, Model, TensorType } from "../model.ts";
import { bodiesOf, functionsByCall, isConstantNode, normalDomain } from "../subgraphs.ts";
import { weightKey } from "../weight-key.ts";
import { describeNode, type Wiring } from "../wiring.ts";
import { type BodyRunner, controlFlowOf } from "./control-flow.ts";
import { type Fact, open, unknown } from "./fact.ts";
import { ruleOf } from "./families.ts";
import { isResolved } from "./interpret.ts";
import { constantNodeFact, initializerFact, inputFact } from "./known-facts.ts";
import type { Outcome } from "./rule.ts";
import { ShapeOp } from "./shape-op.ts";

/** Nodes that one inference looks at, bodies again each time that they are looked at. */
const BUDGET = 4_000_000;
/** No usual tensor has so many axes; files that claim more are damaged. */
const RANK_LIMIT = 64;

export interface InferredShapes {
  /**
   * Types of the main graph's own inputs and of what its nodes write (Constant nodes left out), and the same of bodies,
   * by `weightKey`.
   */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Why a type is not known in full, by the same names: a clause. */
  readonly reasons: ReadonlyMap<string, string>;
}

export interface InferShapesOptions {
  readonly bindings: DimensionBindings;
  /** Types that a person stated, by tensor; they count where nothing else is known in full. */
  readonly given?: ReadonlyMap<string, TensorType>;
}

/**
 * Element types and shapes of all tensors of a model, by rules of our own: one pass in topological order that carries
 * names of dimensions and the elements of small integer tensors, from which shapes are computed. Never fails: what a
 * rule cannot tell, or an op that has none, leaves its outputs open with a reason. O(nodes + names), bodies of Loop
 * a few times; at most BUDGET nodes are looked at.
 */
export function inferShapes(model: Model, wiring: Wiring, options: InferShapesOptions): InferredShapes {
  return new Inference(model, wiring, options).run();
}

/** Values by name in one graph or body; names of the graphs around it are seen too. */
class Scope {
  readonly key: string;
  readonly #outer: Scope | null;
  readonly #facts = new Map<string, Fact>();

  constructor(key: string, outer: Scope | null) {
    this.key = key;
    this.#outer = outer;
  }

  set(name: string, fact: Fact): void {
    this.#facts.set(name, fact);
  }

  find(name: string): Fact | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.#outer) {
      const fact = scope.#facts.get(name);
      if (fact !== undefined) return fact;
    }
    return null;
  }
}

class Inference {
  readonly #model: Model;
  readonly #wiring: Wiring;
  readonly #bindings: DimensionBindings;
  readonly #given: ReadonlyMap<string, TensorType>;
  readonly #isCall: (node: NodeProto) => boolean;
  readonly #types = new Map<string, TensorType>();
  readonly #reasons = new Map<string, string>();
  #left = BUDGET;

  constructor(model: Model, wiring: Wiring, { bindings, given = new Map() }: InferShapesOptions) {
    this.#model = model;
    this.#wiring = wiring;
    this.#bindings = bindings;
    this.#given = given;
    const callee = functionsByCall(model.proto.functions);
    this.#isCall = (node) => callee(node) !== undefined;
  }

  run(): InferredShapes {
    const main = new Scope("", null);
    const { nodes, order, initializers } = this.#wiring;
    for (const info of this.#model.proto.graph?.input ?? []) {
      if (info.name === "" || initializers.has(info.name)) continue;
      this.#record(main, info.name, inputFact(info, this.#bindings));
    }
    for (const [name, initializer] of initializers) main.set(name, initializerFact(initializer));
    for (const position of order) this.#node(item(nodes, position), position, main);
    return { types: this.#types, reasons: this.#reasons };
  }

  #node(node: NodeProto, position: number, scope: Scope): void {
    if (isConstantNode(node)) {
      const [output = ""] = node.output;
      scope.set(output, constantNodeFact(node));
      return;
    }
    const inputs = node.input.map((name) => (name === "" ? null : (scope.find(name) ?? MISSING)));
    const outcome = this.#outcome(node, position, inputs, scope);
    const clause = typeof outcome === "string" ? `of ${describeNode(node, position)}: ${outcome}` : NOTHING_SAID;
    const facts = typeof outcome === "string" ? [] : outcome;
    let inherited: string | null | undefined;
    for (const [place, name] of node.output.entries()) {
      if (name === "") continue;
      let fact = possible(facts[place] ?? unknown(clause));
      if (!isResolved(fact.type)) {
        if (inherited === undefined) inherited = this.#isUndescribed(node) ? null : inheritedReason(node, scope);
        fact = { ...fact, reason: inherited ?? fact.reason ?? NOTHING_SAID };
      }
      this.#record(scope, name, fact);
    }
  }

  #outcome(node: NodeProto, position: number, inputs: readonly (Fact | null)[], scope: Scope): Outcome {
    this.#left -= 1;
    if (this.#left < 0) return "the bodies of its ops repeat too often to be looked at";
    const op = new ShapeOp(node, this.#model.opsets.get(normalDomain(node.domain)) ?? 0, inputs);
    const flow = controlFlowOf(node);
    if (flow !== undefined) return flow(op, this.#bodies(node, position, scope));
    const rule = ruleOf(node);
    if (rule !== undefined) return rule(op);
    const { domain } = node;
    return this.#isCall(node)
      ? "it calls a function of the model whose nodes cannot stand in its place"
      : `Splitscope does not know the op "${node.opType}"${normalDomain(domain) === "" ? "" : ` of the domain "${domain}"`}`;
  }

  #isUndescribed(node: NodeProto): boolean {
    return controlFlowOf(node) === undefined && ruleOf(node) === undefined;
  }

  /** Looks at a body with given inputs; what its nodes write is recorded, the last time counts. */
  #bodies(node: NodeProto, position: number, outer: Scope): BodyRunner {
    const bodies = bodiesOf(node, outer.key, position);
    return (attribute, inputs) => {
      const graph = node.attribute.find(({ name }) => name === attribute)?.g;
      const body = bodies.find((candidate) => candidate.graph === graph);
      if (body === undefined) return null;
      return this.#body(body.graph, new Scope(body.scope, outer), inputs);
    };
  }

  #body(graph: GraphProto, scope: Scope, inputs: readonly (Fact | null)[]): readonly Fact[] {
    for (const [place, info] of graph.input.entries()) {
      this.#record(scope, info.name, inputs[place] ?? unknown("the op around it gives its body no such input"));
    }
    for (const dense of graph.initializer) scope.set(dense.name, initializerFact({ dense }));
    for (const sparse of graph.sparseInitializer) scope.set(sparse.values?.name ?? "", initializerFact({ sparse }));
    for (const [position, node] of graph.node.entries()) this.#node(node, position, scope);
    return graph.output.map(({ name }) => scope.find(name) ?? MISSING);
  }

  #record(scope: Scope, name: string, found: Fact): void {
    const stated = scope.key === "" && !isResolved(found.type) ? this.#given.get(name) : undefined;
    const fact = stated === undefined ? found : { type: stated, value: null, element: null, reason: null };
    scope.set(name, fact);
    const key = weightKey(scope.key, name);
    this.#types.set(key, fact.type);
    if (isResolved(fact.type)) this.#reasons.delete(key);
    else this.#reasons.set(key, fact.reason ?? NOTHING_SAID);
  }
}

const NOTHING_SAID = "its size depends on the data";
const MISSING = unknown("nothing writes it before it is read");
const FOLLOWS = "it follows from ";

/** The reason that the first open input has, as what it depends on is open for the same reason. */
function inheritedReason(node: NodeProto, scope: Scope): string | null {
  for (const name of readsOf(node)) {
    const fact = scope.find(name);
    if (fact === null || fact.reason === null || isResolved(fact.type)) continue;
    return fact.reason.startsWith(FOLLOWS) ? fact.reason : `${FOLLOWS}"${name}": ${fact.reason}`;
  }
  return null;
}

/** The fact itself, unless its shape cannot be one: sizes are whole numbers from 0 that a file can mean. */
function possible(fact: Fact): Fact {
  const { type } = fact;
  if (type.shape === null) return fact;
  if (type.shape.length > RANK_LIMIT) {
    return open(type.elementType, null, `it would have ${type.shape.length} axes; at most ${RANK_LIMIT} were expected`);
  }
  const wrong = type.shape.find((size) => typeof size === "number" && !(Number.isSafeInteger(size) && size >= 0));
  if (wrong === undefined) return fact;
  return open(type.elementType, null, `an axis would have the size ${wrong}; a whole number from 0 was expected`);
}
