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
  readonly weightBytes: number;
  /** Largest sum of live activations over the stages of the device. */
  readonly activationBytes: number;
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
  | { readonly kind: "link"; readonly link: number };

export interface Prediction {
  /** One inference alone, from input at the source to output at the sink. Infinity = the plan cannot run. */
  readonly latencySeconds: number;
  /** Time between outputs of a full pipeline, all devices and links working at once: the busiest resource. */
  readonly periodSeconds: number;
  readonly bottleneck: Bottleneck;
  readonly stages: readonly StagePrediction[];
  readonly transfers: readonly TransferPrediction[];
  /** Every device of the problem, also the unused ones. */
  readonly devices: readonly DevicePrediction[];
  /** Every link and direction that carries bytes. */
  readonly links: readonly LinkPrediction[];
}
