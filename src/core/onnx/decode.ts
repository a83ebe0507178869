import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { err, ok, type Result } from "../result.ts";
import { indexExternal } from "./external.ts";
import { inlineFunctions } from "./inline-functions.ts";
import type { Model } from "./model.ts";
import { readSkeleton } from "./skeleton.ts";
import { recogniseOther } from "./sniff.ts";
import type { ByteSource } from "./source.ts";
import { normalDomain } from "./subgraphs.ts";

/**
 * Decodes an ONNX file into its message without large weights, model-local functions inlined, and an index of where
 * the weights lie. They are not read: time and memory grow with the structure, not with the file. Errors: one sentence for a file that is
 * empty, truncated, damaged, something else than ONNX, or without a graph, nodes or outputs.
 */
export function decodeModel(source: ByteSource): Result<Model> {
  const other = recogniseOther(source);
  if (other !== null) return err(other);
  const skeleton = readSkeleton(source);
  if (!skeleton.ok) return skeleton;
  const parsed = parse(source.name, skeleton.value.bytes);
  if (!parsed.ok) return parsed;
  const proto = parsed.value;
  const { graph } = proto;
  if (graph === undefined) return err(`"${source.name}" is not an ONNX model: it holds no graph.`);
  if (graph.node.length === 0) return err(`"${source.name}": the graph has no nodes; at least one was expected.`);
  if (graph.output.length === 0) return err(`"${source.name}": the graph has no outputs; at least one was expected.`);
  const external = indexExternal(proto);
  const inlined = inlineFunctions(proto, new Map([...skeleton.value.weights, ...external.weights]));
  return ok({
    fileName: source.name,
    fileBytes: source.size,
    producer: [proto.producerName, proto.producerVersion].filter((part) => part !== "").join(" "),
    irVersion: Number(proto.irVersion),
    opsets: new Map(inlined.proto.opsetImport.map(({ domain, version }) => [normalDomain(domain), Number(version)])),
    proto: inlined.proto,
    weights: inlined.weights,
    externalFiles: external.files,
  });
}

/** The protobuf library throws on malformed bytes; here that is an expected failure. */
function parse(name: string, bytes: Uint8Array): Result<ModelProto> {
  try {
    return ok(fromBinary(ModelProtoSchema, bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err(`"${name}" is damaged: its ONNX message cannot be read (${reason}).`);
  }
}
