import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import type { Dimension, ElementType } from "../onnx/model.ts";
import { type Attribute, attributeProto, floatTensor, integerTensor, valueInfo } from "./onnx-messages.ts";
import { fillUniform, seedFor } from "./random.ts";
import { writeModel } from "./write-model.ts";

/**
 * How weights of rank 2 and more are written. "full": every number, seeded. "light": as a Mul node that makes the
 * same shape out of a seeded row and a seeded column, so that a network of any size is a file of about a megabyte
 * and still computes something of its input. Vectors (biases, scales) are always written in full.
 */
export type WeightStyle = "full" | "light";

export interface ModelOptions {
  readonly name: string;
  readonly weights?: WeightStyle;
  /** Changes every weight; the graph does not depend on it. */
  readonly seed?: number;
  /** Version of ai.onnx, default 17. */
  readonly opset?: number;
  /** Versions of further operator domains that the nodes use. */
  readonly domains?: ReadonlyMap<string, number>;
}

export interface NodeOptions {
  /** Unique; default `/<path>/<Type>`, numbered where taken. */
  readonly name?: string;
  /** Module that the node belongs to, as torch writes it: "/layer1/layer1.0/conv1". */
  readonly path?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Names of the outputs; default one, `<node name>_output_0`. */
  readonly outputs?: readonly string[];
}

/**
 * Writes ONNX models (IR 8, opset 17) node by node. Values are tensor names. The same calls give the same bytes.
 * Shapes of intermediate tensors are not tracked: layers.ts carries the channel counts that weights need.
 */
export class ModelBuilder {
  readonly #options: ModelOptions;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #taken = new Set<string>();

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** Declares a graph input and returns its name. `shape` null leaves the rank unknown. */
  input(name: string, elementType: ElementType, shape: readonly Dimension[] | null): string {
    this.#inputs.push(valueInfo(name, elementType, shape));
    return name;
  }

  /** Declares an existing tensor as a graph output. */
  output(name: string, elementType: ElementType = "float", shape: readonly Dimension[] | null = null): this {
    this.#outputs.push(valueInfo(name, elementType, shape));
    return this;
  }

  /** Adds a node and returns the name of its first output. */
  node(type: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const name = this.#freeName(options.name ?? `${options.path ?? ""}/${type}`);
    const outputs = options.outputs ?? [`${name}_output_0`];
    const attribute = Object.entries(options.attributes ?? {}).map(([key, value]) => attributeProto(key, value));
    this.#append(type, name, options.domain ?? "", inputs, outputs, attribute);
    return outputs[0] ?? "";
  }

  /** A float weight, first axis of it the outputs or rows, with elements of the given standard deviation. */
  weight(name: string, shape: readonly number[], deviation: number): string {
    if (this.#options.weights !== "light" || shape.length < 2) return this.vector(name, shape, 0, deviation);
    const rows = this.vector(`${name}.rows`, [shape[0] ?? 1, ...shape.slice(1).map(() => 1)], 0, 1);
    const columns = this.vector(`${name}.columns`, [1, ...shape.slice(1)], 0, deviation);
    this.#append("Mul", this.#freeName(`${name}/Mul`), "", [rows, columns], [name], []);
    return name;
  }

  /** A float weight that is always written in full: uniform with the given mean and standard deviation. */
  vector(name: string, shape: readonly number[], mean: number, deviation: number): string {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    fillUniform(values, seedFor(name, this.#options.seed ?? 1), deviation * Math.sqrt(3));
    if (mean !== 0) for (const [i, value] of values.entries()) values[i] = mean + value;
    return this.initializer(floatTensor(name, shape, values));
  }

  /** An initializer with the given numbers; a scalar where `shape` is []. */
  floats(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.initializer(floatTensor(name, shape, Float32Array.from(values)));
  }

  /** An int64 initializer with the given numbers; a scalar where `shape` is []. */
  integers(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.initializer(integerTensor(name, shape, values));
  }

  /** Adds an initializer as it stands; one whose name is there already is left out. */
  initializer(tensor: TensorProto): string {
    if (this.#taken.has(tensor.name)) return tensor.name;
    this.#taken.add(tensor.name);
    this.#initializers.push(tensor);
    return tensor.name;
  }

  /** The graph alone, for the body of an If, Loop or Scan. */
  graph(): GraphProto {
    return create(GraphProtoSchema, {
      name: this.#options.name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    });
  }

  model(): ModelProto {
    const domains = new Map([["", this.#options.opset ?? 17], ...(this.#options.domains ?? [])]);
    return create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: "splitscope",
      opsetImport: [...domains].map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      graph: this.graph(),
    });
  }

  /** The model as a file. */
  bytes(): Uint8Array<ArrayBuffer> {
    return writeModel(this.model());
  }

  #append(
    opType: string,
    name: string,
    domain: string,
    input: readonly string[],
    output: readonly string[],
    attribute: AttributeProto[],
  ): void {
    this.#nodes.push(
      create(NodeProtoSchema, { opType, name, domain, input: [...input], output: [...output], attribute }),
    );
  }

  /** torch numbers repeated names within a module: Relu, Relu_1, Relu_2. */
  #freeName(wanted: string): string {
    let name = wanted;
    for (let number = 1; this.#taken.has(name); number++) name = `${wanted}_${number}`;
    this.#taken.add(name);
    return name;
  }
}
