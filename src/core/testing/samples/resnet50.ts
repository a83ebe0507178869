import { type Feature, Layers } from "../layers.ts";
import { ModelBuilder, type WeightStyle } from "../model-builder.ts";

/** Bottleneck blocks and width per stage: table 1 of He et al., "Deep Residual Learning", 2015. */
const STAGES = [
  [3, 64],
  [4, 128],
  [6, 256],
  [3, 512],
] as const;
const EXPANSION = 4;

/** Share of a residual branch in its sum, so that activations stay of order 1 through the depth of the network. */
const BRANCH_GAIN = 0.4;

/**
 * ResNet-50 v1.5 at 224 x 224 (stride in the 3x3 convolution) as torchvision's `resnet50` exports in eval mode:
 * BatchNormalization folded into the convolutions, 122 ops. Synthetic weights.
 */
export function resNet50(weights: WeightStyle = "full"): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "resnet50", weights });
  const layers = new Layers(net);
  let x: Feature = { name: net.input("input", "float", [1, 3, 224, 224]), size: 3 };

  x = layers.conv(x, 64, "/conv1", { kernel: 7, stride: 2 });
  x = layers.relu(x, "/relu");
  x = layers.maxPool(x, "/maxpool", { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, [repeats, width]] of STAGES.entries()) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const path = `/layer${stage + 1}/layer${stage + 1}.${repeat}`;
      x = bottleneck(layers, x, path, width, stage > 0 && repeat === 0 ? 2 : 1);
    }
  }
  x = layers.classifier(x, 1000, { pool: "/avgpool", flatten: "", linear: "/fc" });
  return net.output(x.name, "float", [1, 1000]).bytes();
}

function bottleneck(layers: Layers, input: Feature, path: string, width: number, stride: number): Feature {
  const channels = width * EXPANSION;
  let x = layers.conv(input, width, `${path}/conv1`);
  x = layers.relu(x, `${path}/relu`);
  x = layers.conv(x, width, `${path}/conv2`, { kernel: 3, stride });
  x = layers.relu(x, `${path}/relu`);
  x = layers.conv(x, channels, `${path}/conv3`, { gain: BRANCH_GAIN });
  const shortcut =
    input.size === channels
      ? input
      : layers.conv(input, channels, `${path}/downsample/downsample.0`, { stride, gain: 1 });
  x = layers.add(x, shortcut, path);
  return layers.relu(x, `${path}/relu`);
}
