import type { FittedModel } from "../rig.ts";

/**
 * Coefficients fitted to the whole-model latencies published in Tencent/ncnn benchmark/README.md (BSD-3-Clause),
 * linear with coefficients of at least 0, over the float models of one section (one device and thread count).
 * The features are those of ncnn's own layers after its fusions: MACs per kind of convolution, bytes of
 * activations read and written, bytes of weights, number of layers. `looMedianApe` is the median absolute error
 * when each model in turn is left out of the fit.
 */
interface NcnnFit {
  /** Milliseconds per 1e9 MACs, per 1e9 bytes and per 1000 layers. */
  readonly gmacConv1x1: number;
  readonly gmacConvKxK: number;
  readonly gmacDepthwise: number;
  readonly gbActivation: number;
  readonly gbWeights: number;
  readonly thousandOps: number;
  readonly looMedianApe: number;
  /** Section of the README and its setting, as published. */
  readonly section: string;
  readonly threads: number;
  readonly gpu: number;
}

export const NCNN_FITS = {
  raspberryPi4: {
    section: "Raspberry Pi 4 Model B Broadcom BCM2711B0, Cortex-A72 (ARMv8) (1.8GHz x 4)",
    threads: 4,
    gpu: -1,
    gmacConv1x1: 75.359,
    gmacConvKxK: 38.892,
    gmacDepthwise: 434.19,
    gbActivation: 312.78,
    gbWeights: 165.08,
    thousandOps: 0,
    looMedianApe: 0.18,
  },
  raspberryPi5: {
    section: "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76 (ARMv8) (2.4GHz x 4)",
    threads: 4,
    gpu: -1,
    gmacConv1x1: 13.42,
    gmacConvKxK: 8.8184,
    gmacDepthwise: 48.624,
    gbActivation: 42.037,
    gbWeights: 44.093,
    thousandOps: 0,
    looMedianApe: 0.202,
  },
  jetsonNanoGpu: {
    section: "NVIDIA Jetson Nano",
    threads: 4,
    gpu: 0,
    gmacConv1x1: 19.549,
    gmacConvKxK: 19.668,
    gmacDepthwise: 0,
    gbActivation: 42.385,
    gbWeights: 134.53,
    thousandOps: 62.875,
    looMedianApe: 0.141,
  },
  orinNanoCpu: {
    section: "NVIDIA Jetson Orin Nano",
    threads: 6,
    gpu: -1,
    gmacConv1x1: 10.538,
    gmacConvKxK: 4.0084,
    gmacDepthwise: 0,
    gbActivation: 39.697,
    gbWeights: 27.989,
    thousandOps: 10.412,
    looMedianApe: 0.155,
  },
  celeronN5105: {
    section: "Intel Celeron N5105",
    threads: 4,
    gpu: -1,
    gmacConv1x1: 51.226,
    gmacConvKxK: 21.606,
    gmacDepthwise: 62.702,
    gbActivation: 67.396,
    gbWeights: 126.51,
    thousandOps: 3.1648,
    looMedianApe: 0.106,
  },
} satisfies Record<string, NcnnFit>;

/** A fit in the product's units (seconds per MAC, byte and op). */
export function ncnnModel(fit: NcnnFit): FittedModel {
  // Milliseconds per 1e9 units are 1e-12 s per unit; milliseconds per 1000 layers are 1e-6 s per layer.
  return {
    kind: "fitted",
    secondsPerMac: {
      conv1x1: fit.gmacConv1x1 * 1e-12,
      convKxK: fit.gmacConvKxK * 1e-12,
      depthwise: fit.gmacDepthwise * 1e-12,
    },
    secondsPerActivationByte: fit.gbActivation * 1e-12,
    secondsPerWeightByte: fit.gbWeights * 1e-12,
    secondsPerOp: fit.thousandOps * 1e-6,
    error: fit.looMedianApe,
    citation: `fitted to Tencent/ncnn benchmark/README.md (BSD-3), section "${fit.section}", ${fit.threads} threads${
      fit.gpu >= 0 ? `, GPU ${fit.gpu}` : ""
    }; median error ${Math.round(fit.looMedianApe * 100)} % on models left out`,
  };
}
