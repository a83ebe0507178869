import type { Graph } from "../graph/graph.ts";
import { assembleGraph, type TensorSpec, tensorOfBytes } from "./graph-assembly.ts";

/**
 * Graphs as text art. Statements are separated by ";" or line ends:
 *
 *     a -> b -> d; a -> c -> d    four ops; an op writes one tensor, named after it, which all its readers share
 *     a=3 -> b:Conv=0.5           work of an op (default 1) and its type (default "Op"), on any one mention
 *     a -100-> b                  bytes of a's tensor (default 1), on any one mention; "?" is an unknown size
 *     a -x:100-> b; a -y-> c      named tensors, for an op that writes several
 *     [in:600] -> a               a graph input
 *     d -> [y:40]; d -> []        a graph output: a tensor of d named y; the tensor named after d
 *     w:40 => a, b                a constant of 40 bytes that a and b read
 *
 * An op that would read nothing reads the graph input "input". A tensor that nobody reads is a graph output.
 */
export interface TextGraph {
  readonly graph: Graph;
  /** Work of each op in units of any kind, by op number. */
  readonly work: Float64Array;
}

interface Op {
  readonly name: string;
  type: string;
  work: number;
  readonly reads: Set<Tensor>;
  readonly writes: Set<Tensor>;
  readonly constants: Set<Tensor>;
}

interface Tensor {
  readonly name: string;
  bytes: number;
  isOutput: boolean;
  /** The op that writes it, null for a graph input or a constant. */
  readonly writer: Op | null;
}

const ARROW = /-(?:([^\s>-]+)-)?>/;
const LABEL = /^(?:([A-Za-z_][\w./]*):?)?(\d+(?:\.\d+)?|\?)?$/;
const OP = /^([A-Za-z_][\w./]*)(?::([A-Za-z]\w*))?(?:=(\d+(?:\.\d+)?))?$/;

class Parser {
  readonly ops = new Map<string, Op>();
  readonly tensors = new Map<string, Tensor>();
  readonly constants = new Map<string, Tensor>();

  statement(text: string): void {
    const [constant, readers] = text.split("=>");
    if (constant !== undefined && readers !== undefined) {
      const tensor = tensorOf(this.constants, constant.trim(), null);
      for (const reader of readers.split(",")) this.#op(reader.trim()).constants.add(tensor);
      return;
    }
    const [first = "", ...rest] = text.split(ARROW);
    let from = first.trim();
    if (rest.length === 0) this.#op(from);
    for (let i = 0; i < rest.length; i += 2) {
      const to = (rest[i + 1] ?? "").trim();
      this.#edge(from, rest[i] ?? "", to);
      from = to;
    }
  }

  /** Ops without inputs and outputs of their own get what the grammar says. */
  complete(): void {
    for (const op of this.ops.values()) {
      if (op.reads.size === 0) op.reads.add(tensorOf(this.tensors, "input", null));
      if (op.writes.size === 0) op.writes.add(tensorOf(this.tensors, op.name, op));
    }
    const read = new Set([...this.ops.values()].flatMap(({ reads }) => [...reads]));
    for (const tensor of this.tensors.values()) if (!read.has(tensor)) tensor.isOutput = true;
  }

  #edge(from: string, label: string, to: string): void {
    const target = bracket(to);
    if (label !== "" && target) throw new SyntaxError(`"${to}" names a tensor that is "${label}" already`);
    const tensor = this.#leaving(from, target || label);
    if (target === undefined) this.#op(to).reads.add(tensor);
    else tensor.isOutput = true;
  }

  /** The tensor that leaves `from`: a graph input, or one that an op writes. */
  #leaving(from: string, label: string): Tensor {
    const input = bracket(from);
    if (input === undefined) {
      const op = this.#op(from);
      const tensor = tensorOf(this.tensors, /^[\d?]/.test(label) ? `${op.name}:${label}` : label || op.name, op);
      op.writes.add(tensor);
      return tensor;
    }
    if (label !== "") throw new SyntaxError(`graph input "${input}" has a name already; "${label}" gives another`);
    return tensorOf(this.tensors, input, null);
  }

  #op(text: string): Op {
    const [, name, type, work] = OP.exec(text) ?? [];
    if (name === undefined) throw new SyntaxError(`"${text}" is not an op; expected name, name:Type or name=work`);
    const known = this.ops.get(name);
    const op = known ?? { name, type: "Op", work: 1, reads: new Set(), writes: new Set(), constants: new Set() };
    if (type !== undefined) op.type = type;
    if (work !== undefined) op.work = Number(work);
    this.ops.set(name, op);
    return op;
  }
}

function tensorOf(known: Map<string, Tensor>, text: string, writer: Op | null): Tensor {
  const [, name, bytes] = LABEL.exec(text) ?? [];
  if (name === undefined) throw new SyntaxError(`"${text}" is not a tensor; expected name or name:bytes`);
  const tensor = known.get(name) ?? { name, bytes: 1, isOutput: false, writer };
  if (tensor.writer !== writer) throw new SyntaxError(`tensor "${name}" has two origins`);
  if (bytes !== undefined) tensor.bytes = bytes === "?" ? Number.NaN : Number(bytes);
  known.set(name, tensor);
  return tensor;
}

/** What stands in brackets, undefined where there are none. */
function bracket(text: string): string | undefined {
  return text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1).trim() : undefined;
}

/** Ops in topological order, of the ready ones always the one mentioned first. O(ops^2). */
function inOrder(ops: Iterable<Op>): Op[] {
  const waiting = new Set(ops);
  const order: Op[] = [];
  const isReady = (op: Op) => [...op.reads].every(({ writer }) => writer === null || !waiting.has(writer));
  while (waiting.size > 0) {
    const next = [...waiting].find(isReady);
    if (next === undefined) throw new SyntaxError(`ops ${[...waiting].map(({ name }) => name)} form a cycle`);
    waiting.delete(next);
    order.push(next);
  }
  return order;
}

/** Reads a graph from text art; a mistake in the text throws. */
export function textGraph(text: string): TextGraph {
  const parser = new Parser();
  for (const statement of text.split(/[;\n]/)) if (statement.trim() !== "") parser.statement(statement.trim());
  parser.complete();
  const order = inOrder(parser.ops.values());
  return { graph: assemble(parser, order), work: Float64Array.from(order, ({ work }) => work) };
}

function assemble(parser: Parser, order: readonly Op[]): Graph {
  const tensors = [...parser.tensors.values()];
  const constants = [...parser.constants.values()];
  const tensorNumber = new Map(tensors.map((tensor, number) => [tensor, number]));
  const constantNumber = new Map(constants.map((tensor, number) => [tensor, number]));
  const numbers = (set: ReadonlySet<Tensor>, of: ReadonlyMap<Tensor, number>) =>
    [...set].map((tensor) => of.get(tensor) ?? -1);
  const spec = ({ name, bytes }: Tensor): TensorSpec => tensorOfBytes(name, bytes);
  return assembleGraph({
    ops: order.map(({ name, type, reads, writes, constants: read }) => ({
      name,
      type,
      inputs: numbers(reads, tensorNumber),
      outputs: numbers(writes, tensorNumber),
      constants: numbers(read, constantNumber),
    })),
    tensors: tensors.map(spec),
    constants: constants.map(spec),
    outputs: tensors.flatMap(({ isOutput }, number) => (isOutput ? [number] : [])),
  });
}
