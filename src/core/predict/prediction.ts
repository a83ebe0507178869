import type { Figure, Limits, Objective } from "../plan/objective.ts";
import { FIGURES, weightsOf } from "../plan/objective.ts";

/** All times in seconds, all sizes in bytes. Indices refer to the Problem. */
export interface StagePrediction {
  readonly stage: number;
  readonly device: number;
  readonly opCount: number;
  /** overhead + ops + spill. */
  readonly computeSeconds: number;
  readonly overheadSeconds: number;
  readonly opSeconds: number;
  /** Streaming of weights that do not fit the accelerator's memory. */
  readonly spillSeconds: number;
  /** Start and end in the single-inference timeline. */
  readonly start: number;
  readonly end: number;
}

export interface TransferPrediction {
  readonly kind: "input" | "cut" | "return";
  /** Stages at both ends; the sink of a return is stage -1. "input" = the boundary carries only graph inputs. */
  readonly fromStage: number;
  readonly toStage: number;
  readonly fromDevice: number;
  readonly toDevice: number;
  readonly tensors: readonly number[];
  readonly bytes: number;
  readonly seconds: number;
  readonly start: number;
  readonly end: number;
}

export interface DevicePrediction {
  readonly device: number;
  /** Busy time per inference. */
  readonly computeSeconds: number;
  /** Time of its messages at its own end; part of its busy time where nothing overlaps, or of its port's. */
  readonly sendSeconds: number;
  readonly receiveSeconds: number;
  readonly weightBytes: number;
  /** Largest sum of live activations over the stages of the device. */
  readonly activationBytes: number;
  /** What waits in front of its stages: `queuedFrames` times what arrives from other devices. */
  readonly queueBytes: number;
  /** weights + activations + queue. */
  readonly memoryBytes: number;
  readonly fits: boolean;
}

export interface LinkPrediction {
  readonly link: number;
  readonly direction: "aToB" | "bToA";
  readonly bytes: number;
  /** Busy time per inference (bytes / bandwidth, without latency). */
  readonly seconds: number;
}

/** What limits the pipeline's rate. */
export type Bottleneck =
  | { readonly kind: "device"; readonly device: number }
  | { readonly kind: "link"; readonly link: number }
  | { readonly kind: "port"; readonly device: number };

/** A constraint of the problem that a plan does not keep to. The plan can run nevertheless, and has figures. */
export type Violation =
  | { readonly kind: "memory"; readonly device: number; readonly bytes: number; readonly limit: number }
  /** Ops on a device that they are barred from; `op` is the first of them. */
  | { readonly kind: "barred"; readonly device: number; readonly op: number; readonly count: number }
  /** Two ops of one group on different devices. */
  | { readonly kind: "group"; readonly group: number; readonly ops: readonly [number, number] }
  | { readonly kind: "stages"; readonly count: number; readonly limit: number }
  | { readonly kind: "link"; readonly link: number; readonly bytes: number; readonly limit: number };

export interface Prediction {
  /** One inference alone, from input at the source to output at the sink. Infinity = the plan cannot run. */
  readonly latencySeconds: number;
  /** Time between outputs of a full pipeline, all devices and links working at once: the busiest resource. */
  readonly periodSeconds: number;
  /** Per inference, alone: compute, links, and the idle power of all devices during the latency. */
  readonly energyJoules: number;
  /** Bytes per inference, counted on every link that they pass; with ports, as received. */
  readonly trafficBytes: number;
  /** Constraints that the plan does not keep to; solvers give plans without any. */
  readonly violations: readonly Violation[];
  readonly bottleneck: Bottleneck;
  readonly stages: readonly StagePrediction[];
  readonly transfers: readonly TransferPrediction[];
  /** Every device of the problem, also the unused ones. */
  readonly devices: readonly DevicePrediction[];
  /** Every link and direction that carries bytes. */
  readonly links: readonly LinkPrediction[];
}

/** One figure of a prediction, in its unit. */
export function figure(prediction: Prediction, name: Figure): number {
  switch (name) {
    case "latency":
      return prediction.latencySeconds;
    case "period":
      return prediction.periodSeconds;
    case "energy":
      return prediction.energyJoules;
    case "traffic":
      return prediction.trafficBytes;
  }
}

/** The value of an objective; Infinity for a plan that cannot run. */
export function figureOf(prediction: Prediction, objective: Objective): number {
  if (typeof objective === "string") return figure(prediction, objective);
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const weights = weightsOf(objective);
  let sum = 0;
  for (const name of FIGURES) sum += (weights[name] ?? 0) * figure(prediction, name);
  return sum;
}

/** Limits within this fraction count as kept: sums of the same terms in another order differ by less. */
const ROUNDING = 1e-9;

/** Figures that exceed their limits. */
export function exceeded(prediction: Prediction, limits: Limits = {}): readonly Figure[] {
  return FIGURES.filter((name) => {
    const limit = limits[name];
    return limit !== undefined && !(figure(prediction, name) <= limit * (1 + ROUNDING));
  });
}

/** Whether a plan can run, keeps to the constraints of its problem and to limits on figures: what solvers may answer. */
export function isAdmissible(prediction: Prediction, limits: Limits = {}): boolean {
  return (
    prediction.latencySeconds < Number.POSITIVE_INFINITY &&
    prediction.violations.length === 0 &&
    exceeded(prediction, limits).length === 0
  );
}
