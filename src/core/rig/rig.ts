import type { OpClass } from "../cost/cost.ts";
import type { Bytes, BytesPerSecond, Seconds } from "../units.ts";

/**
 * Op time by a linear fit to published whole-model latencies (coefficients in seconds per unit of work).
 * time = macs x perMac[class] + activation bytes x perActivationByte + weight bytes x perWeightByte + perOp.
 */
export interface FittedModel {
  readonly kind: "fitted";
  readonly secondsPerMac: { readonly conv1x1: number; readonly convKxK: number; readonly depthwise: number };
  readonly secondsPerActivationByte: number;
  readonly secondsPerWeightByte: number;
  readonly secondsPerOp: number;
  /** Median leave-one-model-out error as a fraction: the band shown is time x (1 +- error). */
  readonly error: number;
  readonly citation: string;
}

/**
 * Op time by the roofline: launch + max(macs / (peak x efficiency of the class), bytes touched / memory bandwidth).
 */
export interface RooflineModel {
  readonly kind: "roofline";
  readonly peakMacsPerSecond: number;
  readonly efficiency: Readonly<Partial<Record<OpClass, number>>> & { readonly other: number };
  readonly memoryBandwidth: BytesPerSecond;
  readonly launch: Seconds;
  /** The band shown is time / factor .. time x factor. */
  readonly bandFactor: number;
  readonly citation: string;
}

export type CostModel = FittedModel | RooflineModel;

export interface Device {
  /** Unique in the rig; letters, digits, dashes. */
  readonly id: string;
  readonly name: string;
  /** Key in the preset library, null for a device made by hand. */
  readonly preset: string | null;
  /** Runtime and threads that the figures hold for: "ncnn, 4 threads". */
  readonly runtime: string;
  /** Where the figures come from, for a person to check. */
  readonly source: string;
  readonly memory: Bytes;
  /** Accelerator memory that weights must fit, else they are streamed at every inference. */
  readonly onChip: { readonly capacity: Bytes; readonly streaming: BytesPerSecond } | null;
  /** Fixed time of one stage run on this device (invocation, driver). */
  readonly stageOverhead: Seconds;
  /** At least 1: compute times are multiplied by it (the device also does other work). */
  readonly loadFactor: number;
  /** How weights are held on the device; "i8" and "f16" shrink float weights accordingly. */
  readonly weightPrecision: "as-stored" | "f16" | "i8";
  readonly unsupportedOps: readonly string[];
  readonly costModel: CostModel;
  readonly idleWatts: number | null;
  readonly activeWatts: number | null;
}

/** A two-way connection. */
export interface Link {
  readonly id: string;
  readonly name: string;
  readonly preset: string | null;
  readonly source: string;
  readonly a: string;
  readonly b: string;
  readonly aToB: BytesPerSecond;
  readonly bToA: BytesPerSecond;
  /** One way. */
  readonly latency: Seconds;
  /** Energy that both ends together spend on each byte; 0 where it is not known or does not matter. */
  readonly aToBJoulesPerByte: number;
  readonly bToAJoulesPerByte: number;
  /** Both directions, and all links with the same medium, take turns (Wi-Fi channel); null = full duplex. */
  readonly medium: string | null;
}

export interface Rig {
  readonly devices: readonly Device[];
  readonly links: readonly Link[];
  /** Device where the model's input is born. */
  readonly source: string;
  /** Device where the model's output must arrive. */
  readonly sink: string;
  /**
   * The devices and links of a problem file, see `core/plan/problem-rig`: links lead one way (`bToA` is 0), devices need
   * not be joined, and a memory or rate of `Number.MAX_VALUE` is none that limits. Its cost models are never used.
   */
  readonly ofProblem?: true;
}
