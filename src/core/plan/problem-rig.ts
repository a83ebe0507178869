import { err, ok, type Result } from "../result.ts";
import type { Device, FittedModel, Link, Rig } from "../rig/rig.ts";
import { uniqueId } from "../rig/rig-edit.ts";
import { bytes, bytesPerSecond, formatBandwidth, seconds } from "../units.ts";
import type { AbstractDevice, AbstractLink, AbstractProblem } from "./abstract-problem.ts";
import { hasOutside } from "./problem-columns.ts";

/**
 * The devices and links of a problem file as a rig, so that whatever shows or edits rigs does so for problems. Device and
 * link numbers are those of the problem's columns, the place outside all devices included.
 */

/** A memory or rate that limits nothing; a number, as rigs are kept as JSON. */
export const UNLIMITED = Number.MAX_VALUE;

const UNUSED: FittedModel = {
  kind: "fitted",
  secondsPerMac: { conv1x1: 0, convKxK: 0, depthwise: 0 },
  secondsPerActivationByte: 0,
  secondsPerWeightByte: 0,
  secondsPerOp: 0,
  error: 0,
  citation: "not used: the problem file gives the time of every op",
};

/** Ids of rigs are letters, digits and dashes, those of problem files any text. */
const rigId = (name: string, taken: readonly string[]) => {
  const plain = name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return uniqueId(plain === "" ? "device" : plain, taken);
};

function portText({ port }: AbstractDevice): string {
  const rate = (value: number | null) => (value === null ? "no limit" : formatBandwidth(bytesPerSecond(value)));
  return port == null
    ? "times as given"
    : `times as given · port ${rate(port.sendBytesPerSecond)} out, ${rate(port.receiveBytesPerSecond)} in`;
}

const COMMON = {
  preset: null,
  source: "the problem file",
  onChip: null,
  loadFactor: 1,
  weightPrecision: "as-stored",
  unsupportedOps: [],
  costModel: UNUSED,
} as const satisfies Partial<Device>;

/** The file's own rig. O(devices^2 + links). */
export function rigOfProblem(problem: AbstractProblem): Rig {
  const ids: string[] = [];
  const devices: Device[] = problem.devices.map((device) => {
    const id = rigId(device.id, ids);
    ids.push(id);
    const { idleWatts = 0, activeWatts = 0 } = device;
    return {
      ...COMMON,
      id,
      name: device.id,
      runtime: portText(device),
      memory: bytes(device.memoryBytes ?? UNLIMITED),
      stageOverhead: seconds(device.stageOverheadSeconds),
      idleWatts,
      activeWatts: idleWatts + activeWatts,
    };
  });
  if (hasOutside(problem)) {
    const id = rigId("outside", ids);
    ids.push(id);
    const runtime = outsideText(problem);
    const memory = bytes(UNLIMITED);
    devices.push({
      ...COMMON,
      id,
      name: "Outside",
      runtime,
      memory,
      stageOverhead: seconds(0),
      idleWatts: 0,
      activeWatts: 0,
    });
  }
  const outside = devices.length - 1;
  const numbers = new Map(problem.devices.map(({ id }, number) => [id, number]));
  const place = (name: string | null) => ids[name === null ? outside : (numbers.get(name) ?? outside)] ?? "";
  return {
    ofProblem: true,
    devices,
    links: problem.links.map(
      (link, number): Link => ({
        id: `link-${number + 1}`,
        name: `${link.from} → ${link.to}`,
        preset: null,
        source: "the problem file",
        a: place(link.from),
        b: place(link.to),
        aToB: bytesPerSecond(link.bytesPerSecond ?? UNLIMITED),
        bToA: bytesPerSecond(0),
        latency: seconds(link.latencySeconds),
        aToBJoulesPerByte: link.joulesPerByte ?? 0,
        bToAJoulesPerByte: 0,
        medium: link.medium,
      }),
    ),
    source: place(problem.source),
    sink: place(problem.sink),
  };
}

function outsideText({ source, sink }: AbstractProblem): string {
  const what =
    source !== null ? "outputs arrive" : sink !== null ? "inputs are born" : "inputs are born and outputs arrive";
  return `${what} here at no cost; runs no op`;
}

/** Whether a rig has the devices, links and ends of another in the same order; their properties may differ. */
function isAlike(one: Rig, other: Rig): boolean {
  return (
    one.ofProblem === other.ofProblem &&
    one.source === other.source &&
    one.sink === other.sink &&
    one.devices.length === other.devices.length &&
    one.links.length === other.links.length &&
    one.devices.every(({ id }, i) => id === other.devices[i]?.id) &&
    one.links.every(({ id, a, b }, i) => {
      const link = other.links[i];
      return id === link?.id && a === link.a && b === link.b;
    })
  );
}

const limit = (value: number): number | null => (value >= UNLIMITED ? null : value);

/**
 * A problem with what its rig says now: memory, overhead per stage and load of devices, rate, latency and energy of links.
 * The file's own rig gives the file's own problem. The sentence on failure says that the rig is that of something else.
 * O(ops x devices + links).
 */
export function withRig(problem: AbstractProblem, rig: Rig): Result<AbstractProblem> {
  if (!isAlike(rigOfProblem(problem), rig)) {
    return err("The rig is not that of the problem file; expected its devices and links.");
  }
  const devices = problem.devices.map((device, i): AbstractDevice => {
    const now = rig.devices[i];
    return now === undefined
      ? device
      : { ...device, memoryBytes: limit(now.memory), stageOverheadSeconds: now.stageOverhead };
  });
  const links = problem.links.map((link, i): AbstractLink => {
    const now = rig.links[i];
    if (now === undefined) return link;
    const { aToB, latency, aToBJoulesPerByte, medium } = now;
    return { ...link, bytesPerSecond: limit(aToB), latencySeconds: latency, joulesPerByte: aToBJoulesPerByte, medium };
  });
  const loads = rig.devices.map(({ loadFactor }) => loadFactor);
  if (loads.every((load) => load === 1)) return ok({ ...problem, devices, links });
  const ops = problem.ops.map((op) => ({
    ...op,
    seconds: op.seconds.map((value, device) => (value === null ? null : value * (loads[device] ?? 1))),
  }));
  return ok({ ...problem, devices, links, ops });
}
