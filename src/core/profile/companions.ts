import type { Result } from "../result.ts";
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
    case "times":
    case "device":
      return { format: "trt-profile", named: null };
    case "profile":
    case "unitless":
    case "power":
      return null;
  }
}

/** Index of the profile that a companion belongs to, -1 where none or several would do. */
function partnerOf(companion: Reading, profiles: readonly (RawProfile | null)[]): number {
  const wanted = companionNames(companion);
  if (wanted === null) return -1;
  const candidates = profiles.flatMap((profile, i) => {
    if (profile === null || profile.format !== wanted.format) return [];
    if (wanted.named === null) return [{ i, share: 1 }];
    const share = shareNamed(profile, wanted.named);
    return share >= SAME_ENGINE ? [{ i, share }] : [];
  });
  const [best, second] = candidates.sort((one, other) => other.share - one.share);
  return best === undefined || best.share === second?.share ? -1 : best.i;
}

/**
 * Joins companions among files that came together to their profiles: the layers of a TensorRT engine and
 * the nodes of an optimised model to the profile whose entries they name, exported times and device data to the only TensorRT profile. Companions stay in
 * the list, with the file they went to. O(files^2 + entries).
 */
export function joinCompanions(files: readonly ReadFile[]): readonly JoinedFile[] {
  const profiles = files.map(profileOf);
  const partners = files.map(({ reading }) => (reading.ok ? partnerOf(reading.value, profiles) : -1));
  for (const [i, file] of files.entries()) {
    const partner = partners[i] ?? -1;
    const profile = profiles[partner];
    if (file.reading.ok && profile !== undefined && profile !== null)
      profiles[partner] = joined(profile, file.reading.value);
  }
  return files.map((file, i) => {
    const profile = profiles[i] ?? null;
    const partner = files[partners[i] ?? -1];
    return {
      ...file,
      reading: profile === null ? file.reading : { ok: true, value: { kind: "profile", profile } },
      joinedTo: partner?.fileName ?? null,
    };
  });
}
