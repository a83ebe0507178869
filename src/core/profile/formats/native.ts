import { Fields, parseJson } from "../../json.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Distribution } from "../distribution.ts";
import { profileReading, wholeText } from "./make.ts";
import {
  ENTRY_KINDS,
  type Hardware,
  PROFILE_KINDS,
  type ProfileFormat,
  type RawEntry,
  type RawProfile,
} from "./raw-profile.ts";

/**
 * The product's own profile file (public/schema/splitscope-profile.schema.json): what any reader got out of a
 * file, with times in microseconds. By hand, an entry needs only `nodes` and `latency_us.median`.
 */
const PROFILE_FORMAT = "splitscope-profile";
const PROFILE_VERSION = 1;

const COUNT = { integer: true, min: 1 } as const;
const NATURAL = { integer: true, min: 0 } as const;
const MICROSECONDS = { min: 0, max: 1e15 } as const;

function readDistribution(fields: Fields, runs: number): Distribution {
  const median = fields.number("median", MICROSECONDS);
  const seconds = (name: string) => fields.number(name, MICROSECONDS, median) / 1e6;
  return {
    count: fields.number("n", COUNT, runs),
    min: seconds("min"),
    p25: seconds("p25"),
    median: median / 1e6,
    p75: seconds("p75"),
    p95: seconds("p95"),
    mean: seconds("mean"),
  };
}

function readEntry(fields: Fields, runs: number): RawEntry {
  const nodes = fields.get("nodes") === null ? null : fields.has("nodes") ? fields.textList("nodes") : null;
  const shape = fields.get("outputShape") ?? null;
  return {
    kind: fields.oneOf("kind", ENTRY_KINDS, "op"),
    label: fields.text("label", nodes?.[0] ?? ""),
    opType: fields.textOrNull("opType", null),
    nodeIndex: fields.numberOrNull("nodeIndex", NATURAL, null),
    nodes,
    outputs: (fields.get("outputs") ?? null) === null ? null : fields.textList("outputs"),
    inputCount: fields.numberOrNull("inputCount", NATURAL, null),
    activationBytes: fields.numberOrNull("activationBytes", NATURAL, null),
    outputShape: shape === null ? null : fields.numberList("outputShape", NATURAL),
    provider: fields.textOrNull("provider", null),
    latency: readDistribution(fields.object("latency_us"), runs),
  };
}

function readHardware(fields: Fields): Hardware {
  return {
    processor: fields.textOrNull("processor", null),
    cores: fields.numberOrNull("cores", COUNT, null),
    memoryBytes: fields.numberOrNull("memoryBytes", COUNT, null),
    platform: fields.textOrNull("platform", null),
  };
}

function readDevice(fields: Fields): RawProfile["device"] {
  const device = { name: fields.textOrNull("name", null), runtime: fields.textOrNull("runtime", null) };
  if ((fields.get("hardware") ?? null) === null) return device;
  return { ...device, hardware: readHardware(fields.object("hardware")) };
}

/** The first op that two entries claim, as a sentence. */
function claimedTwice(entries: readonly RawEntry[]): string | null {
  const claims = new Map<string, number>();
  for (const [i, entry] of entries.entries()) {
    for (const node of entry.nodes ?? []) {
      const earlier = claims.get(node);
      if (earlier !== undefined && earlier !== i) {
        return `entries[${i}].nodes names "${node}", which entries[${earlier}] has already; expected each op once.`;
      }
      claims.set(node, i);
    }
  }
  return null;
}

/** A profile in the native format; the sentence on failure starts with `fileName`. */
export function readNativeProfile(text: string, fileName: string): Result<RawProfile> {
  const json = parseJson(text, fileName);
  if (!json.ok) return json;
  const problems: string[] = [];
  const fields = new Fields(json.value, "", problems);
  fields.oneOf("format", [PROFILE_FORMAT]);
  const version = fields.number("version", COUNT);
  if (problems.length === 0 && version > PROFILE_VERSION) {
    return err(`${fileName} has version ${version}; this version of Splitscope reads up to ${PROFILE_VERSION}.`);
  }
  const model = fields.get("model") === undefined ? null : fields.object("model");
  const provenance = fields.object("provenance");
  const source = (provenance.get("source") ?? null) === null ? null : provenance.object("source");
  const runs = provenance.number("runs", COUNT, 1);
  const endToEnd = (fields.get("endToEnd") ?? null) === null ? null : fields.object("endToEnd");
  const profile: RawProfile = {
    format: nativeFormat.id,
    fileName,
    source: source === null ? null : { fileName: source.text("file"), format: source.text("format") },
    kind: provenance.oneOf("kind", PROFILE_KINDS),
    model: { name: model?.textOrNull("name", null) ?? null, sha256: model?.textOrNull("sha256", null) ?? null },
    device: fields.get("device") === undefined ? { name: null, runtime: null } : readDevice(fields.object("device")),
    runs,
    warmupDropped: provenance.number("warmupDropped", NATURAL, 0),
    endToEnd: endToEnd === null ? null : readDistribution(endToEnd, runs),
    additivity: provenance.numberOrNull("additivity", { min: 0 }, null),
    entries: fields.objects("entries").map((entry) => readEntry(entry, runs)),
    warnings: fields.textList("warnings", []),
  };
  const problem = problems[0] ?? claimedTwice(profile.entries);
  if (problem !== null) return err(`${fileName} has a bad field: ${problem}`);
  if (profile.entries.length === 0) return err(`${fileName} holds no entries; expected at least one timed op.`);
  return ok(profile);
}

export const nativeFormat: ProfileFormat = {
  id: PROFILE_FORMAT,
  label: `a ${PROFILE_FORMAT} file`,
  sniff: (head) => /^\s*\{/.test(head) && new RegExp(`"format"\\s*:\\s*"${PROFILE_FORMAT}"`).test(head),
  open: (fileName) =>
    wholeText(fileName, (text) => {
      const profile = readNativeProfile(text, fileName);
      return profile.ok ? profileReading(profile.value) : profile;
    }),
};

/** Microseconds with the digits that a double holds for sure, so that reading and writing again changes nothing. */
function microseconds(seconds: number): number {
  return Number((seconds * 1e6).toPrecision(15));
}

function distributionJson(latency: Distribution): object {
  return {
    n: latency.count,
    min: microseconds(latency.min),
    p25: microseconds(latency.p25),
    median: microseconds(latency.median),
    p75: microseconds(latency.p75),
    p95: microseconds(latency.p95),
    mean: microseconds(latency.mean),
  };
}

/** A profile as the text of a file; reading it gives the same profile back. */
export function writeProfile(profile: RawProfile): string {
  const source = profile.source ?? { fileName: profile.fileName, format: profile.format };
  const json = {
    format: PROFILE_FORMAT,
    version: PROFILE_VERSION,
    model: profile.model,
    device: profile.device,
    provenance: {
      kind: profile.kind,
      source: source.format === PROFILE_FORMAT ? null : { file: source.fileName, format: source.format },
      runs: profile.runs,
      warmupDropped: profile.warmupDropped,
      statistic: "median",
      additivity: profile.additivity,
    },
    endToEnd: profile.endToEnd === null ? null : distributionJson(profile.endToEnd),
    entries: profile.entries.map(({ latency, ...entry }) => ({ ...entry, latency_us: distributionJson(latency) })),
    warnings: profile.warnings,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
