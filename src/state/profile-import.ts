import type { OpenedModel } from "../core/graph/opened-model.ts";
import { describePipeEdge } from "../core/plan/imports/describe-pipe-edge.ts";
import { profileCoverage } from "../core/profile/apply.ts";
import type { JoinedFile } from "../core/profile/companions.ts";
import type { PowerLog, RawProfile } from "../core/profile/formats/raw-profile.ts";
import { inUnit, type TimeUnit } from "../core/profile/formats/unit.ts";
import { type MatchedProfile, matchManually, matchProfile } from "../core/profile/match.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Device } from "../core/rig/rig.ts";
import { updateDevice } from "../core/rig/rig-edit.ts";
import { memo } from "./memo.ts";
import type { Setting } from "./state.ts";

/** An entry of a profile that a person gave to an op. */
export interface ManualMatch {
  readonly entry: number;
  readonly op: number;
}

/** One file of an import that is being looked over, with what was chosen for it. Nothing of it is in force yet. */
export interface ImportItem {
  readonly id: number;
  readonly file: JoinedFile;
  /** The profile already laid over the model, for one that is in force and looked at again; else null. */
  readonly matched: MatchedProfile | null;
  /** Device that the figures are for; null leaves the file out. */
  readonly device: string | null;
  /** What bare figures are in; null until it is chosen. */
  readonly unit: TimeUnit | null;
  readonly manual: readonly ManualMatch[];
}

export type ImportChoice = Partial<Pick<ImportItem, "device" | "unit" | "manual">>;

/** What a file comes to with the choices made so far. */
export type ImportOutcome =
  | { readonly kind: "profile"; readonly matched: MatchedProfile }
  /** Bare figures whose unit has to be chosen first. */
  | { readonly kind: "unit"; readonly raw: RawProfile }
  | { readonly kind: "power"; readonly power: PowerLog }
  /** Goes with a profile and says nothing alone. */
  | { readonly kind: "companion"; readonly sentence: string }
  /** Part of a placement problem of its own. */
  | { readonly kind: "chain"; readonly sentence: string }
  | { readonly kind: "refused"; readonly sentence: string };

/** Share of the ops from which on a profile is taken over without a look. */
const GOOD_COVERAGE = 0.9;

const COMPANIONS = {
  layers: "the layers of a TensorRT engine",
  times: "times of whole inferences",
  device: "the device and its settings",
  layerNames: "the names of an SNPE model's layers",
  optimised: "the model as ONNX Runtime optimised it",
} as const;

/** What a companion must come with. */
const PARTNERS = {
  layers: "its profile (--exportProfile)",
  times: "its profile (--exportProfile)",
  device: "its profile (--exportProfile)",
  layerNames: "the layer times (snpe-diagview)",
  optimised: "the trace of the session that wrote it",
} as const;

const matchedOf = memo((raw: RawProfile, model: OpenedModel) => matchProfile(raw, model.graph, model.costs.macs), 32);

function profileOutcome(raw: RawProfile, { manual }: ImportItem, model: OpenedModel): ImportOutcome {
  const matched = matchedOf(raw, model);
  return matched.ok
    ? { kind: "profile", matched: withManual(matched.value, manual, model) }
    : { kind: "refused", sentence: matched.error };
}

function withManual(matched: MatchedProfile, manual: readonly ManualMatch[], { graph }: OpenedModel): MatchedProfile {
  return manual.reduce((result, { entry, op }) => matchManually(result, graph, entry, [op]), matched);
}

/** What a file of an import comes to on a model: O(ops + entries) once per choice. */
export const outcomeOf = memo((item: ImportItem, model: OpenedModel): ImportOutcome => {
  const { file, matched } = item;
  if (matched !== null) return { kind: "profile", matched: withManual(matched, item.manual, model) };
  if (!file.reading.ok) return { kind: "refused", sentence: file.reading.error };
  const reading = file.reading.value;
  switch (reading.kind) {
    case "profile":
      return profileOutcome(reading.profile, item, model);
    case "unitless":
      return item.unit === null
        ? { kind: "unit", raw: reading.profile }
        : profileOutcome(scaled(reading.profile, item.unit), item, model);
    case "chain":
      return {
        kind: "chain",
        sentence: `Holds ${describePipeEdge(reading.file)}. PipeEdge numbers its layers and does not name ops, so nothing of it can be laid over ${model.fileName}: together models.yml, device_types.yml and devices.yml are a placement problem of their own (splitscope import-problem reads them).`,
      };
    case "power":
      return { kind: "power", power: reading.power };
    case "layers":
    case "times":
    case "device":
    case "layerNames":
    case "optimised": {
      const what = COMPANIONS[reading.kind];
      return file.joinedTo === null
        ? {
            kind: "refused",
            sentence:
              file.whyAlone !== undefined
                ? `${file.fileName} ${file.whyAlone}.`
                : `${file.fileName} holds ${what} and no times of ops; expected it together with ${PARTNERS[reading.kind]}.`,
          }
        : { kind: "companion", sentence: `Holds ${what}: joined to ${file.joinedTo}.` };
    }
  }
}, 64);

/** By identity, so that a match by hand does not match the whole profile again. */
const scaled = memo(inUnit, 32);

/** A single profile that fits so well that there is nothing to ask. */
export function needsNoLook(items: readonly ImportItem[], model: OpenedModel): boolean {
  const [only] = items;
  if (only === undefined || items.length > 1 || only.device === null) return false;
  const outcome = outcomeOf(only, model);
  if (outcome.kind !== "profile") return false;
  const { ops, matchedOps } = profileCoverage(outcome.matched);
  return matchedOps >= GOOD_COVERAGE * ops;
}

/** The device that a profile names as its own, null where the rig has none or several of that name. */
export function namedDevice(file: JoinedFile, devices: readonly Device[]): string | null {
  const reading = file.reading.ok ? file.reading.value : null;
  const name = reading?.kind === "profile" || reading?.kind === "unitless" ? reading.profile.device.name : null;
  if (name === null) return null;
  const [only, other] = devices.filter((device) => device.name.toLowerCase() === name.toLowerCase());
  return only === undefined || other !== undefined ? null : only.id;
}

/** The setting with every file of an import in force; a sentence where choices are missing or meet on one device. */
export function settingWith(setting: Setting, items: readonly ImportItem[], model: OpenedModel): Result<Setting> {
  const profiles = new Map(setting.profiles);
  const from = new Map<string, string>();
  let { rig } = setting;
  let taken = 0;
  for (const item of items) {
    if (item.device === null) continue;
    const outcome = outcomeOf(item, model);
    const { fileName } = item.file;
    if (outcome.kind === "unit") return err(`Choose the unit of the figures in ${fileName}.`);
    if (outcome.kind !== "profile" && outcome.kind !== "power") continue;
    const key = `${outcome.kind} ${item.device}`;
    const other = from.get(key);
    if (other !== undefined) {
      const name = rig.devices.find((device) => device.id === item.device)?.name ?? item.device;
      return err(`${other} and ${fileName} are both for ${name}; a device takes one of them.`);
    }
    from.set(key, fileName);
    taken += 1;
    if (outcome.kind === "profile") profiles.set(item.device, outcome.matched);
    else {
      const { idleWatts, activeWatts } = outcome.power;
      const edited = updateDevice(rig, item.device, { idleWatts, activeWatts });
      if (!edited.ok) return edited;
      rig = edited.value;
    }
  }
  return taken === 0 ? err("Choose the device that the figures are for.") : ok({ ...setting, rig, profiles });
}
