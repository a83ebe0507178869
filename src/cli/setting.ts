import { basename } from "node:path";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { buildProblem, type Encoding } from "../core/plan/build-problem.ts";
import { type Constraints, NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import type { Problem } from "../core/plan/problem.ts";
import { onlyProfile } from "../core/profile/companions.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
import type { LatencyTable } from "../core/profile/profile.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Rig } from "../core/rig/rig.ts";
import { readRig } from "../core/rig/schema.ts";
import { type BlobLike, readProfileBlobs } from "../engine/read-profile.ts";
import { openFileBlob } from "./file-blob.ts";
import { type FileSource, openSource, readText } from "./files.ts";

/** What plans of a model are priced by. */
export interface Setting {
  readonly rig: Rig;
  readonly encoding: Encoding;
  readonly constraints: Constraints;
  readonly profiles: ReadonlyMap<string, MatchedProfile>;
  readonly latencies: readonly LatencyTable[];
  readonly problem: Problem;
}

export function readRigFile(path: string): Result<Rig> {
  const text = readText(path, "a rig file");
  return text.ok ? readRig(text.value, basename(path)) : text;
}

/**
 * Reads profile files with those that go with them (an optimised model, the layers of an engine), given by device id;
 * gzip and every format that the app reads are accepted, companions joined as there.
 */
export async function readProfiles(
  files: ReadonlyMap<string, readonly string[]>,
  rig: Rig,
): Promise<Result<ReadonlyMap<string, RawProfile>>> {
  const profiles = new Map<string, RawProfile>();
  for (const [device, paths] of files) {
    if (!rig.devices.some(({ id }) => id === device)) {
      const known = rig.devices.map(({ id }) => `"${id}"`).join(", ");
      return err(`--profile names the device "${device}"; the rig has ${known}.`);
    }
    const blobs: { readonly name: string; readonly blob: BlobLike; readonly source: FileSource }[] = [];
    try {
      for (const path of paths) {
        const blob = openFileBlob(path, "a device profile");
        if (!blob.ok) return blob;
        const source = openSource(path);
        if (!source.ok) return source;
        blobs.push({ name: basename(path), blob: blob.value, source: source.value });
      }
      const profile = onlyProfile(await readProfileBlobs(blobs));
      if (!profile.ok) return profile;
      profiles.set(device, profile.value);
    } finally {
      for (const { source } of blobs) source.close();
    }
  }
  return ok(profiles);
}

/** Lays the profiles over the estimates and builds the problem. */
export function makeSetting(
  { graph, costs }: OpenedModel,
  rig: Rig,
  encoding: Encoding,
  raw: ReadonlyMap<string, RawProfile>,
  constraints: Constraints = NO_CONSTRAINTS,
): Result<Setting> {
  const profiles = new Map<string, MatchedProfile>();
  for (const [device, profile] of raw) {
    const matched = matchProfile(profile, graph, costs.macs);
    if (!matched.ok) return matched;
    profiles.set(device, matched.value);
  }
  const latencies = rig.devices.map((device) => deviceLatencies(graph, costs, device, profiles.get(device.id) ?? null));
  const problem = buildProblem({ graph, rig, latencies, encoding, constraints });
  return problem.ok ? ok({ rig, encoding, constraints, profiles, latencies, problem: problem.value }) : problem;
}
