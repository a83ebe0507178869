/** A column of a program by its number, or one of the constants. */
export type Term = number;
export const ZERO: Term = -1;
export const ONE: Term = -2;

/** constant + sum of factor x term. Terms may occur several times; rows add them up. */
export class Linear {
  constant: number;
  readonly columns: number[] = [];
  readonly factors: number[] = [];

  constructor(constant = 0) {
    this.constant = constant;
  }

  add(term: Term, factor: number): this {
    if (term === ONE) this.constant += factor;
    else if (term !== ZERO && factor !== 0) {
      this.columns.push(term);
      this.factors.push(factor);
    }
    return this;
  }

  addAll(other: Linear, factor = 1): this {
    this.constant += factor * other.constant;
    if (factor === 0) return this;
    for (let i = 0; i < other.columns.length; i++) this.add(other.columns[i] ?? ZERO, factor * (other.factors[i] ?? 0));
    return this;
  }

  /** Value at a point, one number per column. O(terms). */
  at(point: Float64Array): number {
    let sum = this.constant;
    for (let i = 0; i < this.columns.length; i++) sum += (this.factors[i] ?? 0) * (point[this.columns[i] ?? 0] ?? 0);
    return sum;
  }
}

/**
 * A mixed-integer linear program in columns: minimise offset + cost x subject to rowLower <= A x <= rowUpper and
 * lower <= x <= upper, x integer where marked. A is given by rows (CSR).
 */
export interface Milp {
  readonly columnCount: number;
  readonly rowCount: number;
  readonly offset: number;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** 1 where the column must be a whole number. */
  readonly integer: Uint8Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * What an engine found out. `values` is a point that it holds for feasible, or null; `bound` a lower bound on the
 * objective, -Infinity where none is known. "infeasible": there is no point.
 */
export interface MilpOutcome {
  readonly status: "optimal" | "infeasible" | "stopped";
  readonly values: Float64Array | null;
  readonly bound: number;
}

export interface MilpOptions {
  /** A feasible point to begin with. */
  readonly start: Float64Array | null;
  readonly seconds: number;
  /** Called with every better point. */
  readonly onImproved: (values: Float64Array) => void;
  /** Called now and then with the lower bound so far; true ends the search. */
  readonly shouldStop: (bound: number) => boolean;
}

/** An engine for mixed-integer programs. */
export type SolveMilp = (milp: Milp, options: MilpOptions) => MilpOutcome;

/** The largest violation of a bound, a row or wholeness at a point, rows scaled to a largest coefficient of 1. O(size). */
export function violation(milp: Milp, point: Float64Array): number {
  let worst = 0;
  for (let column = 0; column < milp.columnCount; column++) {
    const value = point[column] ?? Number.NaN;
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, (milp.lower[column] ?? 0) - value, value - (milp.upper[column] ?? 0));
    if (milp.integer[column] === 1) worst = Math.max(worst, Math.abs(value - Math.round(value)));
  }
  for (let row = 0; row < milp.rowCount; row++) {
    let sum = 0;
    for (let i = milp.starts[row] ?? 0; i < (milp.starts[row + 1] ?? 0); i++) {
      sum += (milp.values[i] ?? 0) * (point[milp.indices[i] ?? 0] ?? 0);
    }
    worst = Math.max(worst, (milp.rowLower[row] ?? 0) - sum, sum - (milp.rowUpper[row] ?? 0));
  }
  return worst;
}
