import { item } from "../columns.ts";
import { err, ok, type Result } from "../result.ts";

/**
 * Orders nodes so that each comes after those it depends on; among those that could come next, the smallest
 * number goes first, so an order that is topological already stays as it is. `dependencies[i]` lists the nodes
 * that node i waits for. The error is the number of a node on a cycle. O((n + m) log n), Kahn with a heap.
 */
export function topologicalOrder(dependencies: readonly (readonly number[])[]): Result<number[], number> {
  const dependents: number[][] = dependencies.map(() => []);
  const waiting = dependencies.map((list) => list.length);
  for (const [node, list] of dependencies.entries()) for (const other of list) item(dependents, other).push(node);
  const ready = new MinHeap();
  for (const [node, count] of waiting.entries()) if (count === 0) ready.push(node);
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const dependent of item(dependents, node)) {
      const left = item(waiting, dependent) - 1;
      waiting[dependent] = left;
      if (left === 0) ready.push(dependent);
    }
  }
  return order.length === dependencies.length ? ok(order) : err(nodeOnCycle(dependencies, waiting));
}

/** Walks back through nodes that still wait; each waits for another one that does, so the walk must meet itself. */
function nodeOnCycle(dependencies: readonly (readonly number[])[], waiting: readonly number[]): number {
  const seen = new Set<number>();
  let node = waiting.findIndex((count) => count > 0);
  while (!seen.has(node)) {
    seen.add(node);
    const next = item(dependencies, node).find((other) => item(waiting, other) > 0);
    if (next === undefined) throw new Error(`node ${node} waits for nothing that waits`);
    node = next;
  }
  return node;
}

/** Binary heap of integers, smallest first. */
class MinHeap {
  readonly #items: number[] = [];

  push(value: number): void {
    const items = this.#items;
    let index = items.length;
    items.push(value);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = item(items, parent);
      if (above <= value) break;
      items[index] = above;
      index = parent;
    }
    items[index] = value;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = items[child];
      if (left === undefined) break;
      const right = items[child + 1];
      let smaller = left;
      if (right !== undefined && right < left) {
        child += 1;
        smaller = right;
      }
      if (smaller >= last) break;
      items[index] = smaller;
      index = child;
    }
    items[index] = last;
    return top;
  }
}
