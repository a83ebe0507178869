import { err, ok, type Result } from "../result.ts";
import { profileOf as profileIn } from "./formats/formats.ts";
import { totalProfile } from "./formats/make.ts";
import type { EngineLayer, OptimisedNode, RawEntry, RawProfile, Reading } from "./formats/raw-profile.ts";

/** A file and what it holds. */
export interface ReadFile {
  readonly fileName: string;
  /** Format that was recognised, null where none was. */
  readonly format: { readonly id: string; readonly label: string } | null;
  readonly reading: Result<Reading>;
}

/** A file after companions were joined to their profiles. */
export interface JoinedFile extends ReadFile {
  /** Name of the profile that this companion was joined to, null for a profile and for a companion without one. */
  readonly joinedTo: string | null;
  /** Why a companion was joined to none of the profiles that came with it: "FILE holds such-and-such and ...". */
  readonly whyAlone?: string;
}

/** Share of a profile's entries that an engine or an optimised model must name to be the one that was measured. */
const SAME_ENGINE = 0.5;

function profileOf(file: ReadFile): RawProfile | null {
  return file.reading.ok && file.reading.value.kind === "profile" ? file.reading.value.profile : null;
}

/** The entry with what the engine says of its layer: ONNX nodes, output tensors, shape. */
function withLayer(entry: RawEntry, layer: EngineLayer): RawEntry {
  const nodes = layer.nodes.length > 0 && !layer.isReformat ? layer.nodes : entry.nodes;
  return {
    ...entry,
    kind: layer.isReformat && entry.nodes === null ? "overhead" : entry.kind,
    nodes,
    outputs: layer.outputs.length > 0 ? layer.outputs : entry.outputs,
    outputShape: layer.outputShape ?? entry.outputShape,
  };
}

/** Nodes by name and type; null for those that share both. */
function nodesByName(nodes: readonly OptimisedNode[]): ReadonlyMap<string, OptimisedNode | null> {
  const byName = new Map<string, OptimisedNode | null>();
  for (const node of nodes) {
    const key = nodeKey(node.name, node.opType);
    byName.set(key, byName.has(key) ? null : node);
  }
  return byName;
}

function nodeKey(name: string, opType: string | null): string {
  return JSON.stringify([name, opType]);
}

/** The trace with what the optimised model says of its nodes: the tensors between which each one works. */
function withNodes(profile: RawProfile, nodes: readonly OptimisedNode[]): RawProfile {
  const byName = nodesByName(nodes);
  const entries = profile.entries.map((entry) => {
    const node = entry.label === "" ? null : (byName.get(nodeKey(entry.label, entry.opType)) ?? null);
    return node === null ? entry : { ...entry, node: { inputs: node.inputs, outputs: node.outputs } };
  });
  return { ...profile, entries };
}

/** Share of the entries that layers or nodes name. */
function shareNamed(profile: RawProfile, named: readonly { readonly name: string }[]): number {
  const names = new Set(named.map(({ name }) => name));
  return profile.entries.filter((entry) => names.has(entry.label)).length / profile.entries.length;
}

function joined(profile: RawProfile, companion: Reading): RawProfile {
  switch (companion.kind) {
    case "layers": {
      const byName = new Map(companion.layers.map((layer) => [layer.name, layer]));
      const entries = profile.entries.map((entry) => {
        const layer = byName.get(entry.label);
        return layer === undefined ? entry : withLayer(entry, layer);
      });
      return { ...profile, entries };
    }
    case "layerNames": {
      const labels = new Map(companion.names.map(({ number, label }) => [number, label]));
      const entries = profile.entries.map((entry) => {
        const label = labels.get(entry.label);
        return label === undefined ? entry : { ...entry, label, outputs: [label] };
      });
      return { ...profile, entries };
    }
    case "optimised":
      return withNodes(profile, companion.nodes);
    case "times":
      return withEndToEnd(profile, companion.endToEnd);
    case "device": {
      const named = { ...profile, device: { ...profile.device, name: companion.name } };
      return companion.endToEnd === null ? named : withEndToEnd(named, companion.endToEnd);
    }
    case "profile":
    case "unitless":
    case "chain":
    case "power":
      return profile;
  }
}

function withEndToEnd(profile: RawProfile, endToEnd: NonNullable<RawProfile["endToEnd"]>): RawProfile {
  const total = profile.entries.reduce((sum, entry) => sum + entry.latency.median, 0);
  return { ...profile, endToEnd, additivity: endToEnd.median > 0 ? total / endToEnd.median : null };
}

/** What a companion must name a good part of, null where it names nothing; and the profiles that it may belong to. */
function companionNames(
  companion: Reading,
): { readonly format: string; readonly named: readonly { readonly name: string }[] | null } | null {
  switch (companion.kind) {
    case "layers":
      return { format: "trt-profile", named: companion.layers };
    case "optimised":
      return { format: "ort-trace", named: companion.nodes };
    case "layerNames":
      return { format: "snpe-diag", named: companion.names.map(({ number }) => ({ name: number })) };
    case "times":
    case "device":
      return { format: "trt-profile", named: null };
    case "profile":
    case "unitless":
    case "chain":
    case "power":
      return null;
  }
}

/** A profile that a companion may belong to, and the share of its entries that the companion names. */
interface Candidate {
  readonly index: number;
  readonly profile: RawProfile;
  readonly share: number;
}

/** Profiles of the companion's runtime, the likeliest first. */
function candidatesOf(companion: Reading, profiles: readonly (RawProfile | null)[]): readonly Candidate[] {
  const wanted = companionNames(companion);
  if (wanted === null) return [];
  const candidates = profiles.flatMap((profile, index): readonly Candidate[] =>
    profile === null || profile.format !== wanted.format
      ? []
      : [{ index, profile, share: wanted.named === null ? 1 : shareNamed(profile, wanted.named) }],
  );
  return candidates.sort((one, other) => other.share - one.share);
}

/** Index of the profile that a companion belongs to, -1 where none or several would do. */
function partnerOf([best, second]: readonly Candidate[]): number {
  return best === undefined || best.share < SAME_ENGINE || best.share === second?.share ? -1 : best.index;
}

/** Why a companion belongs to none of the profiles beside it, undefined where there is none of its runtime. */
function whyAlone(companion: Reading, [best, second]: readonly Candidate[]): string | undefined {
  if (best === undefined) return undefined;
  if (best.share >= SAME_ENGINE) {
    return `goes with ${best.profile.fileName} as well as with ${second?.profile.fileName}; expected it beside one of them`;
  }
  if (companion.kind === "optimised") {
    const nameless = companion.nodes.filter(({ name }) => name === "").length;
    if (nameless > companion.nodes.length * SAME_ENGINE) {
      return `has no names for ${nameless} of its ${companion.nodes.length} nodes, by which alone a trace says what it timed; expected a model whose nodes are named before the session writes it`;
    }
  }
  const percent = Math.round(100 * best.share);
  return `names ${percent} % of the entries of ${best.profile.fileName}; expected at least ${100 * SAME_ENGINE} %, as of the same session`;
}

/**
 * A profile whose layers are numbers that nothing names tells the time of the whole only; without that time it tells
 * nothing.
 */
function withoutNumbers(profile: RawProfile): Result<RawProfile> {
  const { format, fileName, entries, endToEnd } = profile;
  if (format !== "snpe-diag" || !entries.every(({ label }) => /^\d+$/.test(label))) return ok(profile);
  if (endToEnd === null) {
    return err(
      `${fileName} numbers its ${entries.length} SNPE layers without naming them; expected it together with the table of snpe-dlc-info, which names them.`,
    );
  }
  return ok(
    totalProfile(format, fileName, endToEnd, {
      device: profile.device,
      warnings: [
        ...profile.warnings,
        `Its ${entries.length} layers are numbers only; together with the table of snpe-dlc-info each layer finds its ops.`,
      ],
    }),
  );
}

/**
 * What a file says by itself, where it times whole inferences: exported times of TensorRT that came without a profile.
 */
function totalOfCompanion({ fileName, reading }: ReadFile): RawProfile | null {
  if (!reading.ok || (reading.value.kind !== "times" && reading.value.kind !== "device")) return null;
  const { endToEnd } = reading.value;
  if (endToEnd === null) return null;
  const name = reading.value.kind === "device" ? reading.value.name : null;
  return totalProfile(reading.value.kind === "times" ? "trt-times" : "trt-metadata", fileName, endToEnd, {
    device: { name, runtime: "TensorRT" },
  });
}

/**
 * Joins companions among files that came together to their profiles: the layers of a TensorRT engine and
 * the nodes of an optimised model to the profile whose entries they name, exported times and device data to the only TensorRT profile; where there is none
 * these stand for a whole inference. Companions stay in
 * the list, with the file they went to. O(files^2 + entries).
 */
export function joinCompanions(files: readonly ReadFile[]): readonly JoinedFile[] {
  const profiles = files.map(profileOf);
  const candidates = files.map(({ reading }) => (reading.ok ? candidatesOf(reading.value, profiles) : []));
  const partners = candidates.map(partnerOf);
  for (const [i, file] of files.entries()) {
    const partner = partners[i] ?? -1;
    const profile = profiles[partner];
    if (file.reading.ok && profile !== undefined && profile !== null)
      profiles[partner] = joined(profile, file.reading.value);
  }
  const hasEngine = profiles.some((profile) => profile?.format === "trt-profile");
  return files.map((file, i) => {
    const profile = profiles[i] ?? (hasEngine ? null : totalOfCompanion(file));
    const named = profile === null ? null : withoutNumbers(profile);
    const partner = files[partners[i] ?? -1];
    const reason =
      file.reading.ok && partner === undefined ? whyAlone(file.reading.value, candidates[i] ?? []) : undefined;
    return {
      ...file,
      reading: named === null ? file.reading : profileReading(named),
      joinedTo: partner?.fileName ?? null,
      ...(reason === undefined ? {} : { whyAlone: reason }),
    };
  });
}

function profileReading(profile: Result<RawProfile>): Result<Reading> {
  return profile.ok ? ok({ kind: "profile", profile: profile.value }) : profile;
}

/**
 * The only profile among files that came together for one device: every file is read, and each is the profile or was
 * joined to it. Else the sentence of the first file that is neither.
 */
export function onlyProfile(files: readonly JoinedFile[]): Result<RawProfile> {
  let only: RawProfile | null = null;
  for (const file of files) {
    if (!file.reading.ok) return file.reading;
    if (file.joinedTo !== null) continue;
    if (file.whyAlone !== undefined) return err(`${file.fileName} ${file.whyAlone}.`);
    const profile = profileIn(file.reading.value, file.fileName);
    if (!profile.ok) return profile;
    if (only !== null)
      return err(`${only.fileName} and ${file.fileName} are two profiles; a device takes one of them.`);
    only = profile.value;
  }
  return only === null ? err("No file holds a profile; expected one beside the files that go with it.") : ok(only);
}
