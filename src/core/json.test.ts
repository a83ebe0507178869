import { describe, expect, test } from "vitest";
import { describeValue, Fields, parseJson } from "./json.ts";

describe("parseJson", () => {
  test("reads text with a byte-order mark and Windows line ends", () => {
    expect(parseJson('\ufeff{\r\n "a": 1\r\n}', "f.json")).toEqual({ ok: true, value: { a: 1 } });
  });

  test.each([
    ["", "f.json is empty; expected JSON."],
    [" \r\n\t", "f.json is empty; expected JSON."],
    ["<!doctype html><p>", "f.json is an HTML or XML page; expected JSON."],
  ])("refuses %j", (text, sentence) => {
    expect(parseJson(text, "f.json")).toEqual({ ok: false, error: sentence });
  });

  test.each(['{"a":1', '{"a":NaN}', '{"a":"\u0001"}', "[1,]"])("says that %j is not JSON, on one line", (text) => {
    const result = parseJson(text, "f.json");
    expect(result.ok).toBe(false);
    if (!result.ok) {
      expect(result.error).toMatch(/^f\.json is not valid JSON \(.+\)\.$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left in the sentence.
      expect(result.error).not.toMatch(/[\u0000-\u001f]/);
    }
  });
});

describe("Fields", () => {
  test("reports every bad field by its path and keeps reading", () => {
    const problems: string[] = [];
    const fields = new Fields({ a: "x", b: -1, list: [{ c: 1 }, 7], d: null, e: 1.5 }, "rig", problems);
    fields.number("a", {});
    fields.number("b", { above: 0 });
    for (const entry of fields.objects("list")) entry.number("c", {});
    fields.text("d");
    fields.number("e", { integer: true, min: 1 });
    fields.oneOf("f", ["u", "v"]);
    expect(problems).toEqual([
      'rig.a is "x"; expected a number.',
      "rig.b is -1; expected a number above 0.",
      "rig.list[1] is 7; expected an object.",
      "rig.list[1].c is missing; expected a number.",
      "rig.d is null; expected a text.",
      "rig.e is 1.5; expected a whole number of at least 1.",
      'rig.f is missing; expected one of "u", "v".',
    ]);
  });

  test("treats __proto__ as data", () => {
    const problems: string[] = [];
    const fields = new Fields(JSON.parse('{"__proto__": {"size": 3}}'), "", problems);
    expect(fields.has("size")).toBe(false);
    expect(fields.object("__proto__").number("size", {})).toBe(3);
    expect(problems).toEqual([]);
  });

  test("refuses numbers that are not finite", () => {
    const problems: string[] = [];
    const fields = new Fields({ a: Number.NaN, b: JSON.parse("1e999") }, "", problems);
    fields.number("a", { min: 0 });
    fields.number("b", { min: 0 });
    expect(problems).toEqual([
      "a is NaN; expected a number of at least 0.",
      "b is Infinity; expected a number of at least 0.",
    ]);
  });
});

test("values are clipped in sentences", () => {
  expect(describeValue("x".repeat(99))).toHaveLength(45);
});
