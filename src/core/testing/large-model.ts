import { toBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from "onnx-buf";
import { item } from "../columns.ts";
import type { ByteSource } from "../onnx/source.ts";
import { LENGTH_DELIMITED, WireSink } from "../onnx/wire.ts";
import { ModelBuilder } from "./model-builder.ts";

/** A length-delimited field's tag and length. */
function header(field: number, length: number): Uint8Array {
  const sink = new WireSink(16);
  sink.varint(field * 8 + LENGTH_DELIMITED);
  sink.varint(length);
  return sink.bytes();
}

const lengthOf = (pieces: readonly (Uint8Array | number)[]) =>
  pieces.reduce<number>((sum, piece) => sum + (typeof piece === "number" ? piece : piece.length), 0);

/**
 * A chain of `layers` additions, each with a vector of floats, `weightBytes` in all: a file that is made as it is read
 * and is nowhere whole. Every byte of a layer's weights is the same. Input "x", output of the last op "t<layers - 1>".
 */
export function largeModel(weightBytes: number, layers = 12): ByteSource {
  const net = new ModelBuilder({ name: "large" });
  const size = Math.floor(weightBytes / layers / 4);
  let x = net.input("x", "float", [size]);
  const weights = Array.from({ length: layers }, (_, layer) => net.floats(`w${layer}`, [0], [size]));
  for (const [layer, weight] of weights.entries()) x = net.node("Add", [x, weight], { outputs: [`t${layer}`] });
  const model = net.output(x, "float", [size]).model();
  const { graph } = model;
  if (graph === undefined) throw new Error("a model has a graph");
  const initializers = graph.initializer.splice(0).flatMap((tensor) => {
    tensor.rawData = new Uint8Array(0);
    const content = [toBinary(TensorProtoSchema, tensor), header(9, size * 4), size * 4];
    return [header(5, lengthOf(content)), ...content];
  });
  const inGraph = [toBinary(GraphProtoSchema, graph), ...initializers];
  delete model.graph;
  const pieces = [toBinary(ModelProtoSchema, model), header(7, lengthOf(inGraph)), ...inGraph];
  const starts: number[] = [];
  let total = 0;
  for (const piece of pieces) {
    starts.push(total);
    total += typeof piece === "number" ? piece : piece.length;
  }
  const read = (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (const [index, piece] of pieces.entries()) {
      const start = item(starts, index);
      const end = start + (typeof piece === "number" ? piece : piece.length);
      const [from, to] = [Math.max(offset, start), Math.min(offset + length, end)];
      if (from >= to) continue;
      if (typeof piece === "number") bytes.fill(index, from - offset, to - offset);
      else bytes.set(piece.subarray(from - start, to - start), from - offset);
    }
    return bytes;
  };
  return { name: "large.onnx", size: total, read };
}
