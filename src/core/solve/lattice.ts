import { f64, i32 } from "../columns.ts";
import { frontierBytes, type Wiring } from "../plan/order.ts";

/**
 * Down-sets of the ops, numbered so that a subset comes before a superset: 0 is the empty set, count - 1 holds all ops.
 * Either all of them or, for one topological order, its prefixes.
 */
export interface Lattice {
  readonly count: number;
  /** Sets one op larger: set s plus op upOp[e] is upSet[e], for e in upFirst[s] .. upFirst[s + 1]. */
  readonly upFirst: Int32Array;
  readonly upSet: Int32Array;
  readonly upOp: Int32Array;
  /**
   * Place of each op in one topological order. The sets above a set are listed by the place of the op that they add.
   */
  readonly rankOf: Int32Array;
  /** One set that is one op smaller, and that op; -1 for the empty set. */
  readonly belowSet: Int32Array;
  readonly belowOp: Int32Array;
  /** Bytes on the wire that cross from the set to its complement; NaN where such a cut is forbidden. */
  readonly bytes: Float64Array;
}

/** Sum of a column over the ops of each set. O(sets). */
export function sumOver({ count, belowSet, belowOp }: Lattice, column: Float64Array): Float64Array {
  const sums = new Float64Array(count);
  for (let set = 1; set < count; set++) sums[set] = f64(sums, i32(belowSet, set)) + f64(column, i32(belowOp, set));
  return sums;
}

/** The prefixes of a topological order. O(ops + edges). */
export function prefixLattice(problem: Wiring, order: Int32Array): Lattice {
  const count = order.length + 1;
  const rankOf = new Int32Array(order.length);
  for (const [position, op] of order.entries()) rankOf[op] = position;
  return {
    count,
    rankOf,
    upFirst: Int32Array.from({ length: count + 1 }, (_, set) => Math.min(set, order.length)),
    upSet: Int32Array.from(order, (_, position) => position + 1),
    upOp: order,
    belowSet: Int32Array.from({ length: count }, (_, set) => set - 1),
    belowOp: Int32Array.from({ length: count }, (_, set) => (set === 0 ? -1 : i32(order, set - 1))),
    bytes: frontierBytes(problem, order),
  };
}
