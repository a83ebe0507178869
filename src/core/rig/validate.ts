import { describeRange, inRange, type NumberRange } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { CostModel, Device, Link, Rig } from "./rig.ts";

/** What values a rig's fields may take, in one place for the reader of files and the editor. */
export const RANGES = {
  memory: { above: 0 },
  capacity: { above: 0 },
  bandwidth: { above: 0 },
  /** Of the direction that a link of a problem file does not have. */
  none: { min: 0, max: 0 },
  seconds: { min: 0 },
  loadFactor: { min: 1, max: 1000 },
  watts: { min: 0 },
  joulesPerByte: { min: 0 },
  coefficient: { min: 0 },
  error: { min: 0, max: 1 },
  rate: { above: 0 },
  efficiency: { above: 0, max: 1 },
  bandFactor: { min: 1, max: 100 },
} as const satisfies Record<string, NumberRange>;

/** Most devices that a rig may hold: plans over all orders of more are out of reach. */
const MAX_DEVICES = 64;

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
const ID_RULE = "letters, digits and dashes, starting with a letter or digit";

function outOfRange(what: string, value: number, range: NumberRange): string | null {
  return inRange(value, range) ? null : `${what} is ${value}; expected ${describeRange(range)}.`;
}

function costModelProblem(what: string, model: CostModel): string | null {
  if (model.kind === "fitted") {
    const coefficients = [
      ...Object.values(model.secondsPerMac),
      model.secondsPerActivationByte,
      model.secondsPerWeightByte,
      model.secondsPerOp,
    ];
    return (
      coefficients
        .map((value) => outOfRange(`a coefficient of ${what}`, value, RANGES.coefficient))
        .find((problem) => problem !== null) ?? outOfRange(`the error of ${what}`, model.error, RANGES.error)
    );
  }
  return (
    outOfRange(`the peak rate of ${what}`, model.peakMacsPerSecond, RANGES.rate) ??
    outOfRange(`the memory bandwidth of ${what}`, model.memoryBandwidth, RANGES.rate) ??
    outOfRange(`the launch time of ${what}`, model.launch, RANGES.seconds) ??
    outOfRange(`the band factor of ${what}`, model.bandFactor, RANGES.bandFactor) ??
    Object.entries(model.efficiency)
      .map(([name, value]) => outOfRange(`the ${name} efficiency of ${what}`, value, RANGES.efficiency))
      .find((problem) => problem !== null) ??
    null
  );
}

/** The first thing wrong with a device taken by itself, as a sentence; null when all is well. */
function deviceProblem(device: Device): string | null {
  if (!ID_PATTERN.test(device.id)) return `the device id "${device.id}" is not allowed; expected ${ID_RULE}.`;
  const what = `device "${device.id}"`;
  if (device.name.trim() === "") return `${what} has no name.`;
  return (
    outOfRange(`the memory of ${what}`, device.memory, RANGES.memory) ??
    outOfRange(`the stage overhead of ${what}`, device.stageOverhead, RANGES.seconds) ??
    outOfRange(`the load factor of ${what}`, device.loadFactor, RANGES.loadFactor) ??
    (device.onChip === null
      ? null
      : (outOfRange(`the on-chip capacity of ${what}`, device.onChip.capacity, RANGES.capacity) ??
        outOfRange(`the streaming rate of ${what}`, device.onChip.streaming, RANGES.bandwidth))) ??
    (device.idleWatts === null ? null : outOfRange(`the idle power of ${what}`, device.idleWatts, RANGES.watts)) ??
    (device.activeWatts === null
      ? null
      : outOfRange(`the active power of ${what}`, device.activeWatts, RANGES.watts)) ??
    costModelProblem(what, device.costModel)
  );
}

/** The first thing wrong with a link taken by itself, as a sentence; null when all is well. */
function linkProblem(link: Link, isOneWay: boolean): string | null {
  if (!ID_PATTERN.test(link.id)) return `the link id "${link.id}" is not allowed; expected ${ID_RULE}.`;
  const what = `link "${link.id}"`;
  if (link.a === link.b) return `${what} joins device "${link.a}" to itself; expected two devices.`;
  return (
    outOfRange(`the bandwidth a to b of ${what}`, link.aToB, RANGES.bandwidth) ??
    outOfRange(`the bandwidth b to a of ${what}`, link.bToA, isOneWay ? RANGES.none : RANGES.bandwidth) ??
    outOfRange(`the latency of ${what}`, link.latency, RANGES.seconds) ??
    outOfRange(`the energy per byte a to b of ${what}`, link.aToBJoulesPerByte, RANGES.joulesPerByte) ??
    outOfRange(`the energy per byte b to a of ${what}`, link.bToAJoulesPerByte, RANGES.joulesPerByte)
  );
}

/** Ids of the devices that links join, directly or over others, to device `from`. O(devices + links). */
export function reachableFrom(from: string, links: readonly Link[]): ReadonlySet<string> {
  const neighbours = new Map<string, string[]>();
  for (const { a, b } of links) {
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
  }
  const seen = new Set([from]);
  const queue = [from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of neighbours.get(id) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}

function firstRepeated(ids: readonly string[]): string | undefined {
  return ids.find((id, i) => ids.indexOf(id) < i);
}

/**
 * A rig that everything downstream can rely on: at least one device, unique ids, values in range, links between
 * devices that exist, source and sink among them, and every device joined to the source (but in the rig of a problem
 * file, where its problem says what is out of reach). One sentence otherwise.
 */
export function validateRig(rig: Rig): Result<Rig> {
  const ids = rig.devices.map((device) => device.id);
  if (ids.length === 0) return err("The rig has no device; expected at least one.");
  if (ids.length > MAX_DEVICES) return err(`The rig has ${ids.length} devices; expected at most ${MAX_DEVICES}.`);
  const twice = firstRepeated(ids);
  if (twice !== undefined) return err(`Two devices have the id "${twice}"; expected different ids.`);
  const linkTwice = firstRepeated(rig.links.map((link) => link.id));
  if (linkTwice !== undefined) return err(`Two links have the id "${linkTwice}"; expected different ids.`);

  const problem =
    rig.devices.map(deviceProblem).find((sentence) => sentence !== null) ??
    rig.links.map((link) => linkProblem(link, rig.ofProblem === true)).find((sentence) => sentence !== null);
  if (problem !== undefined && problem !== null) return err(capitalised(problem));

  const known = new Set(ids);
  const listed = ids.map((id) => `"${id}"`).join(", ");
  for (const link of rig.links) {
    const stray = [link.a, link.b].find((id) => !known.has(id));
    if (stray !== undefined) {
      return err(
        `Link "${link.id}" ends at device "${stray}", which the rig does not have; expected one of ${listed}.`,
      );
    }
  }
  if (!known.has(rig.source))
    return err(`The source device "${rig.source}" is not in the rig; expected one of ${listed}.`);
  if (!known.has(rig.sink)) return err(`The sink device "${rig.sink}" is not in the rig; expected one of ${listed}.`);
  if (rig.ofProblem === true) return ok(rig);
  const joined = reachableFrom(rig.source, rig.links);
  const apart = ids.find((id) => !joined.has(id));
  if (apart !== undefined) {
    return err(
      `No link leads from the source device "${rig.source}" to device "${apart}"; expected every device to be joined.`,
    );
  }
  return ok(rig);
}

function capitalised(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
