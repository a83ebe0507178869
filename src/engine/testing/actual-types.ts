import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, ValueInfoProtoSchema } from "onnx-buf";
import type { InferenceSession, Tensor } from "onnxruntime-web";
import { elementCount } from "../../core/onnx/element-types.ts";
import type { TensorType } from "../../core/onnx/model.ts";
import { interpretOutputs } from "../../core/onnx/shapes/interpret.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "../onnxruntime.ts";

/** Typed arrays of zeros by the runtime's names of element types. */
const ZEROS: ReadonlyMap<string, (elements: number) => Tensor.DataType> = new Map<
  string,
  (elements: number) => Tensor.DataType
>([
  ["float32", (n) => new Float32Array(n)],
  ["float16", (n) => new Uint16Array(n)],
  ["float64", (n) => new Float64Array(n)],
  ["int32", (n) => new Int32Array(n)],
  ["int64", (n) => new BigInt64Array(n)],
  ["uint8", (n) => new Uint8Array(n)],
  ["int8", (n) => new Int8Array(n)],
  ["bool", (n) => new Uint8Array(n)],
]);

/**
 * Types that the tensors `names` really have when the whole file runs on zeros of the sizes in `types`: the truth
 * that inferred types are held against.
 */
export async function actualTypes(
  file: Uint8Array,
  types: ReadonlyMap<string, TensorType>,
  names: readonly string[],
): Promise<Map<string, TensorType>> {
  const proto = fromBinary(ModelProtoSchema, file);
  const { graph } = proto;
  if (graph === undefined) throw new Error("the file has no graph");
  const inputs = new Set(graph.input.map(({ name }) => name));
  const wanted = names.filter((name) => !inputs.has(name));
  graph.output = wanted.map((name) => create(ValueInfoProtoSchema, { name }));
  const runtime = await loadOnnxRuntime();
  const session = await runtime.InferenceSession.create(toBinary(ModelProtoSchema, proto), {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 4,
  });
  try {
    const outputs = await session.run(zeros(runtime, session, types));
    const metadata = Object.entries(outputs).map(([name, { type, dims }]) => ({
      name,
      isTensor: true as const,
      type,
      shape: dims,
    }));
    const actual = interpretOutputs(metadata, [], new Map());
    // A tensor that exists has a rank: here `[]` is a scalar.
    for (const [name, type] of actual) if (type.shape === null) actual.set(name, { ...type, shape: [] });
    return actual;
  } finally {
    await session.release();
  }
}

function zeros(runtime: OnnxRuntime, session: InferenceSession, types: ReadonlyMap<string, TensorType>) {
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    const shape = types.get(input.name)?.shape ?? null;
    const make = input.isTensor ? ZEROS.get(input.type) : undefined;
    if (!input.isTensor || make === undefined || shape === null) throw new Error(`no zeros for input ${input.name}`);
    const sizes = shape.map(Number);
    feeds[input.name] = new runtime.Tensor(input.type, make(elementCount(sizes)), sizes);
  }
  return feeds;
}
