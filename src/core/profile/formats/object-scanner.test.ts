import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ObjectScanner } from "./object-scanner.ts";

function scan(chunks: readonly string[]): { readonly objects: readonly string[]; readonly isOpen: boolean } {
  const objects: string[] = [];
  const scanner = new ObjectScanner((json) => objects.push(json));
  for (const chunk of chunks) scanner.push(chunk);
  return { objects, isOpen: scanner.end() };
}

describe("ObjectScanner", () => {
  test.each([
    ["an array", '[{"a":1},{"b":{"c":[2]}}]', ['{"a":1}', '{"b":{"c":[2]}}'], false],
    ["no end", '[{"a":1},\n{"b":2}', ['{"a":1}', '{"b":2}'], false],
    ["a comma too many", '[{"a":1},]', ['{"a":1}'], false],
    ["lines", '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}'], false],
    ["cut inside an object", '[{"a":1},{"b":', ['{"a":1}'], true],
    ["cut inside a text", '[{"a":1},{"b":"}', ['{"a":1}'], true],
    ["braces and quotes in texts", '[{"a":"}{\\"}"},{"b":"\\\\"}]', ['{"a":"}{\\"}"}', '{"b":"\\\\"}'], false],
    ["nothing", "", [], false],
    ["closings without an opening", '}]}{"a":1}', ['{"a":1}'], false],
  ])("%s", (_, text, objects, isOpen) => {
    expect(scan([text])).toEqual({ objects, isOpen });
  });

  test("gives the same objects however the text is cut into chunks", () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });
    fc.assert(
      fc.property(objects, fc.array(fc.nat(400), { maxLength: 10 }), (values, cuts) => {
        const text = JSON.stringify(values);
        const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const chunks = edges.slice(1).map((end, i) => text.slice(edges[i], end));
        const { objects, isOpen } = scan(chunks);
        expect(objects.map((json) => JSON.parse(json))).toEqual(JSON.parse(text));
        expect(isOpen).toBe(false);
      }),
    );
  });

  test("does not mind deep nesting", () => {
    const deep = `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`;
    expect(scan([`[${deep}]`]).objects).toEqual([deep]);
  });
});

describe("ObjectScanner with a taker of lines", () => {
  const whole = (line: string) => {
    try {
      return typeof JSON.parse(line) === "object";
    } catch {
      return false;
    }
  };

  test("lines that are taken do not come as objects, and the rest is as without", () => {
    const taken: string[] = [];
    const objects: string[] = [];
    const scanner = new ObjectScanner(
      (json) => objects.push(json),
      (line) => {
        if (!whole(line) || !line.includes("t")) return false;
        taken.push(line);
        return true;
      },
    );
    for (const chunk of [
      '[\n{"t":1},\r\n{"a":2},\n{"a":\n{"t":3}\n},{"t":4},{"t":5}\n{"t',
      '":6}\n{"t":7},\n{"t":8}]',
    ]) {
      scanner.push(chunk);
    }
    expect(taken).toEqual(['{"t":1}', '{"t":7}']);
    expect(objects).toEqual(['{"a":2}', '{"a":\n{"t":3}\n}', '{"t":4}', '{"t":5}', '{"t":6}', '{"t":8}']);
    expect(scanner.end()).toBe(false);
  });
});
