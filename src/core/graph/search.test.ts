import { expect, test } from "vitest";
import { item } from "../columns.ts";
import { decodeModel } from "../onnx/decode.ts";
import { bytesSource } from "../onnx/source.ts";
import { declaredTypes } from "../onnx/types.ts";
import { unwrap } from "../result.ts";
import { chainModel } from "../testing/models.ts";
import { buildGraph } from "./build.ts";
import { searchIndex, searchOps } from "./search.ts";

const model = unwrap(decodeModel(bytesSource("chain.onnx", chainModel(5))));
const graph = unwrap(buildGraph(model, declaredTypes(model)));
const index = searchIndex(graph);
const find = (text: string) => searchOps(index, text).map((op) => item(graph.opNames, op));

test.each([
  ["relu", ["/block0/Relu", "/block1/Relu"]],
  ["BLOCK1 conv", ["/block1/Conv"]],
  ["block1/conv_output", ["/block1/Conv"]],
  ["tanh", ["/Tanh"]],
  ["  ", []],
  ["no such op", []],
  // Declared are the input's shape and the output's.
  ["1x2x6x6", ["/block0/Conv"]],
  ["[1, 2, 6, 6]", ["/block0/Conv"]],
  ["1x2x6", []],
])("%s is found at its ops", (text, ops) => {
  expect(find(text)).toEqual(ops);
});

test("an element type finds every op of this network of floats that holds constants, input or output", () => {
  expect(find("float")).toEqual(expect.arrayContaining(["/block0/Conv", "/block1/Conv", "/Tanh"]));
});

test("a constant's shape is found", () => {
  expect(find("2x2x1x1")).toContain("/block0/Conv");
});
