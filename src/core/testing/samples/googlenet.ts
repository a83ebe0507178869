import { type Feature, Layers } from "../layers.ts";
import { ModelBuilder, type WeightStyle } from "../model-builder.ts";

/** Channels: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection. Table 1 of Szegedy et al., 2014. */
type Widths = readonly [number, number, number, number, number, number];
const POOL = "pool";
const MODULES: readonly (readonly [string, Widths | typeof POOL])[] = [
  ["3a", [64, 96, 128, 16, 32, 32]],
  ["3b", [128, 128, 192, 32, 96, 64]],
  ["maxpool3", POOL],
  ["4a", [192, 96, 208, 16, 48, 64]],
  ["4b", [160, 112, 224, 24, 64, 64]],
  ["4c", [128, 128, 256, 24, 64, 64]],
  ["4d", [112, 144, 288, 32, 64, 64]],
  ["4e", [256, 160, 320, 32, 128, 128]],
  ["maxpool4", POOL],
  ["5a", [256, 160, 320, 32, 128, 128]],
  ["5b", [384, 192, 384, 48, 128, 128]],
];

/** Largest of nine activations are well above their mean: a smaller gain brings them back to order 1. */
const AFTER_MAX_GAIN = 0.7;

/**
 * GoogLeNet (Inception v1) at 224 x 224 as torchvision's `googlenet` exports in eval mode without input transform:
 * no auxiliary heads, BatchNormalization folded into the convolutions, the "5x5" branch with the 3x3 kernel that
 * torchvision has there; 139 ops. Synthetic weights.
 */
export function googLeNet(weights: WeightStyle = "full"): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "googlenet", weights });
  const layers = new Layers(net);
  let x: Feature = { name: net.input("input", "float", [1, 3, 224, 224]), size: 3 };

  x = convRelu(layers, x, 64, "/conv1", 7, 2);
  x = layers.maxPool(x, "/maxpool1", { kernel: 3, stride: 2, ceil: true });
  x = convRelu(layers, x, 64, "/conv2", 1);
  x = convRelu(layers, x, 192, "/conv3", 3);
  x = layers.maxPool(x, "/maxpool2", { kernel: 3, stride: 2, ceil: true });
  for (const [name, widths] of MODULES) {
    x =
      widths === POOL
        ? layers.maxPool(x, `/${name}`, { kernel: name === "maxpool4" ? 2 : 3, stride: 2, ceil: true })
        : inception(layers, x, `/inception${name}`, widths);
  }
  x = layers.classifier(x, 1000, { pool: "/avgpool", flatten: "", linear: "/fc" });
  return net.output(x.name, "float", [1, 1000]).bytes();
}

function convRelu(layers: Layers, x: Feature, size: number, path: string, kernel: number, stride = 1): Feature {
  return layers.relu(layers.conv(x, size, `${path}/conv`, { kernel, stride }), path);
}

function inception(layers: Layers, x: Feature, path: string, widths: Widths): Feature {
  const [wide, reduce3, wide3, reduce5, wide5, projection] = widths;
  const first = convRelu(layers, x, wide, `${path}/branch1`, 1);
  const narrow3 = convRelu(layers, x, reduce3, `${path}/branch2/branch2.0`, 1);
  const second = convRelu(layers, narrow3, wide3, `${path}/branch2/branch2.1`, 3);
  const narrow5 = convRelu(layers, x, reduce5, `${path}/branch3/branch3.0`, 1);
  const third = convRelu(layers, narrow5, wide5, `${path}/branch3/branch3.1`, 3);
  const pooled = layers.maxPool(x, `${path}/branch4/branch4.0`, { kernel: 3, stride: 1, padding: 1, ceil: true });
  const fourth = layers.conv(pooled, projection, `${path}/branch4/branch4.1/conv`, { gain: AFTER_MAX_GAIN });
  return layers.concat([first, second, third, layers.relu(fourth, `${path}/branch4/branch4.1`)], path);
}
