import type { Csr } from "../columns.ts";

/** One hop of a route: a link used in one direction. */
export interface Hop {
  /** Index into rig.links. */
  readonly link: number;
  readonly direction: "aToB" | "bToA";
  readonly secondsPerByte: number;
  readonly latency: number;
  /** Energy that sending and receiving take together. */
  readonly joulesPerByte: number;
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

/** The one network interface of a device: what every byte costs it to send, and to receive. Seconds per byte. */
export interface Port {
  readonly sendSecondsPerByte: number;
  readonly receiveSecondsPerByte: number;
}

/**
 * How tensors get to where they are needed.
 * - "relayed": from stage to stage, in one message per boundary, over devices that do not read them too.
 * - "direct": each tensor, as a message of its own, once from its producer's device to every other device that reads
 *   it (or is the sink of an output), over the route between them. A tensor that has arrived stays there.
 * - "port": each tensor is sent once by its producer's device and received once by every other device that reads it,
 *   each at the rate of its own port; routes do not count.
 */
export type Delivery = "relayed" | "direct" | "port";

export interface ProblemDevice {
  readonly id: string;
  readonly memoryBytes: number;
  readonly onChipBytes: number;
  /** 0 where weights always fit (no on-chip limit). */
  readonly streamingSecondsPerByte: number;
  readonly stageOverheadSeconds: number;
  /** Per op, seconds, load applied; Infinity where the device cannot run it. */
  readonly opSeconds: Float64Array;
  /** Per op, 1 where a constraint keeps it off the device (pinned elsewhere, or the device is forbidden). */
  readonly barred: Uint8Array;
  /** Power beyond `idleWatts` while it computes; 0 where unknown. */
  readonly activeWatts: number;
  /** Power that it draws all the time, used or not; 0 where unknown. */
  readonly idleWatts: number;
  /** Used by the delivery "port" only; null = sending and receiving take no time. */
  readonly port: Port | null;
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
  /** 1 where a cut through the tensor is forbidden (size unknown, not a plain tensor, or inside a quantised op). */
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
  /** Number of the co-location group of each op, whose ops run on one device; -1 = none. */
  readonly groupOf: Int32Array;
  /** Most stages that may hold an op; Infinity = any number. */
  readonly maxStages: number;
  /** Per link of the rig: most bytes per inference, both directions together; Infinity = any number. */
  readonly linkMaxBytes: Float64Array;
  readonly delivery: Delivery;
  /**
   * Whether a device computes while it sends and receives. Where not, its busy time in the period is compute + the time
   * that its incoming and outgoing messages take on the hop (or port) at its end.
   */
  readonly overlap: boolean;
  /** Inferences that wait in front of each stage beyond the one at work: each holds what arrives at the stage. */
  readonly queuedFrames: number;
}

/** What of a problem its constraints and its way of running decide. */
export type Conditions = Pick<
  Problem,
  "groupOf" | "maxStages" | "linkMaxBytes" | "delivery" | "overlap" | "queuedFrames"
>;

/** No constraint, relayed delivery, everything overlapped. */
export function freeConditions(opCount: number, linkCount: number): Conditions {
  return {
    groupOf: new Int32Array(opCount).fill(-1),
    maxStages: Number.POSITIVE_INFINITY,
    linkMaxBytes: new Float64Array(linkCount).fill(Number.POSITIVE_INFINITY),
    delivery: "relayed",
    overlap: true,
    queuedFrames: 0,
  };
}

/** A device of which nothing is known about power and ports, and that no constraint bars. */
export function plainDevice(opCount: number): Pick<ProblemDevice, "barred" | "activeWatts" | "idleWatts" | "port"> {
  return { barred: new Uint8Array(opCount), activeWatts: 0, idleWatts: 0, port: null };
}
