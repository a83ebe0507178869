import { create, toBinary } from "@bufbuild/protobuf";
import {
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { decodeModel } from "../onnx/decode.ts";
import type { Model } from "../onnx/model.ts";
import { bytesSource } from "../onnx/source.ts";
import { unwrap } from "../result.ts";
import { attributeProto } from "./onnx-messages.ts";

export interface ModelTextOptions {
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Names of float vectors of two elements. */
  readonly initializers?: readonly string[];
  /** Bodies by the name of the node that holds them, then by attribute. */
  readonly bodies?: Readonly<Record<string, Readonly<Record<string, GraphProto>>>>;
  readonly functions?: readonly FunctionProto[];
}

/**
 * Nodes from text, for tests of files as they come: unsorted, broken, with gaps. One line is one node,
 * `name Type inputs -> outputs`; "-" stands for an empty name, and `domain:Type` for a type of another domain.
 */
export function nodesFromText(text: string, bodies: ModelTextOptions["bodies"] = {}): NodeProto[] {
  const empty = (word: string) => (word === "-" ? "" : word);
  const words = (part: string) => part.split(/\s+/).filter((word) => word !== "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [left = "", right = ""] = line.split("->");
    const [name = "", type = "", ...input] = words(left).map(empty);
    const [opType = "", domain = ""] = type.split(":").reverse();
    const attribute = Object.entries(bodies[name] ?? {}).map(([key, graph]) => attributeProto(key, { graph }));
    return create(NodeProtoSchema, { name, opType, domain, input, output: words(right).map(empty), attribute });
  });
}

/** A graph message from text, see `nodesFromText`. */
export function graphProtoFromText(text: string, options: ModelTextOptions = {}): GraphProto {
  const infos = (names: readonly string[] = []) => names.map((name) => create(ValueInfoProtoSchema, { name }));
  return create(GraphProtoSchema, {
    node: nodesFromText(text, options.bodies),
    input: infos(options.inputs),
    output: infos(options.outputs),
    initializer: (options.initializers ?? []).map((name) =>
      create(TensorProtoSchema, { name, dataType: 1, dims: [2n], floatData: [1, 2] }),
    ),
  });
}

/** The bytes of a model (IR 8, opset 17) from text. */
export function modelBytesFromText(text: string, options: ModelTextOptions = {}): Uint8Array {
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
    graph: graphProtoFromText(text, options),
    functions: [...(options.functions ?? [])],
  });
  return toBinary(ModelProtoSchema, proto);
}

/** A model from text, through bytes and the decoder. */
export function modelFromText(text: string, options: ModelTextOptions = {}): Model {
  return unwrap(decodeModel(bytesSource("text.onnx", modelBytesFromText(text, options))));
}
