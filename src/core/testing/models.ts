import { type Feature, Layers } from "./layers.ts";
import { ModelBuilder } from "./model-builder.ts";
import { createRandom } from "./random.ts";

/** Side of the square feature maps of these small models. */
const SIDE = 6;

/**
 * A chain of `ops` ops, 1x1 convolution and Relu in turn, in modules of two: "/block0/Conv", "/block0/Relu". Channel
 * counts go 2, 3, 4, 5, 2, ..., so that the sizes of its tensors differ. Input "x", output "y".
 */
export function chainModel(ops: number): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "chain" });
  const layers = new Layers(net);
  let x: Feature = { name: net.input("x", "float", [1, 2, SIDE, SIDE]), size: 2 };
  for (let op = 0; op < ops - 1; op++) {
    const path = `/block${op >> 1}`;
    x = op % 2 === 0 ? layers.conv(x, 2 + ((op / 2) % 4), path) : layers.relu(x, path);
  }
  const y = net.node("Tanh", [x.name], { outputs: ["y"] });
  return net.output(y, "float", [1, x.size, SIDE, SIDE]).bytes();
}

export interface RandomModelOptions {
  readonly ops: number;
  /** Graph inputs, default 2: "x0", "x1", each with 4 channels. */
  readonly inputs?: number;
}

/**
 * A model of `ops` ops in a random directed acyclic graph that runs in any runtime: convolutions, sums and joins of
 * branches, splits into two outputs, shared tensors; inputs that an op reads, tensors that nobody reads as outputs,
 * now and then one that is read too. Values stay of order 1.
 */
export function randomModel(seed: number, { ops, inputs = 2 }: RandomModelOptions): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed);
  const net = new ModelBuilder({ name: `random_${seed}`, seed });
  const layers = new Layers(net);
  const tensors: Feature[] = [];
  const unread = new Set<Feature>();
  const add = (tensor: Feature) => {
    tensors.push(tensor);
    unread.add(tensor);
  };
  const read = (tensor: Feature) => {
    unread.delete(tensor);
    return tensor;
  };
  const node = (type: string, reads: readonly Feature[], size: number, attributes = {}, outputs?: string[]) => {
    const names = reads.map((tensor) => read(tensor).name);
    const name = net.node(type, names, outputs === undefined ? { attributes } : { attributes, outputs });
    for (const output of outputs ?? [name]) add({ name: output, size });
  };

  for (let i = 0; i < inputs; i++) add({ name: net.input(`x${i}`, "float", [1, 4, SIDE, SIDE]), size: 4 });
  for (let op = 0; op < ops; op++) {
    const first = tensors.slice(0, inputs).find((tensor) => unread.has(tensor)) ?? random.pick(tensors);
    const alike = tensors.filter((tensor) => tensor.size === first.size && tensor !== first);
    const kind = random.integer(0, 5);
    if (kind === 0 && first.size % 2 === 0) {
      node("Split", [first], first.size / 2, { axis: 1 }, [`split${op}_a`, `split${op}_b`]);
    } else if (kind === 1 && alike.length > 0) {
      node("Mean", [first, random.pick(alike), ...(random.chance(0.3) ? [random.pick(alike)] : [])], first.size);
    } else if (kind === 2 && first.size < 12) {
      const other = random.pick(tensors);
      node("Concat", [first, other], first.size + other.size, { axis: 1 });
    } else if (kind === 3) {
      node(random.pick(["Relu", "Tanh", "Sigmoid", "Abs"]), [first], first.size);
    } else {
      add(layers.conv(read(first), random.integer(2, 6), `/conv${op}`, { kernel: random.pick([1, 3]), gain: 1 }));
    }
  }
  for (const tensor of tensors.slice(inputs)) {
    if (!unread.has(tensor) && !random.chance(0.05)) continue;
    net.output(tensor.name, "float", [1, tensor.size, SIDE, SIDE]);
  }
  return net.bytes();
}
