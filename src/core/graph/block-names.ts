import { at, item, row } from "../columns.ts";
import { isHeavyOp } from "./block-breaks.ts";
import type { Graph } from "./graph.ts";

const ATTENTION = new Set(["Attention", "MultiHeadAttention", "GroupQueryAttention", "GptAttention"]);
const RECURRENT = new Set(["LSTM", "GRU", "RNN"]);

/** What a run of ops does, in one word of the field. */
function kindOf(graph: Graph, from: number, to: number): string {
  const types = graph.opTypes.slice(from, to);
  const has = (type: string) => types.includes(type);
  const matMuls = types.filter((type) => type === "MatMul").length;
  if (types.some((type) => ATTENTION.has(type)) || (has("Softmax") && matMuls >= 2)) return "attention";
  if (types.some((type) => RECURRENT.has(type))) return "recurrent";
  const convolves = types.some((type) => type.includes("Conv"));
  const joins = joinOf(graph, from, to);
  if (joins !== null && convolves) return joins;
  if (!convolves && types.some((type) => type === "MatMul" || type === "Gemm")) return "mlp";
  return "block";
}

/**
 * Whether branches join here, and how: "res" by a sum, "dense" by a concatenation with what came in from before,
 * "mix" by any other concatenation.
 */
function joinOf(graph: Graph, from: number, to: number): "res" | "mix" | "dense" | null {
  for (let op = to - 1; op >= from; op--) {
    const inputs = row(graph.opInputs, op);
    const type = item(graph.opTypes, op);
    if (inputs.length < 2) continue;
    if (type === "Add" || type === "Sum") return "res";
    if (type === "Concat") return inputs.some((tensor) => at(graph.tensorProducer, tensor) < from) ? "dense" : "mix";
  }
  return null;
}

/** Blocks before the first branch region are the stem; what follows the last one with a heavy op is the head. */
function flatNames(graph: Graph, crossing: Int32Array, firstOp: Int32Array): string[] {
  const count = firstOp.length - 1;
  const kinds: string[] = [];
  for (let block = 0; block < count; block++) {
    const from = at(firstOp, block);
    const to = at(firstOp, block + 1);
    let straight = true;
    for (let position = from + 1; position < to; position++) {
      if (at(crossing, position) > 1) straight = false;
    }
    const kind = kindOf(graph, from, to);
    if (straight && block === 0 && count > 2) kinds.push("stem");
    else if (straight && block === count - 1 && count > 2) kinds.push("head");
    else kinds.push(kind);
  }
  const totals = new Map<string, number>();
  for (const kind of kinds) totals.set(kind, (totals.get(kind) ?? 0) + 1);
  const seen = new Map<string, number>();
  return kinds.map((kind) => {
    const number = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, number);
    return (totals.get(kind) ?? 0) > 1 || (kind !== "stem" && kind !== "head") ? `${kind} ${number}` : kind;
  });
}

/** The last component of each module path, with the nearest numbered module before it where that is not enough. */
function pathNames(paths: readonly (readonly string[])[]): string[] {
  const modulesOf = new Map<string, Set<string>>();
  for (const path of paths) {
    const last = path.at(-1) ?? "";
    const modules = modulesOf.get(last) ?? new Set();
    modulesOf.set(last, modules.add(path.join("/")));
  }
  return paths.map((path) => {
    const last = path.at(-1) ?? "";
    if ((modulesOf.get(last)?.size ?? 0) <= 1) return last;
    const parent = path.slice(0, -1).findLast((component) => /\d/.test(component)) ?? path.at(-2);
    return parent === undefined ? last : `${parent}/${last}`;
  });
}

/** Makes repeated names unique by numbering them in order. */
function unique(names: readonly string[]): string[] {
  const totals = new Map<string, number>();
  for (const name of names) totals.set(name, (totals.get(name) ?? 0) + 1);
  const taken = new Set(names.filter((name) => totals.get(name) === 1));
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (totals.get(name) === 1) return name;
    let number = seen.get(name) ?? 0;
    let candidate = name;
    do {
      number += 1;
      candidate = `${name} ${number}`;
    } while (taken.has(candidate));
    seen.set(name, number);
    taken.add(candidate);
    return candidate;
  });
}

/** Names for blocks: from module paths where there are any (`paths`), else from what the ops do. O(ops). */
export function nameBlocks(
  graph: Graph,
  crossing: Int32Array,
  firstOp: Int32Array,
  paths: readonly (readonly string[])[],
): string[] {
  if (paths.every((path) => path.length === 0)) return unique(flatNames(graph, crossing, firstOp));
  const count = paths.length;
  const modules = pathNames(paths);
  return unique(
    paths.map((path, block) => {
      if (path.length > 0) return item(modules, block);
      if (block === 0) return "stem";
      if (block === count - 1) return "head";
      const from = at(firstOp, block);
      const to = at(firstOp, block + 1);
      return graph.opTypes.slice(from, to).some(isHeavyOp) ? kindOf(graph, from, to) : "ops";
    }),
  );
}
