import { csrFrom } from "../columns.ts";
import { OP_CLASSES, type OpClass, type OpCosts } from "../cost/cost.ts";
import type { Graph } from "../graph/graph.ts";
import type { ElementType, TensorType } from "../onnx/model.ts";

/**
 * Layer tables of well-known networks, written down from their papers: what a runtime executes after it has folded
 * normalisation and activation into convolutions. They let cost models be held against published latencies of whole
 * networks without a model file. Float32, batch 1.
 */
interface Layer {
  readonly opClass: OpClass;
  readonly macs: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly weightBytes: number;
}

/** A feature map that layers are stacked on. */
interface Map3 {
  readonly channels: number;
  readonly size: number;
}

const BYTES = 4;

class Stack {
  readonly layers: Layer[] = [];

  conv(from: Map3, channels: number, kernel: number, stride = 1, groups = 1, out?: number): Map3 {
    const size = out ?? Math.ceil(from.size / stride);
    const weights = channels * (from.channels / groups) * kernel * kernel;
    const isDepthwise = groups > 1 && groups === from.channels;
    this.layers.push({
      opClass: isDepthwise ? "depthwise" : kernel === 1 ? "conv1x1" : "convKxK",
      macs: weights * size * size,
      inputBytes: BYTES * from.channels * from.size * from.size,
      outputBytes: BYTES * channels * size * size,
      weightBytes: BYTES * (weights + channels),
    });
    return { channels, size };
  }

  /** A layer without weights that reads `inputs` maps like `from`. */
  plain(opClass: OpClass, from: Map3, to: Map3 = from, inputs = 1): Map3 {
    this.layers.push({
      opClass,
      macs: 0,
      inputBytes: BYTES * inputs * from.channels * from.size * from.size,
      outputBytes: BYTES * to.channels * to.size * to.size,
      weightBytes: 0,
    });
    return to;
  }

  pool(from: Map3, size: number): Map3 {
    return this.plain("pool", from, { channels: from.channels, size });
  }

  concat(channels: number, size: number): Map3 {
    return this.plain("movement", { channels, size });
  }

  dense(from: number, to: number): number {
    this.layers.push({
      opClass: "gemm",
      macs: from * to,
      inputBytes: BYTES * from,
      outputBytes: BYTES * to,
      weightBytes: BYTES * (from + 1) * to,
    });
    return to;
  }

  /** Global pooling, classifier over 1000 classes, softmax. */
  classify(from: Map3): readonly Layer[] {
    this.pool(from, 1);
    this.dense(from.channels, 1000);
    return this.softmax();
  }

  softmax(): readonly Layer[] {
    this.plain("normalization", { channels: 1000, size: 1 });
    return this.layers;
  }
}

const IMAGE: Map3 = { channels: 3, size: 224 };

function squeezenet(): readonly Layer[] {
  const net = new Stack();
  const fire = (from: Map3, squeeze: number, expand: number): Map3 => {
    const squeezed = net.conv(from, squeeze, 1);
    net.conv(squeezed, expand, 1);
    net.conv(squeezed, expand, 3);
    return net.concat(2 * expand, from.size);
  };
  let map = net.pool(net.conv({ channels: 3, size: 227 }, 64, 3, 2, 1, 113), 56);
  map = net.pool(fire(fire(map, 16, 64), 16, 64), 28);
  map = net.pool(fire(fire(map, 32, 128), 32, 128), 14);
  map = fire(fire(fire(fire(map, 48, 192), 48, 192), 64, 256), 64, 256);
  net.pool(net.conv({ ...map, size: 16 }, 1000, 1), 1);
  return net.softmax();
}

function mobilenet(): readonly Layer[] {
  const net = new Stack();
  let map = net.conv(IMAGE, 32, 3, 2);
  const wide = Array.from({ length: 5 }, () => [512, 1] as const);
  const blocks = [[64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2], ...wide, [1024, 2], [1024, 1]] as const;
  for (const [channels, stride] of blocks) {
    map = net.conv(net.conv(map, map.channels, 3, stride, map.channels), channels, 1);
  }
  return net.classify(map);
}

function mobilenetV2(): readonly Layer[] {
  const net = new Stack();
  let map = net.conv(IMAGE, 32, 3, 2);
  const stages = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as const;
  for (const [expansion, channels, repeats, firstStride] of stages) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const wide = net.conv(map, map.channels * expansion, 1);
      const to = net.conv(net.conv(wide, wide.channels, 3, stride, wide.channels), channels, 1);
      if (stride === 1 && map.channels === channels) net.plain("elementwise", to, to, 2);
      map = to;
    }
  }
  return net.classify(net.conv(map, 1280, 1));
}

function googlenet(): readonly Layer[] {
  const net = new Stack();
  const inception = (from: Map3, ...widths: readonly [number, number, number, number, number, number]): Map3 => {
    const [one, reduce3, three, reduce5, five, pooled] = widths;
    net.conv(from, one, 1);
    net.conv(net.conv(from, reduce3, 1), three, 3);
    net.conv(net.conv(from, reduce5, 1), five, 5);
    net.conv(net.pool(from, from.size), pooled, 1);
    return net.concat(one + three + five + pooled, from.size);
  };
  let map = net.plain("normalization", net.pool(net.conv(IMAGE, 64, 7, 2), 56));
  map = net.plain("normalization", net.conv(net.conv(map, 64, 1), 192, 3));
  map = inception(net.pool(map, 28), 64, 96, 128, 16, 32, 32);
  map = net.pool(inception(map, 128, 128, 192, 32, 96, 64), 14);
  map = inception(map, 192, 96, 208, 16, 48, 64);
  map = inception(map, 160, 112, 224, 24, 64, 64);
  map = inception(map, 128, 128, 256, 24, 64, 64);
  map = inception(map, 112, 144, 288, 32, 64, 64);
  map = net.pool(inception(map, 256, 160, 320, 32, 128, 128), 7);
  map = inception(map, 256, 160, 320, 32, 128, 128);
  return net.classify(inception(map, 384, 192, 384, 48, 128, 128));
}

function resnet(blocks: readonly number[], bottleneck: boolean): readonly Layer[] {
  const net = new Stack();
  let map = net.pool(net.conv(IMAGE, 64, 7, 2), 56);
  for (const [stage, repeats] of blocks.entries()) {
    const width = 64 * 2 ** stage;
    const channels = bottleneck ? 4 * width : width;
    for (let i = 0; i < repeats; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      if (i === 0) net.conv(map, channels, 1, stride);
      map = bottleneck
        ? net.conv(net.conv(net.conv(map, width, 1, stride), width, 3), channels, 1)
        : net.conv(net.conv(map, width, 3, stride), width, 3);
      net.plain("elementwise", map, map, 2);
      net.plain("elementwise", map);
    }
  }
  return net.classify(map);
}

function vgg16(): readonly Layer[] {
  const net = new Stack();
  let map: Map3 = IMAGE;
  for (const [channels, repeats] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ] as const) {
    for (let i = 0; i < repeats; i++) map = net.conv(map, channels, 3);
    map = net.pool(map, map.size / 2);
  }
  net.dense(net.dense(net.dense(map.channels * map.size * map.size, 4096), 4096), 1000);
  return net.softmax();
}

function alexnet(): readonly Layer[] {
  const net = new Stack();
  let map = net.conv({ channels: 3, size: 227 }, 96, 11, 4, 1, 55);
  map = net.pool(net.plain("normalization", map), 27);
  map = net.pool(net.plain("normalization", net.conv(map, 256, 5, 1, 2)), 13);
  map = net.pool(net.conv(net.conv(net.conv(map, 384, 3), 384, 3, 1, 2), 256, 3, 1, 2), 6);
  net.dense(net.dense(net.dense(map.channels * map.size * map.size, 4096), 4096), 1000);
  return net.softmax();
}

/** YOLOv8 detector at 640 x 640 with its depth and width multiples and the most channels of a stage. */
function yolov8(depth: number, width: number, most: number): readonly Layer[] {
  const net = new Stack();
  const wide = (channels: number) => Math.ceil((Math.min(channels, most) * width) / 8) * 8;
  const deep = (repeats: number) => Math.max(1, Math.round(repeats * depth));
  const c2f = (from: Map3, channels: number, repeats: number): Map3 => {
    net.conv(from, channels, 1);
    const half: Map3 = { channels: channels / 2, size: from.size };
    for (let i = 0; i < repeats; i++) net.conv(net.conv(half, half.channels, 3), half.channels, 3);
    return net.conv(net.concat((2 + repeats) * half.channels, from.size), channels, 1);
  };
  const down = (from: Map3, channels: number) => net.conv(from, channels, 3, 2);
  const [c2, c3, c4, c5] = [wide(128), wide(256), wide(512), wide(1024)] as const;

  const p2 = c2f(down(down({ channels: 3, size: 640 }, wide(64)), c2), c2, deep(3));
  const p3 = c2f(down(p2, c3), c3, deep(6));
  const p4 = c2f(down(p3, c4), c4, deep(6));
  const tip = net.conv(c2f(down(p4, c5), c5, deep(3)), c5 / 2, 1);
  for (let i = 0; i < 3; i++) net.pool(tip, tip.size);
  const p5 = net.conv(net.concat(2 * c5, tip.size), c5, 1);

  const up = (from: Map3, skip: Map3): Map3 => {
    net.plain("movement", from, { channels: from.channels, size: skip.size });
    return c2f(net.concat(from.channels + skip.channels, skip.size), skip.channels, deep(3));
  };
  const n4 = up(p5, p4);
  const n3 = up(n4, p3);
  const join = (from: Map3, skip: Map3): Map3 => {
    const halved = down(from, from.channels);
    return c2f(net.concat(halved.channels + skip.channels, skip.size), skip.channels, deep(3));
  };
  const m4 = join(n3, n4);
  const m5 = join(m4, p5);
  for (const level of [n3, m4, m5]) {
    const boxes = Math.max(64, c3 / 4);
    const classes = Math.max(80, c3);
    net.conv(net.conv(net.conv(level, boxes, 3), boxes, 3), 64, 1);
    net.conv(net.conv(net.conv(level, classes, 3), classes, 3), 80, 1);
    net.concat(144, level.size);
  }
  // Decoding of 84 values for each of 8400 anchors: distribution, boxes, scores, joined.
  const decoded: Map3 = { channels: 84, size: Math.sqrt(8400) };
  for (let i = 0; i < 8; i++) net.plain("elementwise", decoded);
  return net.layers;
}

const LAYER_TABLES = {
  squeezenet,
  mobilenet,
  mobilenetV2,
  googlenet,
  resnet18: () => resnet([2, 2, 2, 2], false),
  resnet50: () => resnet([3, 4, 6, 3], true),
  vgg16,
  alexnet,
  yolov8n: () => yolov8(1 / 3, 0.25, 1024),
  yolov8s: () => yolov8(1 / 3, 0.5, 1024),
  yolov8m: () => yolov8(2 / 3, 0.75, 768),
} as const satisfies Record<string, () => readonly Layer[]>;

export type LayerTable = keyof typeof LAYER_TABLES;

const OP_TYPES: Partial<Record<OpClass, string>> = {
  gemm: "Gemm",
  elementwise: "Sum",
  pool: "MaxPool",
  normalization: "Softmax",
  movement: "Concat",
};

/**
 * A table as a graph with its costs: one op per layer, each with an input and an output of its own (tensors 2i and
 * 2i + 1), which is all that a cost model looks at.
 */
export function layerTableGraph(name: LayerTable): { readonly graph: Graph; readonly costs: OpCosts } {
  const layers = LAYER_TABLES[name]();
  const numbers = layers.map((_, i) => i);
  const rows = (row: (i: number) => number) => csrFrom(numbers.map((i) => [row(i)]));
  const type: TensorType = { kind: "tensor", elementType: "float", shape: null };
  const column = (pick: (layer: Layer) => number) => Float64Array.from(layers, pick);
  return {
    graph: {
      opCount: layers.length,
      opNames: numbers.map((i) => `layer${i}`),
      opTypes: layers.map((layer) => OP_TYPES[layer.opClass] ?? "Conv"),
      opDomains: layers.map(() => ""),
      opNodes: Int32Array.from(numbers),
      opRuntimeNumbers: Int32Array.from(numbers),
      opInputs: rows((i) => 2 * i),
      opOutputs: rows((i) => 2 * i + 1),
      opConstants: rows((i) => i),
      tensorCount: 2 * layers.length,
      tensorNames: numbers.flatMap((i) => [`in${i}`, `out${i}`]),
      tensorTypes: numbers.flatMap(() => [type, type]),
      tensorBytes: Float64Array.from(layers.flatMap((layer) => [layer.inputBytes, layer.outputBytes])),
      tensorProducer: Int32Array.from(numbers.flatMap((i) => [-1, i])),
      tensorConsumers: csrFrom(numbers.flatMap((i) => [[i], []])),
      inputs: numbers.map((i) => 2 * i),
      outputs: numbers.map((i) => 2 * i + 1),
      constantNames: numbers.map((i) => `w${i}`),
      constantTypes: layers.map((): ElementType => "float"),
      constantShapes: layers.map(() => null),
      constantBytes: column((layer) => layer.weightBytes),
      constantElements: column((layer) => layer.weightBytes / BYTES),
    },
    costs: {
      macs: column((layer) => layer.macs),
      inputBytes: column((layer) => layer.inputBytes),
      outputBytes: column((layer) => layer.outputBytes),
      weightBytes: column((layer) => layer.weightBytes),
      parameters: column((layer) => layer.weightBytes / BYTES),
      opClass: Uint8Array.from(layers, (layer) => OP_CLASSES.indexOf(layer.opClass)),
    },
  };
}
