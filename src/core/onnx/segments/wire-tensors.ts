import { create } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType, AttributeProtoSchema, type NodeProto, NodeProtoSchema } from "onnx-buf";
import { at, item, row } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../plan/plan.ts";
import { type Encoding, isEncoded, type WireFormat } from "../../plan/wire.ts";
import { err, ok, type Result } from "../../result.ts";
import { dataTypeOf } from "../element-types.ts";
import type { ElementType, TensorType } from "../model.ts";

/** One of the tensors that a tensor is sent as. */
export interface WirePart {
  readonly name: string;
  readonly elementType: ElementType;
  readonly shape: TensorType["shape"];
}

/** A tensor that is sent otherwise than it is stored. */
export interface WireTensor {
  /** Its name in the whole model. */
  readonly name: string;
  readonly format: Exclude<WireFormat, "as-stored">;
  readonly parts: readonly WirePart[];
  /** Nodes that make the parts of the tensor, and the tensor of the parts, in order. */
  readonly encode: readonly NodeProto[];
  readonly decode: readonly NodeProto[];
}

/** Lowest versions of ai.onnx that have the ops: Cast with a number for the type; DynamicQuantizeLinear. */
const NEEDED_OPSET = { f16: 6, u8: 11 } as const;

function node(opType: string, input: readonly string[], output: readonly string[], to?: ElementType): NodeProto {
  const attribute =
    to === undefined
      ? []
      : [
          create(AttributeProtoSchema, {
            name: "to",
            type: AttributeProto_AttributeType.INT,
            i: BigInt(dataTypeOf(to)),
          }),
        ];
  return create(NodeProtoSchema, {
    name: `${opType}:${output[0] ?? ""}`,
    opType,
    input: [...input],
    output: [...output],
    attribute,
  });
}

/**
 * "f16": a Cast there and back. "u8": DynamicQuantizeLinear, which takes scale and zero point from the tensor itself,
 * so that no value is clipped and no calibration is needed; both are sent along, 5 bytes. It takes floats only.
 */
function wireTensor(name: string, type: TensorType, format: WireTensor["format"], free: (name: string) => string) {
  const { elementType, shape } = type;
  if (format === "f16") {
    const half = free(`${name}.f16`);
    return {
      name,
      format,
      parts: [{ name: half, elementType: "float16", shape }],
      encode: [node("Cast", [name], [half], "float16")],
      decode: [node("Cast", [half], [name], elementType)],
    } satisfies WireTensor;
  }
  const [bytes, scale, zero] = [free(`${name}.u8`), free(`${name}.u8.scale`), free(`${name}.u8.zero_point`)];
  const parts = [bytes, scale, zero];
  const isFloat = elementType === "float";
  const float = isFloat ? name : free(`${name}.float`);
  const decoded = isFloat ? name : free(`${name}.decoded`);
  return {
    name,
    format,
    parts: [
      { name: bytes, elementType: "uint8", shape },
      { name: scale, elementType: "float", shape: [] },
      { name: zero, elementType: "uint8", shape: [] },
    ],
    encode: [
      ...(isFloat ? [] : [node("Cast", [name], [float], "float")]),
      node("DynamicQuantizeLinear", [float], parts),
    ],
    decode: [
      node("DequantizeLinear", parts, [decoded]),
      ...(isFloat ? [] : [node("Cast", [decoded], [name], elementType)]),
    ],
  } satisfies WireTensor;
}

/** Tensors that some stage reads which did not make them; an input of the model is at hand in the first stage. */
function isSent(graph: Graph, { stageOf }: Plan, tensor: number): boolean {
  const producer = at(graph.tensorProducer, tensor);
  const home = producer < 0 ? 0 : at(stageOf, producer);
  return row(graph.tensorConsumers, tensor).some((op) => at(stageOf, op) !== home);
}

/**
 * The tensors that a plan sends in another form than they are stored in, by number: floats that are wider than the
 * form and no outputs of the model, which are delivered as they are (as `core/plan/wire.ts` counts them). `taken` are
 * names that the model uses. Errors: a model whose version of ai.onnx lacks the ops. O(tensors + edges).
 */
export function wireTensors(
  graph: Graph,
  plan: Plan,
  encoding: Encoding,
  opset: number,
  taken: ReadonlySet<string>,
): Result<ReadonlyMap<number, WireTensor>> {
  const found = new Map<number, WireTensor>();
  const used = new Set(taken);
  const free = (wanted: string) => {
    let name = wanted;
    while (used.has(name)) name += "_";
    used.add(name);
    return name;
  };
  const outputs = new Set(graph.outputs);
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const isInput = at(graph.tensorProducer, tensor) < 0;
    const format = isInput ? encoding.input : encoding.cut;
    const type = item(graph.tensorTypes, tensor);
    if (format === "as-stored" || outputs.has(tensor)) continue;
    const stored = at(graph.tensorBytes, tensor);
    if (!isEncoded(type.elementType, stored, format) || !isSent(graph, plan, tensor)) continue;
    if (opset < NEEDED_OPSET[format]) {
      return err(
        `The plan sends ${isInput ? "the input" : "cut tensors"} as "${format}", for which a model needs version ${NEEDED_OPSET[format]} of ai.onnx; this one has ${opset}. Choose another form, or convert the model.`,
      );
    }
    found.set(tensor, wireTensor(item(graph.tensorNames, tensor), type, format, free));
  }
  return ok(found);
}
