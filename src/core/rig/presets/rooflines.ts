import { bytesPerSecond, milliseconds } from "../../units.ts";
import type { RooflineModel } from "../rig.ts";

/**
 * Rooflines of the presets for which no published fit is good enough. Each docstring says what the model was
 * set against and how far off it is; presets.test.ts recomputes those errors.
 */

/**
 * Google Coral USB Accelerator (Edge TPU). A fit of coral.ai's published whole-model table: 1.5 ms per invocation
 * (the device's stage overhead), 1 effective TOPS = 0.5e12 MAC/s, 6.5 MB of weights on chip and 0.5 GB/s for the
 * rest (the device's on-chip memory; charged per stage, because it depends on the stage's weights).
 * Against coral.ai: MobileNetV1 +11 %, MobileNetV2 -17 %, ResNet-50 -3 %, VGG16 +0.4 %, SqueezeNet +14 %,
 * Inception V1 +69 %.
 */
export const EDGE_TPU: RooflineModel = {
  kind: "roofline",
  peakMacsPerSecond: 0.5e12,
  // The fit has one rate for all: 0.5e12 is already a quarter of the nominal 4 TOPS.
  efficiency: { other: 1 },
  // The fit has no term for traffic inside the chip; at this rate activations seldom bind.
  memoryBandwidth: bytesPerSecond(100e9),
  launch: milliseconds(0),
  bandFactor: 1.2,
  citation:
    "fit to coral.ai/docs/edgetpu/benchmarks (USB Accelerator column): 1.5 ms + MACs / 0.5e12 per second + weights beyond 6.5 MB at 0.5 GB/s",
};

/**
 * Intel Neural Compute Stick 2 (Myriad X). Set against nn-Meter's predictions for myriadvpu_openvino2019r2 (which
 * themselves hit +-10 % in 83 % of cases): ResNet-50 0 %, ResNet-18 0 %, VGG16 +1 %, MobileNetV1 -15 %,
 * MobileNetV2 -13 %, SqueezeNet -12 %, GoogLeNet +44 %.
 */
export const MYRIAD_X: RooflineModel = {
  kind: "roofline",
  // Intel: 1 TOPS of the Neural Compute Engines = 0.5e12 MAC/s.
  peakMacsPerSecond: 0.5e12,
  efficiency: {
    // The engines are fed from stick memory in slices; a quarter of the peak is what large 3x3 layers reach.
    convKxK: 0.25,
    // Less reuse per byte than 3x3.
    conv1x1: 0.2,
    // Runs on the vector cores, not on the engines.
    depthwise: 0.005,
    gemm: 0.1,
    attention: 0.1,
    other: 0.05,
  },
  // Effective rate of the stick's LPDDR4, chosen so that VGG16's fully connected layers fit.
  memoryBandwidth: bytesPerSecond(4e9),
  launch: milliseconds(0.08),
  bandFactor: 1.5,
  citation:
    "estimate: 1 TOPS (Intel), set against nn-Meter's predicted latencies for myriadvpu_openvino2019r2 (microsoft/nn-Meter, MIT)",
};

/**
 * NVIDIA Jetson Orin Nano 8 GB, GPU with TensorRT FP16. 40 TOPS sparse INT8 = 20 dense INT8 = 10 TFLOPS FP16 =
 * 5e12 MAC/s; 68 GB/s. Set against TensorRT FP16 at 640x640 of the0807/YOLOv8-ONNX-TensorRT: YOLOv8n 7.3 ms (-22 %),
 * YOLOv8s 11.4 ms (-8 %), YOLOv8m 23.6 ms (-5 %); those figures include the caller's overhead.
 */
export const ORIN_NANO_GPU: RooflineModel = {
  kind: "roofline",
  peakMacsPerSecond: 5e12,
  efficiency: {
    // Tensor cores at batch 1: half the peak where a layer is large.
    convKxK: 0.5,
    conv1x1: 0.35,
    // One channel per filter leaves tensor cores idle.
    depthwise: 0.03,
    gemm: 0.3,
    attention: 0.3,
    // Steps of a recurrence run one after the other.
    recurrent: 0.02,
    other: 0.05,
  },
  memoryBandwidth: bytesPerSecond(68e9),
  launch: milliseconds(0.03),
  bandFactor: 1.5,
  citation:
    "estimate: 40 TOPS sparse INT8 = 5e12 MAC/s FP16, 68 GB/s (NVIDIA), set against TensorRT FP16 figures of github.com/the0807/YOLOv8-ONNX-TensorRT",
};

/**
 * Server with an NVIDIA T4, ONNX Runtime CUDA, FP32. 8.1 TFLOPS = 4.05e12 MAC/s, 300 GB/s. Set against ResNet-50 v1.5
 * in FP32 of NVIDIA/DeepLearningExamples on a T4: 7.34 ms at batch 1 (-13 %); at batch 256, 2.35 ms an image, 43 % of
 * the peak, which no single image reaches.
 */
export const TESLA_T4: RooflineModel = {
  kind: "roofline",
  peakMacsPerSecond: 4.05e12,
  efficiency: {
    convKxK: 0.3,
    conv1x1: 0.22,
    depthwise: 0.05,
    gemm: 0.22,
    attention: 0.2,
    recurrent: 0.02,
    other: 0.05,
  },
  memoryBandwidth: bytesPerSecond(300e9),
  // Launch and gap between dependent kernels, one kernel per fused op.
  launch: milliseconds(0.025),
  bandFactor: 1.5,
  citation:
    "estimate: 8.1 TFLOPS FP32, 300 GB/s (NVIDIA), set against ResNet-50 FP32 batch 1 on T4 of NVIDIA/DeepLearningExamples (7.34 ms)",
};
