import { expect, test } from "vitest";
import { readShape } from "./read-shape.ts";

test.each([
  ["1, 3, 224, 224", [1, 3, 224, 224]],
  ["1x3x224x224", [1, 3, 224, 224]],
  ["1×64", [1, 64]],
  ["[2 5]", [2, 5]],
  ["(7)", [7]],
  ["[]", []],
  ["0, 4", [0, 4]],
])("sizes written as %j", (text, sizes) => {
  expect(readShape(text)).toEqual({ ok: true, value: sizes });
});

test.each(["", "  ", "1, -3", "batch", "1.5", "1,,2", "1e9", "99999999999"])("%j is refused by a sentence", (text) => {
  const result = readShape(text);
  expect(result.ok ? "" : result.error).toMatch(/expected\.$/);
});
