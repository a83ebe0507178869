import { i32 } from "../columns.ts";

/** Sets of numbers 0..n-1 that are put together step by step. */
export class Partition {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, member) => member);
  }

  /** The least member of the set. Amortised O(log n). */
  find(member: number): number {
    let root = member;
    while (i32(this.#parent, root) !== root) {
      const above = i32(this.#parent, i32(this.#parent, root));
      this.#parent[root] = above;
      root = above;
    }
    return root;
  }

  /** Whether the two were apart before. */
  join(a: number, b: number): boolean {
    const one = this.find(a);
    const two = this.find(b);
    if (one === two) return false;
    this.#parent[Math.max(one, two)] = Math.min(one, two);
    return true;
  }
}

/** Edges between numbers 0..n-1 as two columns. */
export interface Arcs {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Strongly connected components, numbered so that every edge between two of them leads to the higher number (Tarjan
 * 1972, without recursion). O(nodes + edges).
 */
export function components(nodeCount: number, { from, to }: Arcs): { readonly count: number; readonly of: Int32Array } {
  const first = new Int32Array(nodeCount + 1);
  for (const node of from) first[node + 1] = i32(first, node + 1) + 1;
  for (let node = 0; node < nodeCount; node++) first[node + 1] = i32(first, node + 1) + i32(first, node);
  const heads = new Int32Array(from.length);
  const fill = first.slice();
  for (const [edge, node] of from.entries()) {
    heads[i32(fill, node)] = to[edge] ?? -1;
    fill[node] = i32(fill, node) + 1;
  }
  const of = new Int32Array(nodeCount).fill(-1);
  const found = new Int32Array(nodeCount).fill(-1);
  const low = new Int32Array(nodeCount);
  const cursor = first.slice();
  const open: number[] = [];
  let clock = 0;
  let count = 0;
  const enter = (node: number, path: number[]) => {
    found[node] = clock;
    low[node] = clock++;
    open.push(node);
    path.push(node);
  };
  // Roots from the last to the first: of components that nothing orders, the one of the lower node comes out earlier.
  for (let root = nodeCount - 1; root >= 0; root--) {
    if (i32(found, root) >= 0) continue;
    const path: number[] = [];
    enter(root, path);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = i32(cursor, node);
      if (edge < i32(first, node + 1)) {
        cursor[node] = edge + 1;
        const head = i32(heads, edge);
        if (i32(found, head) < 0) enter(head, path);
        else if (i32(of, head) < 0) low[node] = Math.min(i32(low, node), i32(found, head));
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) low[above] = Math.min(i32(low, above), i32(low, node));
      if (i32(low, node) !== i32(found, node)) continue;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        of[member] = count;
        if (member === node) break;
      }
      count += 1;
    }
  }
  return { count, of: of.map((component) => count - 1 - component) };
}
