import type { Prediction } from "../../core/predict/prediction.ts";
import { formatEnergy, formatMemory, formatSeconds, formatTraffic } from "../../core/units.ts";

/** A figure by which schemes are compared and sorted. */
export interface SchemeColumn {
  readonly id: "period" | "latency" | "energy" | "traffic" | "memory";
  readonly text: string;
  readonly title: string;
  readonly value: (prediction: Prediction) => number;
  readonly format: (value: number) => string;
  /** Whether the best no split is shown beside it as a ratio. */
  readonly hasRatio: boolean;
}

export const SCHEME_COLUMNS: readonly SchemeColumn[] = [
  {
    id: "period",
    text: "Per frame",
    title: "Time per frame of a stream: between outputs of a full pipeline",
    value: (prediction) => prediction.periodSeconds,
    format: formatSeconds,
    hasRatio: true,
  },
  {
    id: "latency",
    text: "Latency",
    title: "From the birth of the input to the arrival of the output, one inference alone",
    value: (prediction) => prediction.latencySeconds,
    format: formatSeconds,
    hasRatio: true,
  },
  {
    id: "energy",
    text: "Energy",
    title: "Per inference: devices at work, idle devices meanwhile, and links, as far as their powers are known",
    value: (prediction) => prediction.energyJoules,
    // Nothing runs on no energy: nobody said what the devices take.
    format: (joules) => (joules === 0 ? "not known" : formatEnergy(joules)),
    hasRatio: true,
  },
  {
    id: "traffic",
    text: "Traffic",
    title: "Bytes per inference over all links",
    value: (prediction) => prediction.trafficBytes,
    format: formatTraffic,
    hasRatio: false,
  },
  {
    id: "memory",
    text: "Memory",
    title: "Weights and activations on the device that holds the most",
    value: (prediction) => Math.max(...prediction.devices.map((device) => device.memoryBytes)),
    format: formatMemory,
    hasRatio: false,
  },
];
