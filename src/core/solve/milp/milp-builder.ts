import { Linear, type Milp, ONE, type Term, ZERO } from "./milp.ts";

/** How a column follows from columns before it: so points are completed from the decisions alone. */
type Definition =
  /** The largest of the expressions and 0. */
  | { readonly kind: "largest"; readonly column: number; readonly of: readonly Linear[] }
  /** 1 where both terms are. */
  | { readonly kind: "product"; readonly column: number; readonly a: Term; readonly b: Term };

interface Row {
  readonly lower: number;
  readonly upper: number;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** A program put together step by step: decisions, columns that follow from them, rows. */
export class MilpBuilder {
  readonly #upper: number[] = [];
  readonly #integer: number[] = [];
  readonly #definitions: Definition[] = [];
  readonly #rows: Row[] = [];
  #objective = new Linear();
  #infeasible = false;
  /** Place of each column in the row that is being put together. */
  #place = new Int32Array(0);

  get columnCount(): number {
    return this.#upper.length;
  }

  /** Whether some row without columns cannot hold. */
  get infeasible(): boolean {
    return this.#infeasible;
  }

  #column(upper: number, integer: number): number {
    this.#integer.push(integer);
    return this.#upper.push(upper) - 1;
  }

  /** A decision, 0 or 1. */
  binary(): number {
    return this.#column(1, 1);
  }

  /**
   * A column that is at least 0 and at least each expression: the largest of them wherever less is better, as it must be
   * in all rows and objectives that it enters.
   */
  largest(of: readonly Linear[], upper = Number.POSITIVE_INFINITY): Term {
    const kept = of.filter((linear) => linear.columns.length > 0 || linear.constant > 0);
    if (kept.length === 0) return ZERO;
    if (upper === 1 && kept.some((linear) => linear.columns.length === 0 && linear.constant >= 1)) return ONE;
    const [only] = kept;
    if (kept.length === 1 && only?.columns.length === 1 && only.constant === 0 && only.factors[0] === 1) {
      return only.columns[0] ?? ZERO;
    }
    const column = this.#column(upper, 0);
    this.#definitions.push({ kind: "largest", column, of: kept });
    for (const linear of kept) this.atMost(new Linear().addAll(linear).add(column, -1), 0);
    return column;
  }

  /** A term for "both are 1". A column of its own gets its rows from the caller. */
  product(a: Term, b: Term): Term {
    if (a === ZERO || b === ZERO) return ZERO;
    if (a === ONE) return b;
    if (b === ONE || a === b) return a;
    const column = this.#column(1, 0);
    this.#definitions.push({ kind: "product", column, a, b });
    return column;
  }

  atMost(linear: Linear, bound: number): void {
    this.row(Number.NEGATIVE_INFINITY, linear, bound);
  }

  equal(linear: Linear, value: number): void {
    this.row(value, linear, value);
  }

  /** lower <= linear <= upper; terms of one column are added up, the row is scaled to a largest coefficient of 1. */
  row(lower: number, linear: Linear, upper: number): void {
    if (this.#place.length < this.columnCount) this.#place = new Int32Array(2 * this.columnCount).fill(-1);
    const columns: number[] = [];
    const sums: number[] = [];
    for (const [i, column] of linear.columns.entries()) {
      const factor = linear.factors[i] ?? 0;
      const place = this.#place[column] ?? -1;
      if (place >= 0) {
        sums[place] = (sums[place] ?? 0) + factor;
        continue;
      }
      this.#place[column] = columns.length;
      columns.push(column);
      sums.push(factor);
    }
    for (const column of columns) this.#place[column] = -1;
    const kept = [...columns.keys()].filter((i) => sums[i] !== 0);
    const scale = kept.reduce((most, i) => Math.max(most, Math.abs(sums[i] ?? 0)), 0);
    if (scale === 0) {
      const slack = 1e-9 * Math.max(Math.abs(linear.constant), 1e-300);
      if (linear.constant < lower - slack || linear.constant > upper + slack) this.#infeasible = true;
      return;
    }
    this.#rows.push({
      lower: (lower - linear.constant) / scale,
      upper: (upper - linear.constant) / scale,
      columns: Int32Array.from(kept, (i) => columns[i] ?? 0),
      values: Float64Array.from(kept, (i) => (sums[i] ?? 0) / scale),
    });
  }

  minimise(linear: Linear): void {
    this.#objective = linear;
  }

  /** What to divide the objective by, so that values are about 1000: by a known value, or else by its coefficients. */
  scale(value: number): number {
    const known = value < Number.POSITIVE_INFINITY ? value : 0;
    const most = known > 0 ? known : this.#objective.factors.reduce((sum, factor) => sum + Math.abs(factor), 0);
    return most > 0 ? most / 1000 : 1;
  }

  /** Value of the objective at a point. */
  objectiveAt(point: Float64Array): number {
    return this.#objective.at(point);
  }

  /** Sets every column that follows from the decisions. O(size of the definitions). */
  complete(point: Float64Array): Float64Array {
    const valueAt = (term: Term) => (term === ONE ? 1 : term === ZERO ? 0 : (point[term] ?? 0));
    for (const definition of this.#definitions) {
      if (definition.kind === "product") {
        point[definition.column] = valueAt(definition.a) * valueAt(definition.b);
        continue;
      }
      let most = 0;
      for (const linear of definition.of) most = Math.max(most, linear.at(point));
      point[definition.column] = most;
    }
    return point;
  }

  /**
   * The program, its objective divided by `unit`. With a finite `cutoff` only points whose objective is at most that are
   * feasible.
   */
  build(unit: number, cutoff: number): Milp {
    const rows = this.#rows.slice();
    if (cutoff < Number.POSITIVE_INFINITY) {
      const before = this.#rows.length;
      this.atMost(this.#objective, cutoff);
      rows.push(...this.#rows.splice(before));
    }
    const columnCount = this.columnCount;
    const cost = new Float64Array(columnCount);
    for (const [i, column] of this.#objective.columns.entries()) {
      cost[column] = (cost[column] ?? 0) + (this.#objective.factors[i] ?? 0) / unit;
    }
    const starts = new Int32Array(rows.length + 1);
    for (const [i, row] of rows.entries()) starts[i + 1] = (starts[i] ?? 0) + row.columns.length;
    const size = starts[rows.length] ?? 0;
    const indices = new Int32Array(size);
    const values = new Float64Array(size);
    for (const [i, row] of rows.entries()) {
      indices.set(row.columns, starts[i]);
      values.set(row.values, starts[i]);
    }
    return {
      columnCount,
      rowCount: rows.length,
      offset: this.#objective.constant / unit,
      cost,
      lower: new Float64Array(columnCount),
      upper: Float64Array.from(this.#upper),
      integer: Uint8Array.from(this.#integer),
      rowLower: Float64Array.from(rows, ({ lower }) => lower),
      rowUpper: Float64Array.from(rows, ({ upper }) => upper),
      starts,
      indices,
      values,
    };
  }
}
