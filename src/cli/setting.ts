import { basename } from "node:path";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { buildProblem, type Encoding } from "../core/plan/build-problem.ts";
import { type Constraints, NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import type { Problem } from "../core/plan/problem.ts";
import { profileOf } from "../core/profile/formats/formats.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { deviceLatencies } from "../core/profile/latencies.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
import type { LatencyTable } from "../core/profile/profile.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Rig } from "../core/rig/rig.ts";
import { readRig } from "../core/rig/schema.ts";
import { readProfileBlobs } from "../engine/read-profile.ts";
import { openFileBlob } from "./file-blob.ts";
import { readText } from "./files.ts";

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

/** Reads profile files, given by device id; gzip and every format that the app reads are accepted. */
export async function readProfiles(
  files: ReadonlyMap<string, string>,
  rig: Rig,
): Promise<Result<ReadonlyMap<string, RawProfile>>> {
  const profiles = new Map<string, RawProfile>();
  for (const [device, path] of files) {
    if (!rig.devices.some(({ id }) => id === device)) {
      const known = rig.devices.map(({ id }) => `"${id}"`).join(", ");
      return err(`--profile names the device "${device}"; the rig has ${known}.`);
    }
    const blob = openFileBlob(path, "a device profile");
    if (!blob.ok) return blob;
    const [file] = await readProfileBlobs([{ name: basename(path), blob: blob.value }]);
    if (file === undefined) throw new Error("a file was given and none was read");
    if (!file.reading.ok) return file.reading;
    const profile = profileOf(file.reading.value, file.fileName);
    if (!profile.ok) return profile;
    profiles.set(device, profile.value);
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
