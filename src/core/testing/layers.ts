import type { ModelBuilder } from "./model-builder.ts";

/** A tensor with the size that the weights of its consumers depend on: channels (NCHW) or features (last axis). */
export interface Feature {
  readonly name: string;
  readonly size: number;
}

export interface ConvOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
  /** Deviation of the output for inputs of mean square 1. Default sqrt(2), which a Relu brings back to mean square 1. */
  readonly gain?: number;
}

/** Deviation of the small random numbers in biases, scales and shifts. */
const NOISE = 0.05;

/**
 * Name of a module in a state dict from its path in torch's ONNX names, where children of a Sequential repeat their
 * parent: "/features/features.1/conv/conv.0" is "features.1.conv.0".
 */
export function modulePrefix(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/").filter((piece) => piece !== "")) {
    const parent = parts.at(-1);
    if (parent !== undefined && part.startsWith(`${parent}.`)) parts.pop();
    parts.push(part);
  }
  return parts.join(".");
}

/** Layers as torch's exporter writes them, each with He-initialised weights named after its module. */
export class Layers {
  readonly #net: ModelBuilder;

  constructor(net: ModelBuilder) {
    this.#net = net;
  }

  /** Square convolution with bias, padded by half its kernel; a BatchNormalization after it counts as folded in. */
  conv(x: Feature, size: number, path: string, options: ConvOptions = {}): Feature {
    const { kernel = 1, stride = 1, groups = 1, gain = Math.SQRT2 } = options;
    const prefix = modulePrefix(path);
    const fanIn = (x.size / groups) * kernel * kernel;
    const shape = [size, x.size / groups, kernel, kernel];
    const inputs = [
      x.name,
      this.#net.weight(`${prefix}.weight`, shape, gain / Math.sqrt(fanIn)),
      this.#net.vector(`${prefix}.bias`, [size], 0, NOISE),
    ];
    const side = Math.floor(kernel / 2);
    const attributes = {
      dilations: [1, 1],
      group: groups,
      kernel_shape: [kernel, kernel],
      pads: [side, side, side, side],
      strides: [stride, stride],
    };
    return { name: this.#net.node("Conv", inputs, { path, attributes }), size };
  }

  relu(x: Feature, path: string): Feature {
    return { ...x, name: this.#net.node("Relu", [x.name], { path }) };
  }

  relu6(x: Feature, path: string): Feature {
    const limits = [this.#net.floats("relu6.min", [0], []), this.#net.floats("relu6.max", [6], [])];
    return { ...x, name: this.#net.node("Clip", [x.name, ...limits], { path }) };
  }

  add(a: Feature, b: Feature, path: string): Feature {
    return { ...a, name: this.#net.node("Add", [a.name, b.name], { path }) };
  }

  /** Joins along the channels. */
  concat(parts: readonly Feature[], path: string): Feature {
    const inputs = parts.map((part) => part.name);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return { name: this.#net.node("Concat", inputs, { path, attributes: { axis: 1 } }), size };
  }

  maxPool(
    x: Feature,
    path: string,
    options: { kernel: number; stride: number; padding?: number; ceil?: boolean },
  ): Feature {
    const { kernel, stride, padding = 0, ceil = false } = options;
    const attributes = {
      ceil_mode: ceil ? 1 : 0,
      kernel_shape: [kernel, kernel],
      pads: [padding, padding, padding, padding],
      strides: [stride, stride],
    };
    return { ...x, name: this.#net.node("MaxPool", [x.name], { path, attributes }) };
  }

  /** Global average pooling, flattening and one fully connected layer without activation. */
  classifier(x: Feature, classes: number, paths: { pool: string; flatten: string; linear: string }): Feature {
    const pooled = this.#net.node("GlobalAveragePool", [x.name], { path: paths.pool });
    const flat = this.#net.node("Flatten", [pooled], { path: paths.flatten, attributes: { axis: 1 } });
    return this.linear({ name: flat, size: x.size }, classes, paths.linear, ["output"]);
  }

  /** Fully connected layer on a matrix, a row for each input: one Gemm. */
  linear(x: Feature, size: number, path: string, outputs?: readonly string[]): Feature {
    const prefix = modulePrefix(path);
    const inputs = [
      x.name,
      this.#net.weight(`${prefix}.weight`, [size, x.size], 1 / Math.sqrt(x.size)),
      this.#net.vector(`${prefix}.bias`, [size], 0, NOISE),
    ];
    const attributes = { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 };
    const options = outputs === undefined ? { path, attributes } : { path, attributes, outputs };
    return { name: this.#net.node("Gemm", inputs, options), size };
  }

  /** Fully connected layer on the last axis of a tensor of rank 3: MatMul, then Add of the bias. */
  dense(x: Feature, size: number, path: string, gain = 1): Feature {
    const prefix = modulePrefix(path);
    const weight = this.#net.weight(`${prefix}.weight`, [x.size, size], gain / Math.sqrt(x.size));
    const product = this.#net.node("MatMul", [x.name, weight], { path });
    const bias = this.#net.vector(`${prefix}.bias`, [size], 0, NOISE);
    return { name: this.#net.node("Add", [bias, product], { path }), size };
  }

  layerNorm(x: Feature, path: string, outputs?: readonly string[]): Feature {
    const prefix = modulePrefix(path);
    const inputs = [
      x.name,
      this.#net.vector(`${prefix}.weight`, [x.size], 1, NOISE),
      this.#net.vector(`${prefix}.bias`, [x.size], 0, NOISE),
    ];
    const attributes = { axis: -1, epsilon: { float: 1e-12 } };
    const options = outputs === undefined ? { path, attributes } : { path, attributes, outputs };
    return { ...x, name: this.#net.node("LayerNormalization", inputs, options) };
  }
}
