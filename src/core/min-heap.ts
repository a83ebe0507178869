import { item } from "./columns.ts";

/** A priority queue: least key first, among equal keys the one that was pushed first. Push and pop O(log size). */
export class MinHeap<T> {
  readonly #key: (value: T) => number;
  readonly #entries: { readonly value: T; readonly key: number; readonly serial: number }[] = [];
  #pushed = 0;

  constructor(key: (value: T) => number) {
    this.#key = key;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The least key, Infinity when empty. */
  least(): number {
    return this.#entries[0]?.key ?? Number.POSITIVE_INFINITY;
  }

  #comesFirst(a: number, b: number): boolean {
    const left = item(this.#entries, a);
    const right = item(this.#entries, b);
    return left.key < right.key || (left.key === right.key && left.serial < right.serial);
  }

  #swap(a: number, b: number): void {
    const value = item(this.#entries, a);
    this.#entries[a] = item(this.#entries, b);
    this.#entries[b] = value;
  }

  push(value: T): void {
    this.#entries.push({ value, key: this.#key(value), serial: this.#pushed++ });
    let index = this.#entries.length - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#comesFirst(index, above)) return;
      this.#swap(index, above);
      index = above;
    }
  }

  pop(): T | undefined {
    const top = this.#entries[0];
    const last = this.#entries.pop();
    if (top === undefined || last === undefined) return undefined;
    if (this.#entries.length === 0) return top.value;
    this.#entries[0] = last;
    for (let index = 0; ; ) {
      let first = index;
      for (const below of [2 * index + 1, 2 * index + 2]) {
        if (below < this.#entries.length && this.#comesFirst(below, first)) first = below;
      }
      if (first === index) return top.value;
      this.#swap(index, first);
      index = first;
    }
  }
}
