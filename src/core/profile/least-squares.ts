import { at } from "../columns.ts";

/** Rows of a small linear model: `size` features and a target, weighted already, as their normal equations. */
export class NormalEquations {
  readonly size: number;
  readonly #products: Float64Array;
  readonly #targets: Float64Array;
  #square = 0;

  constructor(size: number) {
    this.size = size;
    this.#products = new Float64Array(size * size);
    this.#targets = new Float64Array(size);
  }

  /** Adds a row (`sign` 1) or takes it out again (-1). O(size^2). */
  add(features: readonly number[], target: number, sign: 1 | -1): void {
    for (let i = 0; i < this.size; i++) {
      for (let j = 0; j < this.size; j++) {
        const cell = i * this.size + j;
        this.#products[cell] = at(this.#products, cell) + sign * at(features, i) * at(features, j);
      }
      this.#targets[i] = at(this.#targets, i) + sign * at(features, i) * target;
    }
    this.#square += sign * target * target;
  }

  /**
   * The unconstrained solution over some of the features, null where they do not determine one. Features are brought to
   * one scale first: without that, elimination loses those that are small beside others. O(size^3).
   */
  #solve(chosen: readonly number[]): readonly number[] | null {
    const scales = chosen.map((i) => Math.sqrt(at(this.#products, i * (this.size + 1))));
    if (scales.some((scale) => !(scale > 0))) return null;
    const rows = chosen.map((i, row) => [
      ...chosen.map((j, column) => at(this.#products, i * this.size + j) / at(scales, row) / at(scales, column)),
      at(this.#targets, i) / at(scales, row),
    ]);
    const width = chosen.length;
    for (let column = 0; column < width; column++) {
      let pivot = column;
      for (let row = column + 1; row < width; row++) {
        if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
      }
      const [top, other] = [rows[pivot], rows[column]];
      if (top === undefined || other === undefined) return null;
      rows[pivot] = other;
      rows[column] = top;
      const lead = at(top, column);
      if (!(Math.abs(lead) > 1e-12)) return null;
      for (const [i, row] of rows.entries()) {
        if (i === column) continue;
        const factor = at(row, column) / lead;
        for (let j = column; j <= width; j++) row[j] = at(row, j) - factor * at(top, j);
      }
    }
    return rows.map((row, i) => at(row, width) / at(row, i) / at(scales, i));
  }

  #residual(coefficients: readonly number[]): number {
    let value = this.#square;
    for (let i = 0; i < this.size; i++) {
      value -= 2 * at(coefficients, i) * at(this.#targets, i);
      for (let j = 0; j < this.size; j++) {
        value += at(coefficients, i) * at(coefficients, j) * at(this.#products, i * this.size + j);
      }
    }
    return value;
  }

  /**
   * Coefficients of at least 0 that minimise the squared error. The optimum is the unconstrained solution over the
   * features that it uses (Lawson and Hanson, 1974), so for few features all sets of them are tried.
   * O(2^size size^3).
   */
  nonNegative(): readonly number[] {
    let best: readonly number[] = new Array<number>(this.size).fill(0);
    let least = this.#residual(best);
    for (let set = 1; set < 1 << this.size; set++) {
      const chosen = Array.from({ length: this.size }, (_, i) => i).filter((i) => ((set >> i) & 1) === 1);
      const solution = this.#solve(chosen);
      if (solution === null || solution.some((value) => !(value >= 0))) continue;
      const full = new Array<number>(this.size).fill(0);
      for (const [i, feature] of chosen.entries()) full[feature] = at(solution, i);
      const residual = this.#residual(full);
      if (residual < least) {
        best = full;
        least = residual;
      }
    }
    return best;
  }
}
