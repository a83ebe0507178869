import { at, item } from "../columns.ts";
import type { OpCosts } from "../cost/cost.ts";
import { ok, type Result } from "../result.ts";
import type { Device, Rig, RooflineModel } from "../rig/rig.ts";
import { insertDevice, updateDevice } from "../rig/rig-edit.ts";
import { type Bytes, bytesPerSecond, milliseconds, seconds } from "../units.ts";
import { groupSeconds } from "./apply.ts";
import type { MatchedProfile } from "./match.ts";

/** Rates of a device about which a profile tells nothing, each of the size that any computer reaches. */
const SLOWEST = { macsPerSecond: 1e8, bytesPerSecond: 1e8 } as const;

/**
 * A roofline that agrees with a profile in sum, for models that the device was not measured on: multiply-accumulates
 * per second over the groups that have any, bytes per second over all others. Coarse, and its band says so. O(ops).
 */
function rooflineOf(matched: MatchedProfile, costs: OpCosts, citation: string): RooflineModel {
  const work = { macs: 0, seconds: 0 };
  const traffic = { bytes: 0, seconds: 0 };
  for (const [index, { ops }] of matched.groups.entries()) {
    const { median } = groupSeconds(matched, index);
    let macs = 0;
    let bytes = 0;
    for (const op of ops) {
      macs += at(costs.macs, op) || 0;
      bytes += (at(costs.inputBytes, op) || 0) + (at(costs.outputBytes, op) || 0) + (at(costs.weightBytes, op) || 0);
    }
    if (macs > 0) {
      work.macs += macs;
      work.seconds += median;
    } else {
      traffic.bytes += bytes;
      traffic.seconds += median;
    }
  }
  const rate = (amount: number, time: number, least: number) => (time > 0 ? Math.max(amount / time, least) : least);
  const peakMacsPerSecond = rate(work.macs, work.seconds, SLOWEST.macsPerSecond);
  // Where nothing tells of memory (products alone, or a clock too coarse): as many bytes as products, which seldom binds.
  const bandwidth =
    traffic.seconds > 0 ? rate(traffic.bytes, traffic.seconds, SLOWEST.bytesPerSecond) : peakMacsPerSecond;
  return {
    kind: "roofline",
    peakMacsPerSecond,
    efficiency: { other: 1 },
    memoryBandwidth: bytesPerSecond(bandwidth),
    launch: seconds(0),
    bandFactor: 3,
    citation,
  };
}

export interface MeasuredDevice {
  /** Id in the rig; where it is there already, that device is brought up to date. */
  readonly id: string;
  readonly name: string;
  readonly memory: Bytes;
  /** Key of the link that joins it to the row where it is new. */
  readonly link: string;
}

/** Call of a runtime in the same process: an estimate, as for the presets. */
const CALL = milliseconds(0.05);

/**
 * The rig with a device that was measured: at the end of the row where it is new, else with the runtime and the cost
 * model of the new profile. Its name, links and load stay as they are. Errors: those of the edits. O(ops).
 */
export function withMeasuredDevice(
  rig: Rig,
  device: MeasuredDevice,
  matched: MatchedProfile,
  costs: OpCosts,
): Result<Rig> {
  const { raw } = matched;
  const model = raw.model.name ?? "a model";
  const runtime = raw.device.runtime ?? "unknown runtime";
  const platform = raw.device.hardware?.platform ?? null;
  const source = `measured on ${model}${platform === null ? "" : ` by ${platform}`}; memory and call overhead: estimate`;
  const costModel = rooflineOf(matched, costs, `rates in sum of the profile of ${model} (${runtime})`);
  const known = rig.devices.some(({ id }) => id === device.id);
  if (known) return updateDevice(rig, device.id, { runtime, source, costModel });
  const added: Omit<Device, "preset" | "loadFactor"> = {
    id: device.id,
    name: device.name,
    runtime,
    source,
    memory: device.memory,
    onChip: null,
    stageOverhead: CALL,
    weightPrecision: "as-stored",
    unsupportedOps: [],
    costModel,
    idleWatts: null,
    activeWatts: null,
  };
  const inserted = insertDevice(rig, added, rig.devices.length, device.link);
  if (!inserted.ok) return inserted;
  const { devices } = inserted.value;
  const last = devices.length - 1;
  // It is no device of the library.
  return ok({ ...inserted.value, devices: devices.with(last, { ...item(devices, last), preset: null }) });
}
