import { item } from "../columns.ts";
import type { ElementType, TensorType } from "../onnx/model.ts";
import type { Segment } from "../onnx/segments/segment-models.ts";
import { encodedTensors, transferNames } from "../onnx/segments/transfers.ts";
import { declaredTypes } from "../onnx/types.ts";
import { crossings } from "../plan/validity.ts";
import type { ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";

/** A tensor as runners of stages see it. */
export interface PipelineTensor {
  readonly name: string;
  readonly type: TensorType;
}

/** One stage as a runner sees it. */
export interface PipelineStage {
  readonly stage: number;
  /** Id of its device. */
  readonly device: string;
  /** Null for a stage that computes nothing and passes its tensors on. */
  readonly segment: Segment | null;
  /** What the segment reads and makes, in the order of its model. */
  readonly inputs: readonly PipelineTensor[];
  readonly outputs: readonly PipelineTensor[];
  /**
   * What arrives from the stage before (the caller, for the first), and what is sent to the next: relayed ones too, and
   * the parts in place of a tensor that the plan sends in another form.
   */
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

export interface Pipeline {
  readonly stages: readonly PipelineStage[];
  /** What the caller gives. */
  readonly inputs: readonly PipelineTensor[];
  /** What the whole model yields, in its order; may be among the inputs, or constants of the last segment. */
  readonly outputs: readonly PipelineTensor[];
}

const UNKNOWN: TensorType = { kind: "tensor", elementType: "undefined", shape: null };

/** The plan as stages that hand tensors on, by name. O(stages + tensors). */
export function pipelineOf({ model: { graph }, rig, plan }: ExportSubject, sources: ModelSources): Pipeline {
  const declared = declaredTypes(sources.model);
  const numbers = new Map(graph.tensorNames.map((name, tensor) => [name, tensor]));
  const encoded = [...encodedTensors(sources.segments).values()];
  const parts = new Map(encoded.flatMap((wire) => wire.parts.map((part) => [part.name, part] as const)));
  const typed = (name: string): PipelineTensor => {
    const part = parts.get(name);
    if (part !== undefined) return { name, type: { kind: "tensor", elementType: part.elementType, shape: part.shape } };
    const tensor = numbers.get(name);
    const type = tensor === undefined ? declared.get(name) : item(graph.tensorTypes, tensor);
    return { name, type: type ?? UNKNOWN };
  };
  const passing = transferNames(graph, plan, sources.segments);
  const inputs = graph.inputs.map((tensor) => item(graph.tensorNames, tensor));
  const outputs = [...new Set(sources.model.proto.graph?.output.map(({ name }) => name))];
  const last = plan.stages.length - 1;
  const stages = plan.stages.map((device, stage): PipelineStage => {
    const segment = sources.segments.find((candidate) => candidate.stage === stage) ?? null;
    return {
      stage,
      device: item(rig.devices, device).id,
      segment,
      inputs: segment?.inputs.map(typed) ?? [],
      outputs: segment?.outputs.map(typed) ?? [],
      incoming: stage === 0 ? inputs : item(passing, stage - 1),
      outgoing: stage === last ? outputs : item(passing, stage),
    };
  });
  return { stages, inputs: inputs.map(typed), outputs: outputs.map(typed) };
}

/** What comes in, passes boundaries and goes out, in the form that the model stores it in, each once. O(crossings). */
export function travellingTensors({ model: { graph }, plan }: ExportSubject): readonly PipelineTensor[] {
  const tensors = new Set([...graph.inputs, ...crossings(graph, plan).flat(), ...graph.outputs]);
  return [...tensors].map((tensor) => ({
    name: item(graph.tensorNames, tensor),
    type: item(graph.tensorTypes, tensor),
  }));
}

/** Sizes of a tensor's dimensions, -1 where one is open; null where their number is not known. */
export function sizesOf({ shape }: TensorType): readonly number[] | null {
  return shape?.map((size) => (typeof size === "number" ? size : -1)) ?? null;
}

/**
 * Element types by their names in the Open Inference Protocol (KServe v2) and, after "TYPE_", in Triton's
 * model configuration, where text is "STRING".
 */
export const PROTOCOL_TYPES: ReadonlyMap<ElementType, string> = new Map([
  ["bool", "BOOL"],
  ["uint8", "UINT8"],
  ["uint16", "UINT16"],
  ["uint32", "UINT32"],
  ["uint64", "UINT64"],
  ["int8", "INT8"],
  ["int16", "INT16"],
  ["int32", "INT32"],
  ["int64", "INT64"],
  ["float16", "FP16"],
  ["float", "FP32"],
  ["double", "FP64"],
  ["bfloat16", "BF16"],
  ["string", "BYTES"],
]);

/** The part of a segment's file name before ".stage<k>.onnx", as a name that servers take. */
export function servedName({ fileName, stage }: Segment): string {
  const base = fileName.replace(/\.stage\d+\.onnx$/, "").replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return `${base}_stage${stage}`;
}
