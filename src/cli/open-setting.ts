import type { OpenedModel } from "../core/graph/opened-model.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import type { Constraints } from "../core/plan/constraints.ts";
import { err, ok, type Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import type { RigOptions } from "./arguments.ts";
import { openFile, unboundDimensions } from "./open.ts";
import { makeSetting, readProfiles, readRigFile, type Setting } from "./setting.ts";

/** A model over the devices that it is to be placed on. */
export interface OpenedSetting extends Setting {
  readonly model: OpenedModel;
  readonly sha256: string;
}

/** Opens the rig (or takes the default one), the profiles and the model, and prices the model there under constraints. */
export async function openModelSetting(
  { rig: rigPath, profiles, model: path, ...additions }: RigOptions,
  constraints: Constraints,
): Promise<Result<OpenedSetting>> {
  const rig = rigPath === null ? ok(defaultRig()) : readRigFile(rigPath);
  if (!rig.ok) return rig;
  const raw = await readProfiles(profiles, rig.value);
  if (!raw.ok) return raw;
  const opened = await openFile(path, additions);
  if (!opened.ok) return opened;
  const { model, sha256 } = opened.value;
  const unbound = unboundDimensions(model);
  if (unbound !== null) return err(unbound);
  const setting = makeSetting(model, rig.value, AS_STORED, raw.value, constraints);
  return setting.ok ? ok({ model, sha256, ...setting.value }) : setting;
}
