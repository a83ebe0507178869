/**
 * Columns: rows of a table kept as typed arrays, and lists of lists kept as one array with offsets (CSR).
 * They cross worker borders without copies of objects and are what every kernel reads.
 */

type NumberArray = ArrayLike<number>;

// Throwing lies outside the accessors: below a certain size an engine compiles every call of a function in place, and
// above it only as many as a budget for the calling function allows, which a kernel soon uses up.
function outside(values: ArrayLike<unknown>, index: number): never {
  throw new RangeError(`index ${index} outside ${Array.isArray(values) ? "list" : "array"} of ${values.length}`);
}

/** Element `index` of `array`; an index outside the array is a bug of the caller. O(1). */
export function at(array: NumberArray, index: number): number {
  return array[index] ?? outside(array, index);
}

// One accessor per array type: an engine compiles a load that has seen a single type to one checked instruction,
// which `at`, called with every type, cannot become. Kernels use these.

/** Element `index` of an Int32Array, checked as by `at`. O(1). */
export function i32(array: Int32Array, index: number): number {
  return array[index] ?? outside(array, index);
}

/** Element `index` of a Float64Array, checked as by `at`. O(1). */
export function f64(array: Float64Array, index: number): number {
  return array[index] ?? outside(array, index);
}

/** Element `index` of a Uint8Array, checked as by `at`. O(1). */
export function u8(array: Uint8Array, index: number): number {
  return array[index] ?? outside(array, index);
}

/** Element `index` of `list`; an index outside the list is a bug of the caller. O(1). */
export function item<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) outside(list, index);
  return value;
}

/** A list of integer lists: row `i` is `values[offsets[i] .. offsets[i + 1])`. */
export interface Csr {
  readonly offsets: Int32Array;
  readonly values: Int32Array;
}

/** Packs lists of integers. O(total length). */
export function csrFrom(rows: readonly (readonly number[])[]): Csr {
  const offsets = new Int32Array(rows.length + 1);
  let total = 0;
  for (const [i, row] of rows.entries()) {
    total += row.length;
    offsets[i + 1] = total;
  }
  const values = new Int32Array(total);
  let cursor = 0;
  for (const row of rows) {
    values.set(row, cursor);
    cursor += row.length;
  }
  return { offsets, values };
}

/** Row `i` as a view (no copy). O(1). */
export function row(csr: Csr, i: number): Int32Array {
  return csr.values.subarray(at(csr.offsets, i), at(csr.offsets, i + 1));
}

/** Number of rows. O(1). */
export function rowCount(csr: Csr): number {
  return csr.offsets.length - 1;
}
