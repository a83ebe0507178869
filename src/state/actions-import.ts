import type { OpenedModel } from "../core/graph/opened-model.ts";
import { unknownFormat } from "../core/profile/formats/unknown-format.ts";
import { ok } from "../core/result.ts";
import { createJobRunner, spawnProfileWorker } from "../worker/client.ts";
import {
  type ImportChoice,
  type ImportItem,
  namedDevice,
  needsNoLook,
  outcomeOf,
  settingWith,
} from "./profile-import.ts";
import type { Access } from "./store.ts";

export interface ImportActions {
  /**
   * Reads profiles, and files that go with them, for a device or for none yet. One that fits well is taken over at
   * once, the rest is shown to be looked over; nothing is in force before that. Files that cannot be read have
   * their sentence.
   */
  importProfiles(files: readonly File[], device: string | null): Promise<void>;
  /** Shows the profile that is in force on a device, to be looked over again. */
  reviewProfile(device: string): void;
  chooseForImport(id: number, choice: ImportChoice): void;
  /** Takes every file of the import over in one undoable step. */
  applyImport(): void;
  cancelImport(): void;
  removeProfile(device: string): void;
}

/** Why no profile can be laid over what is open, as one sentence; null where one can. */
export function profileRefusal(model: OpenedModel | null): string | null {
  return model === null || model.given === null
    ? null
    : `"${model.fileName}" is a placement problem, which gives the time of every op on every device: there is nothing for a profile to tell.`;
}

/** Of a file that came without a device, what else could have been opened is said too. */
const refusalOf = (fileName: string, sentence: string, device: string | null): string =>
  device !== null || sentence !== unknownFormat(fileName)
    ? sentence
    : `${fileName} is nothing that can be opened here; expected a model, a plan, a mapping, a partition, a rig, a scenario, a placement problem, or a device profile.`;

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

export function createImportActions({ get, set }: Access): ImportActions {
  const reader = createJobRunner(spawnProfileWorker);
  let lastId = 0;
  const nextId = () => {
    lastId += 1;
    return lastId;
  };

  const read = async (files: readonly File[]) => {
    const abort = new AbortController();
    const label = files.length === 1 ? `Reading ${files[0]?.name ?? ""}` : `Reading ${files.length} files`;
    const report = (fraction: number | null) =>
      set({ readingProfiles: { label, fraction, cancel: () => abort.abort() } });
    report(null);
    try {
      const response = await reader.run(
        { kind: "read-profiles", files: files.map((file) => ({ name: file.name, blob: file })) },
        {
          signal: abort.signal,
          onMessage: (message) => {
            if (message.kind === "progress") report(message.fraction);
          },
        },
      );
      set({ readingProfiles: null });
      if (response.kind === "failed") get().notify("error", `The profile could not be read: ${response.message}`);
      return response.kind === "profiles-read" ? response.files : [];
    } catch (reason) {
      if (!isAbort(reason)) {
        get().notify("error", `The profile could not be read: ${reason instanceof Error ? reason.message : reason}`);
      }
      // A newer reading has put up its own activity; only a cancelled or failed one takes it down.
      if (!isAbort(reason) || abort.signal.aborted) set({ readingProfiles: null });
      return [];
    }
  };

  const apply = (items: readonly ImportItem[]): boolean => {
    const { model, session } = get();
    if (model === null) return false;
    const setting = settingWith(session.setting, items, model);
    if (!setting.ok) {
      get().notify("error", setting.error);
      return false;
    }
    const count = items.filter((item) => item.device !== null).length;
    get().commit(count === 1 ? "Import profile" : "Import profiles", { ...session, setting: setting.value });
    return true;
  };

  return {
    importProfiles: async (files, device) => {
      if (files.length === 0) return;
      if (get().model === null) {
        get().notify("error", `Open the model first, then ${files[0]?.name ?? "its profile"}.`);
        return;
      }
      const refusal = profileRefusal(get().model);
      if (refusal !== null) {
        get().notify("error", refusal);
        return;
      }
      const joined = await read(files);
      const { model, session, profileImport } = get();
      if (model === null || joined.length === 0) return;
      const { devices } = session.setting.rig;
      const known = devices.some((candidate) => candidate.id === device) ? device : null;
      const items = joined.map(
        (file): ImportItem => ({
          id: nextId(),
          file,
          matched: null,
          device: known ?? namedDevice(file, devices) ?? (devices.length === 1 ? (devices[0]?.id ?? null) : null),
          unit: null,
          manual: [],
        }),
      );
      const outcomes = items.map((item) => outcomeOf(item, model));
      if (profileImport === null && outcomes.every((outcome) => outcome.kind === "refused")) {
        for (const [i, outcome] of outcomes.entries()) {
          const name = joined[i]?.fileName ?? "";
          if (outcome.kind === "refused") get().notify("error", refusalOf(name, outcome.sentence, device));
        }
      } else if (profileImport === null && needsNoLook(items, model)) apply(items);
      else set({ profileImport: [...(profileImport ?? []), ...items] });
    },

    reviewProfile: (device) => {
      const matched = get().session.setting.profiles.get(device);
      if (matched === undefined) return;
      const { raw } = matched;
      const file = {
        fileName: raw.fileName,
        format: {
          id: raw.format,
          label: [raw.kind, raw.device.name, raw.device.runtime].filter((part) => part !== null).join(", "),
        },
        reading: ok({ kind: "profile" as const, profile: raw }),
        joinedTo: null,
      };
      set({ profileImport: [{ id: nextId(), file, matched, device, unit: null, manual: [] }] });
    },

    chooseForImport: (id, choice) => {
      const { profileImport } = get();
      if (profileImport === null) return;
      set({ profileImport: profileImport.map((item) => (item.id === id ? { ...item, ...choice } : item)) });
    },

    applyImport: () => {
      const { profileImport } = get();
      if (profileImport !== null && apply(profileImport)) set({ profileImport: null });
    },
    cancelImport: () => set({ profileImport: null }),

    removeProfile: (device) => {
      const { session } = get();
      const profiles = new Map(session.setting.profiles);
      if (!profiles.delete(device)) return;
      get().commit("Remove profile", { ...session, setting: { ...session.setting, profiles } });
    },
  };
}
