import { type Feature, Layers } from "../layers.ts";
import { ModelBuilder, type WeightStyle } from "../model-builder.ts";

/** Channels of each 3x3 convolution, "pool" for a halving: configuration D in table 1 of Simonyan & Zisserman, 2014. */
const POOL = "pool";
const FEATURES = [64, 64, POOL, 128, 128, POOL, 256, 256, 256, POOL, 512, 512, 512, POOL, 512, 512, 512, POOL] as const;

/** Side of the last feature maps, and width of the two hidden layers of the classifier. */
const SIDE = 7;
const HIDDEN = 4096;

/** Largest of four activations are above their mean: a smaller gain brings them back to order 1. */
const AFTER_MAX_GAIN = 0.9;

/**
 * VGG-16 at 224 x 224 as torchvision's `vgg16` exports in eval mode, but for its adaptive pooling, which leaves 7 x 7
 * maps as they are: 37 ops, 138 M parameters, three quarters of them in the first fully connected layer. Synthetic
 * weights.
 */
export function vgg16(weights: WeightStyle = "full"): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "vgg16", weights });
  const layers = new Layers(net);
  let x: Feature = { name: net.input("input", "float", [1, 3, 224, 224]), size: 3 };

  let index = 0;
  let isPooled = false;
  for (const width of FEATURES) {
    const path = (offset: number) => `/features/features.${index + offset}`;
    if (width === POOL) {
      x = layers.maxPool(x, path(0), { kernel: 2, stride: 2 });
      index += 1;
    } else {
      const gain = isPooled ? AFTER_MAX_GAIN * Math.SQRT2 : Math.SQRT2;
      x = layers.relu(layers.conv(x, width, path(0), { kernel: 3, gain }), path(1));
      index += 2;
    }
    isPooled = width === POOL;
  }
  const flat = net.node("Flatten", [x.name], { attributes: { axis: 1 } });
  const first = layers.linear({ name: flat, size: x.size * SIDE * SIDE }, HIDDEN, "/classifier/classifier.0");
  const hidden = layers.relu(first, "/classifier/classifier.1");
  const second = layers.relu(layers.linear(hidden, HIDDEN, "/classifier/classifier.3"), "/classifier/classifier.4");
  const y = layers.linear(second, 1000, "/classifier/classifier.6", ["output"]);
  return net.output(y.name, "float", [1, 1000]).bytes();
}
