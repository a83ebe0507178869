import { expect, test } from "vitest";
import { Fields } from "../../json.ts";
import { unwrap } from "../../result.ts";
import type { TensorType } from "../model.ts";
import { givenTypesJson, readGivenTypes } from "./given-types-json.ts";
import { readType } from "./read-type.ts";
import { typeText } from "./type-text.ts";

test.each([
  ["f32[1,64,56,56]", "float[1, 64, 56, 56]"],
  ["float32[1x64]", "float[1, 64]"],
  ["float[1, 64]", "float[1, 64]"],
  ["F16[2 3]", "float16[2, 3]"],
  ["int64[]", "int64[]"],
  ["u8[0]", "uint8[0]"],
  ["bool[7]", "bool[7]"],
  ["bfloat16[3]", "bfloat16[3]"],
])("%s is the type %s", (text, type) => {
  expect(typeText(unwrap(readType(text)))).toBe(type);
});

test.each([
  ["f32", '"f32" is no type of a tensor; an element type and sizes such as "f32[1,64,56,56]" were expected.'],
  ["", '"" is no type of a tensor; an element type and sizes such as "f32[1,64,56,56]" were expected.'],
  ["q7[1,2]", '"q7" is no element type; one such as "f32", "f16", "int64", "uint8" or "bool" was expected.'],
  ["[1,2]", '"" is no element type; one such as "f32", "f16", "int64", "uint8" or "bool" was expected.'],
  [
    "undefined[1]",
    '"undefined" is no element type; one such as "f32", "f16", "int64", "uint8" or "bool" was expected.',
  ],
  ["f32[1,n]", '"n" is no size; whole numbers such as "1, 3, 224, 224" were expected.'],
  ["f32[-1]", '"-1" is no size; whole numbers such as "1, 3, 224, 224" were expected.'],
])("%s is refused with what was expected", (text, sentence) => {
  const read = readType(text);
  expect(read.ok ? null : read.error).toBe(sentence);
});

test("types in a file come back as they were, also under awkward names", () => {
  const types = new Map<string, TensorType>([
    ["__proto__", { kind: "tensor", elementType: "float16", shape: [1, 0, 3] }],
    ["scalar", { kind: "tensor", elementType: "int64", shape: [] }],
  ]);
  const problems: string[] = [];
  const file: unknown = JSON.parse(JSON.stringify({ givenTypes: givenTypesJson(types) }));
  expect(readGivenTypes(new Fields(file, "", problems))).toEqual(types);
  expect(readGivenTypes(new Fields({}, "", problems))).toEqual(new Map());
  expect(problems).toEqual([]);
  readGivenTypes(new Fields({ givenTypes: [{ tensor: "m", elementType: "q7", shape: [1] }] }, "", problems));
  expect(problems[0]).toContain("givenTypes[0].elementType");
  problems.length = 0;
  readGivenTypes(new Fields({ givenTypes: [{ tensor: "m", elementType: "float", shape: [-1] }] }, "", problems));
  expect(problems[0]).toContain("givenTypes[0].shape");
});
