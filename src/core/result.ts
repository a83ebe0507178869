/**
 * The outcome of an operation that is expected to fail on some inputs (a bad file, an impossible plan).
 * The error is one sentence that names the thing, its value and what was expected, ready to be shown.
 * A `throw` is kept for bugs of our own.
 */
export type Result<T, E = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/** The value, or a thrown Error: for places where a failure can only be our own bug (tests, built-in samples). */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.error);
}
