import { expect, test } from "vitest";
import { memo } from "./memo.ts";

test("the same arguments are computed once, other identities anew", () => {
  let calls = 0;
  const length = memo((list: readonly number[]) => {
    calls += 1;
    return list.length;
  }, 2);
  const a = [1];
  const b = [1, 2];
  expect([length(a), length(a), length(b), length(a)]).toEqual([1, 1, 2, 1]);
  expect(calls).toBe(2);
  length([1]);
  length(b);
  expect(calls).toBe(4);
});
