import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "onnx-buf";
import { ModelBuilder } from "./model-builder.ts";

/** The file with its message changed. */
export function changed(
  net: ModelBuilder,
  change: (graph: GraphProto, model: ModelProto) => void,
): Uint8Array<ArrayBuffer> {
  const model = fromBinary(ModelProtoSchema, net.bytes());
  if (model.graph === undefined) throw new Error("a built model has a graph");
  change(model.graph, model);
  return toBinary(ModelProtoSchema, model);
}

/** Ops in a row, each writing "<its name>:0". */
export function chain(ops: number, name: (op: number) => string = (op) => `n${op}`): ModelBuilder {
  const net = new ModelBuilder({ name: "chain" });
  let tensor = net.input("x", "float", [1, 8]);
  for (let op = 0; op < ops; op++) tensor = net.node("Relu", [tensor], { name: name(op), outputs: [`${name(op)}:0`] });
  return net.output(tensor, "float", [1, 8]);
}

/** An If in an If in an If, so many deep. */
export function nestedModel(depth: number): Uint8Array<ArrayBuffer> {
  let graph = new ModelBuilder({ name: "innermost" });
  graph.output(graph.node("Exp", ["x"], { outputs: ["y"] }), "float", [2]);
  for (let level = 1; level < depth; level++) {
    const around = new ModelBuilder({ name: `level ${level}` });
    const attributes = { then_branch: { graph: graph.graph() }, else_branch: { graph: idle() } };
    around.output(around.node("If", ["c"], { attributes, outputs: ["y"] }), "float", [2]);
    graph = around;
  }
  const net = new ModelBuilder({ name: "net" });
  net.input("c", "bool", []);
  net.input("x", "float", [2]);
  const attributes = { then_branch: { graph: graph.graph() }, else_branch: { graph: idle() } };
  return net.output(net.node("If", ["c"], { attributes, outputs: ["y"] }), "float", [2]).bytes();
}

function idle(): GraphProto {
  const net = new ModelBuilder({ name: "idle" });
  return net.output(net.node("Neg", ["x"], { outputs: ["n"] }), "float", [2]).graph();
}

/** A network whose input claims to have these two sizes. */
export function claimingModel(dims: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "net" });
  const y = net.node("MatMul", [net.node("Relu", [net.input("x", "float", [1, 1])]), net.weight("w", [4, 4], 1)]);
  return changed(net.output(y), ({ input: [input] }) => {
    const type = input?.type?.value;
    if (type?.case !== "tensorType") throw new Error("the input is a tensor");
    for (const [axis, dim] of (type.value.shape?.dim ?? []).entries()) {
      dim.value = { case: "dimValue", value: dims[axis] ?? 0n };
    }
  });
}

/** A chain whose nodes stand in any order but the one in which they run. */
export function unsortedModel(ops: number): Uint8Array<ArrayBuffer> {
  const place = ({ name }: { readonly name: string }) => (Number(name.slice(1)) * 17) % ops;
  return changed(chain(ops), (graph) => {
    graph.node = [...graph.node].sort((a, b) => place(a) - place(b));
  });
}
