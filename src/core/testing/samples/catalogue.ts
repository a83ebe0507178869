import { SAMPLES as ENTRIES, type SampleEntry, type SampleId } from "./catalogue-entries.ts";
import { googLeNet } from "./googlenet.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { resNet50 } from "./resnet50.ts";
import { transformer } from "./transformer.ts";
import { vgg16 } from "./vgg16.ts";

/** Where the file of a sample comes from. `path` is relative to the app's base address. */
type SampleSource =
  | { readonly kind: "generated"; readonly generate: () => Uint8Array<ArrayBuffer> }
  | { readonly kind: "file"; readonly path: string };

interface Sample extends SampleEntry {
  readonly source: SampleSource;
}

/** Networks above 10 M parameters are generated light, so that each opens at once. */
const SOURCES: Readonly<Record<SampleId, SampleSource>> = {
  "mobilenet-v2": { kind: "generated", generate: () => mobileNetV2("full") },
  googlenet: { kind: "generated", generate: () => googLeNet("full") },
  resnet50: { kind: "generated", generate: () => resNet50("light") },
  vgg16: { kind: "generated", generate: () => vgg16("light") },
  transformer: { kind: "generated", generate: () => transformer({ weights: "light" }) },
  "ppocr-v4-det": { kind: "file", path: "samples/ppocr-v4-det.onnx" },
  "ppocr-v4-cls": { kind: "file", path: "samples/ppocr-v4-cls.onnx" },
};

/** The models that app and command line offer without a file of one's own. */
export const SAMPLES: readonly Sample[] = ENTRIES.map((entry) => ({ ...entry, source: SOURCES[entry.id] }));
