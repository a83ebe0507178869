import type { NodeProto } from "onnx-buf";
import { item } from "../columns.ts";

/**
 * One unique name per op. A node's own name goes to the first op that bears it; an op without a name is called
 * `<Type>_<position in file>`, and one whose name is taken gets its position appended. Names out of the file are
 * given out before any are made up, so made-up ones never displace them. Deterministic; O(ops), amortised.
 */
export function opNames(nodes: readonly NodeProto[], positions: readonly number[]): string[] {
  const taken = new Set<string>();
  const names: (string | null)[] = nodes.map(({ name }) => {
    if (name === "" || taken.has(name)) return null;
    taken.add(name);
    return name;
  });
  return names.map((name, op) => {
    if (name !== null) return name;
    const node = item(nodes, op);
    const base = `${node.name === "" ? node.opType : node.name}_${item(positions, op)}`;
    let free = base;
    for (let attempt = 2; taken.has(free); attempt += 1) free = `${base}_${attempt}`;
    taken.add(free);
    return free;
  });
}
