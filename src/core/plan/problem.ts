import type { Csr } from "../columns.ts";

/** One hop of a route: a link used in one direction. */
export interface Hop {
  /** Index into rig.links. */
  readonly link: number;
  readonly direction: "aToB" | "bToA";
  readonly secondsPerByte: number;
  readonly latency: number;
  /** Resource that is busy while bytes pass; hops with the same number take turns. */
  readonly resource: number;
}

/** How bytes get from one device to another: store and forward over the hops in turn. */
export interface Route {
  readonly hops: readonly Hop[];
  /** Sum over hops: seconds per message, and seconds per byte. */
  readonly latency: number;
  readonly secondsPerByte: number;
}

export interface ProblemDevice {
  readonly id: string;
  readonly memoryBytes: number;
  readonly onChipBytes: number;
  /** 0 where weights always fit (no on-chip limit). */
  readonly streamingSecondsPerByte: number;
  readonly stageOverheadSeconds: number;
  /** Per op, seconds, load applied; Infinity where the device cannot run it. */
  readonly opSeconds: Float64Array;
  /** Per weight (Graph constant), bytes as the device holds it. */
  readonly weightBytes: Float64Array;
}

/**
 * All that prediction and solvers need, as plain columns without names: ops, tensors, devices and routes.
 * Ops are numbered in topological order. Tensor bytes come twice: in memory and on the wire.
 */
export interface Problem {
  readonly opCount: number;
  readonly tensorCount: number;
  readonly opInputs: Csr;
  readonly opOutputs: Csr;
  readonly opWeights: Csr;
  readonly tensorProducer: Int32Array;
  readonly tensorConsumers: Csr;
  /** NaN in the graph becomes 0 here and the tensor is listed in `uncuttable`. */
  readonly tensorMemoryBytes: Float64Array;
  readonly tensorWireBytes: Float64Array;
  /** 1 where a cut through the tensor is forbidden (size unknown, or not a plain tensor). */
  readonly uncuttable: Uint8Array;
  /** Graph inputs and outputs as tensor numbers. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly devices: readonly ProblemDevice[];
  /** routes[from][to]; null where no path exists; the route of a device to itself has no hops. */
  readonly routes: readonly (readonly (Route | null)[])[];
  /** Number of resources that hops refer to. */
  readonly resourceCount: number;
  readonly source: number;
  readonly sink: number;
}
