import { OP_CLASSES, type OpClass } from "../cost/cost.ts";
import { Fields, parseJson } from "../json.ts";
import { err, type Result } from "../result.ts";
import { bytes, bytesPerSecond, seconds } from "../units.ts";
import { type DevicePreset, findDevicePreset, findLinkPreset, type LinkPreset } from "./presets.ts";
import type { CostModel, Device, Link, Rig } from "./rig.ts";
import { RANGES, validateRig } from "./validate.ts";

/**
 * The rig file: JSON with the unit in every field's name (public/schema/splitscope-rig.schema.json). A device or link
 * that names a preset may leave out whatever it takes over from the preset, so `{"id": "pi", "preset":
 * "raspberry-pi-4"}` is a whole device.
 */
const RIG_FORMAT = "splitscope-rig";
/** Version 2 added the energy of links, which a file of version 1 takes from the preset, or as 0. */
const RIG_VERSION = 2;

function readEfficiency(fields: Fields): Partial<Record<OpClass, number>> & { other: number } {
  const known = new Set<string>(OP_CLASSES);
  for (const name of fields.names()) {
    if (!known.has(name)) fields.reject(name, `no field but the op classes ${OP_CLASSES.join(", ")}`);
  }
  const classes: Partial<Record<OpClass, number>> = {};
  for (const name of OP_CLASSES) if (fields.has(name)) classes[name] = fields.number(name, RANGES.efficiency);
  return { ...classes, other: fields.number("other", RANGES.efficiency) };
}

function readCostModel(fields: Fields): CostModel {
  if (fields.oneOf("kind", ["fitted", "roofline"]) === "roofline") {
    return {
      kind: "roofline",
      peakMacsPerSecond: fields.number("peakMacsPerSecond", RANGES.rate),
      efficiency: readEfficiency(fields.object("efficiency")),
      memoryBandwidth: bytesPerSecond(fields.number("memoryBandwidthBytesPerSecond", RANGES.rate)),
      launch: seconds(fields.number("launchSeconds", RANGES.seconds)),
      bandFactor: fields.number("bandFactor", RANGES.bandFactor),
      citation: fields.text("citation"),
    };
  }
  const perMac = fields.object("secondsPerMac");
  return {
    kind: "fitted",
    secondsPerMac: {
      conv1x1: perMac.number("conv1x1", RANGES.coefficient),
      convKxK: perMac.number("convKxK", RANGES.coefficient),
      depthwise: perMac.number("depthwise", RANGES.coefficient),
    },
    secondsPerActivationByte: fields.number("secondsPerActivationByte", RANGES.coefficient),
    secondsPerWeightByte: fields.number("secondsPerWeightByte", RANGES.coefficient),
    secondsPerOp: fields.number("secondsPerOp", RANGES.coefficient),
    error: fields.number("error", RANGES.error),
    citation: fields.text("citation"),
  };
}

function readOnChip(fields: Fields, preset: DevicePreset | undefined): Device["onChip"] {
  if (!fields.has("onChip") && preset !== undefined) return preset.onChip;
  if (fields.get("onChip") === null) return null;
  const onChip = fields.object("onChip");
  return {
    capacity: bytes(onChip.number("capacityBytes", RANGES.capacity)),
    streaming: bytesPerSecond(onChip.number("streamingBytesPerSecond", RANGES.bandwidth)),
  };
}

function readPreset<T>(
  fields: Fields,
  find: (key: string) => T | undefined,
): { key: string | null; preset: T | undefined } {
  const key = fields.textOrNull("preset", null);
  return { key, preset: key === null ? undefined : find(key) };
}

function readDevice(fields: Fields): Device {
  const { key, preset } = readPreset(fields, findDevicePreset);
  const costModel =
    fields.has("costModel") || preset === undefined ? readCostModel(fields.object("costModel")) : preset.costModel;
  return {
    id: fields.text("id"),
    name: fields.text("name", preset?.name),
    preset: key,
    runtime: fields.text("runtime", preset?.runtime),
    source: fields.text("source", preset?.source),
    memory: bytes(fields.number("memoryBytes", RANGES.memory, preset?.memory)),
    onChip: readOnChip(fields, preset),
    stageOverhead: seconds(fields.number("stageOverheadSeconds", RANGES.seconds, preset?.stageOverhead)),
    loadFactor: fields.number("loadFactor", RANGES.loadFactor, 1),
    weightPrecision: fields.oneOf("weightPrecision", ["as-stored", "f16", "i8"], preset?.weightPrecision),
    unsupportedOps: fields.textList("unsupportedOps", preset?.unsupportedOps),
    costModel,
    idleWatts: fields.numberOrNull("idleWatts", RANGES.watts, preset?.idleWatts ?? null),
    activeWatts: fields.numberOrNull("activeWatts", RANGES.watts, preset?.activeWatts ?? null),
  };
}

function readLink(fields: Fields, isOneWay: boolean): Link {
  const { key, preset } = readPreset<LinkPreset>(fields, findLinkPreset);
  const a = fields.text("a");
  const b = fields.text("b");
  return {
    id: fields.text("id", `${a}--${b}`),
    name: fields.text("name", preset?.name),
    preset: key,
    source: fields.text("source", preset?.source),
    a,
    b,
    aToB: bytesPerSecond(fields.number("aToBBytesPerSecond", RANGES.bandwidth, preset?.aToB)),
    bToA: bytesPerSecond(fields.number("bToABytesPerSecond", isOneWay ? RANGES.none : RANGES.bandwidth, preset?.bToA)),
    latency: seconds(fields.number("latencySeconds", RANGES.seconds, preset?.latency)),
    aToBJoulesPerByte: fields.number("aToBJoulesPerByte", RANGES.joulesPerByte, preset?.aToBJoulesPerByte ?? 0),
    bToAJoulesPerByte: fields.number("bToAJoulesPerByte", RANGES.joulesPerByte, preset?.bToAJoulesPerByte ?? 0),
    medium: fields.textOrNull("medium", preset?.medium),
  };
}

/**
 * A rig out of parsed JSON. The sentence on failure names the first bad field by its path, its value and what was
 * expected. A file of a later version is refused as such.
 */
export function parseRig(json: unknown): Result<Rig> {
  const problems: string[] = [];
  const fields = new Fields(json, "", problems);
  if (problems.length > 0) return err("The rig is not a JSON object; expected the content of a rig file.");
  const format = fields.get("format");
  if (format !== RIG_FORMAT) {
    fields.reject("format", `"${RIG_FORMAT}"`);
    return err(`This is not a rig file: ${problems[0] ?? ""}`);
  }
  const version = fields.number("version", { integer: true, min: 1 });
  if (version > RIG_VERSION) {
    return err(`The rig file has version ${version}; this version of Splitscope reads up to ${RIG_VERSION}.`);
  }
  const ofProblem = (fields.get("ofProblem") ?? false) === true;
  const rig: Rig = {
    ...(ofProblem ? { ofProblem } : {}),
    devices: fields.objects("devices").map(readDevice),
    links: fields.objects("links", []).map((link) => readLink(link, ofProblem)),
    source: fields.text("sourceDevice"),
    sink: fields.text("sinkDevice"),
  };
  const [problem] = problems;
  return problem === undefined ? validateRig(rig) : err(`The rig file has a bad field: ${problem}`);
}

/** A rig out of a file's text. */
export function readRig(text: string, fileName: string): Result<Rig> {
  const json = parseJson(text, fileName);
  return json.ok ? parseRig(json.value) : json;
}

function costModelJson(model: CostModel): object {
  if (model.kind === "fitted") return model;
  const { memoryBandwidth, launch, ...rest } = model;
  return { ...rest, memoryBandwidthBytesPerSecond: memoryBandwidth, launchSeconds: launch };
}

/** A rig as the plain object of the file format; `parseRig` gives the same rig back. */
export function rigJson(rig: Rig): object {
  return {
    format: RIG_FORMAT,
    version: RIG_VERSION,
    ...(rig.ofProblem === true ? { ofProblem: true } : {}),
    sourceDevice: rig.source,
    sinkDevice: rig.sink,
    devices: rig.devices.map((device) => ({
      id: device.id,
      name: device.name,
      preset: device.preset,
      runtime: device.runtime,
      source: device.source,
      memoryBytes: device.memory,
      onChip:
        device.onChip === null
          ? null
          : { capacityBytes: device.onChip.capacity, streamingBytesPerSecond: device.onChip.streaming },
      stageOverheadSeconds: device.stageOverhead,
      loadFactor: device.loadFactor,
      weightPrecision: device.weightPrecision,
      unsupportedOps: device.unsupportedOps,
      costModel: costModelJson(device.costModel),
      idleWatts: device.idleWatts,
      activeWatts: device.activeWatts,
    })),
    links: rig.links.map((link) => ({
      id: link.id,
      name: link.name,
      preset: link.preset,
      source: link.source,
      a: link.a,
      b: link.b,
      aToBBytesPerSecond: link.aToB,
      bToABytesPerSecond: link.bToA,
      latencySeconds: link.latency,
      aToBJoulesPerByte: link.aToBJoulesPerByte,
      bToAJoulesPerByte: link.bToAJoulesPerByte,
      medium: link.medium,
    })),
  };
}

/** A rig as the text of a file. */
export function writeRig(rig: Rig): string {
  return `${JSON.stringify(rigJson(rig), null, 2)}\n`;
}
