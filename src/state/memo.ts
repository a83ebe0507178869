/**
 * A function that remembers its last few calls by the identity of their arguments. State here is immutable, so
 * the same arguments mean the same answer; a small memory also serves undo and comparisons.
 */
export function memo<A extends readonly unknown[], R>(compute: (...args: A) => R, size = 1): (...args: A) => R {
  const calls: { args: A; result: R }[] = [];
  return (...args) => {
    const found = calls.findIndex((call) => call.args.every((value, i) => Object.is(value, args[i])));
    const hit = calls[found];
    if (hit !== undefined) {
      if (found > 0) {
        calls.splice(found, 1);
        calls.unshift(hit);
      }
      return hit.result;
    }
    const result = compute(...args);
    calls.unshift({ args, result });
    if (calls.length > size) calls.pop();
    return result;
  };
}
