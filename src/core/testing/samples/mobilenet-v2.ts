import { Layers } from "../layers.ts";
import { ModelBuilder, type WeightStyle } from "../model-builder.ts";

/** Expansion, channels, repeats, stride of the first: table 2 of Sandler et al., "MobileNetV2", 2018. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Share of a residual branch in its sum, so that activations stay of order 1 through the depth of the network. */
const BRANCH_GAIN = 0.5;

/**
 * MobileNetV2 1.0 at 224 x 224 as torchvision's `mobilenet_v2` exports in eval mode: BatchNormalization folded into
 * the convolutions, 100 ops. Synthetic weights.
 */
export function mobileNetV2(weights: WeightStyle = "full"): Uint8Array<ArrayBuffer> {
  const net = new ModelBuilder({ name: "mobilenet_v2", weights });
  const layers = new Layers(net);
  let x = { name: net.input("input", "float", [1, 3, 224, 224]), size: 3 };

  x = layers.conv(x, 32, "/features/features.0/features.0.0", { kernel: 3, stride: 2 });
  x = layers.relu6(x, "/features/features.0/features.0.2");
  let index = 1;
  for (const [expansion, channels, repeats, firstStride] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const block = `/features/features.${index}`;
      const stride = repeat === 0 ? firstStride : 1;
      const input = x;
      const hidden = x.size * expansion;
      let step = 0;
      if (expansion !== 1) {
        x = layers.conv(x, hidden, `${block}/conv/conv.${step}/conv.${step}.0`);
        x = layers.relu6(x, `${block}/conv/conv.${step}/conv.${step}.2`);
        step += 1;
      }
      x = layers.conv(x, hidden, `${block}/conv/conv.${step}/conv.${step}.0`, { kernel: 3, stride, groups: hidden });
      x = layers.relu6(x, `${block}/conv/conv.${step}/conv.${step}.2`);
      const residual = stride === 1 && input.size === channels;
      x = layers.conv(x, channels, `${block}/conv/conv.${step + 1}`, { gain: residual ? BRANCH_GAIN : 1 });
      if (residual) x = layers.add(input, x, block);
      index += 1;
    }
  }
  x = layers.conv(x, 1280, `/features/features.${index}/features.${index}.0`);
  x = layers.relu6(x, `/features/features.${index}/features.${index}.2`);
  x = layers.classifier(x, 1000, { pool: "", flatten: "", linear: "/classifier/classifier.1" });
  return net.output(x.name, "float", [1, 1000]).bytes();
}
