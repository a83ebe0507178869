import type { Encoding } from "../core/plan/build-problem.ts";
import type { Constraints } from "../core/plan/constraints.ts";
import { constraintsOnRig } from "../core/plan/constraints-edit.ts";
import type { Result } from "../core/result.ts";
import { deviceChangeText, linkChangeText } from "../core/rig/change-text.ts";
import type { DevicePreset } from "../core/rig/presets.ts";
import type { Rig } from "../core/rig/rig.ts";
import {
  addDevice,
  type DeviceChange,
  insertDevice,
  type LinkChange,
  moveDevice,
  removeDevice,
  setSink,
  setSource,
  updateDevice,
  updateLink,
} from "../core/rig/rig-edit.ts";
import { problemOf } from "./derive.ts";
import { repairPlan } from "./repair-plan.ts";
import type { Setting } from "./state.ts";
import type { Access } from "./store.ts";

export interface RigActions {
  updateDevice(id: string, change: DeviceChange): void;
  updateLink(id: string, change: LinkChange): void;
  addDevice(preset: string, position: number): void;
  /** The same for a device that is not in the short list. */
  addLibraryDevice(preset: DevicePreset, position: number): void;
  removeDevice(id: string): void;
  moveDevice(id: string, position: number): void;
  setSource(id: string): void;
  setSink(id: string): void;
  replaceRig(rig: Rig, label?: string): void;
  setEncoding(encoding: Encoding): void;
  /** What every plan has to keep to; one that names what is not there, or contradicts itself, is refused with a notice. */
  setConstraints(label: string, constraints: Constraints): void;
}

export function createRigActions({ get }: Access): RigActions {
  const changeSetting = (label: string, change: Partial<Setting>, control?: string) => {
    const { model, session } = get();
    const changed = { ...session.setting, ...change };
    const setting = { ...changed, constraints: constraintsOnRig(changed.constraints, changed.rig) };
    const problem = model === null ? null : problemOf(model, setting);
    if (problem !== null && !problem.ok) {
      get().notify("error", problem.error);
      return;
    }
    const plan = change.rig === undefined ? session.plan : repairPlan(session.plan, setting.rig);
    get().commit(label, { ...session, setting, plan }, control);
  };

  const changeRig = (label: string, edit: (rig: Rig) => Result<Rig>, control?: string) => {
    const result = edit(get().session.setting.rig);
    if (result.ok) changeSetting(label, { rig: result.value }, control);
    else get().notify("error", result.error);
  };

  return {
    updateDevice: (id, change) => {
      const device = get().session.setting.rig.devices.find((candidate) => candidate.id === id);
      const label = device === undefined ? "Edit device" : deviceChangeText(device, change);
      changeRig(label, (rig) => updateDevice(rig, id, change), `device ${id} ${Object.keys(change)}`);
    },
    updateLink: (id, change) => {
      const link = get().session.setting.rig.links.find((candidate) => candidate.id === id);
      const label = link === undefined ? "Edit link" : linkChangeText(link, change);
      changeRig(label, (rig) => updateLink(rig, id, change), `link ${id} ${Object.keys(change)}`);
    },
    addDevice: (preset, position) => changeRig("Add device", (rig) => addDevice(rig, preset, position)),
    addLibraryDevice: (preset, position) => changeRig("Add device", (rig) => insertDevice(rig, preset, position)),
    removeDevice: (id) => changeRig("Remove device", (rig) => removeDevice(rig, id)),
    moveDevice: (id, position) => changeRig("Reorder devices", (rig) => moveDevice(rig, id, position)),
    setSource: (id) => changeRig("Set source", (rig) => setSource(rig, id)),
    setSink: (id) => changeRig("Set sink", (rig) => setSink(rig, id)),
    replaceRig: (rig, label = "Load rig") => changeSetting(label, { rig }),
    setConstraints: (label, constraints) => changeSetting(label, { constraints }),
    setEncoding: (encoding) => changeSetting("Change encoding", { encoding }),
  };
}
