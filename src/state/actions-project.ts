import type { Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { SAMPLES } from "../core/testing/samples/catalogue-entries.ts";
import { type KeptProject, PROJECT_VERSION, type ProjectSummary } from "./persistence/kept-project.ts";
import { lastProject } from "./persistence/last-project.ts";
import { createProjectLock } from "./persistence/project-lock.ts";
import { freshProject, modelNameOf } from "./persistence/project-name.ts";
import { createProjectStore } from "./persistence/project-store.ts";
import { readProject, readSummary } from "./persistence/read-project.ts";
import { restoreProject } from "./persistence/restore-project.ts";
import { createSessionKeeper } from "./persistence/session-keeper.ts";
import { isLink } from "./persistence/share-link.ts";
import type { ModelSource } from "./state.ts";
import type { Access } from "./store.ts";

export interface ProjectActions {
  /** Puts on screen what a link in the address says, or else the project that was open last, or else a sample. */
  start(): Promise<void>;
  /** Keeps the session in this browser, where it has changed. */
  saveProject(): Promise<void>;
  /** What is kept in this browser, the latest first. */
  listProjects(): Promise<readonly ProjectSummary[]>;
  openProject(id: string): Promise<void>;
  /** A sample on the rig of a first visit, as a project of its own. */
  newProject(): Promise<void>;
  /** By an empty name a project goes by its model's name again. */
  renameProject(id: string, name: string): Promise<void>;
  duplicateProject(id: string): Promise<void>;
  removeProject(id: string): Promise<void>;
  /** Lays a project over its model, which is open or about to be. */
  resumeProject(project: KeptProject, source: ModelSource): Promise<void>;
}

const FIRST_SAMPLE = "mobilenet-v2";

export function createProjectActions({ get, set }: Access): ProjectActions {
  const store = createProjectStore();
  const lock = createProjectLock();
  const keeper = createSessionKeeper({ get, set }, store, lock);

  /** The value; a failure is told. */
  const granted = <T>(result: Result<T>): T | null => {
    if (result.ok) return result.value;
    get().notify("error", result.error);
    return null;
  };

  const readKept = async (id: string): Promise<KeptProject | null> => {
    const record = granted(await store.read(id));
    if (record === null || record === undefined) return null;
    const project = readProject(record);
    if (project.ok) return project.value;
    get().notify(project.error.isNewer ? "warning" : "error", project.error.sentence);
    return null;
  };

  /** A record that this version may write again, as it is; null for others. */
  const recordOf = async (id: string) => {
    const record = granted(await store.read(id));
    const summary = readSummary(record);
    if (typeof record !== "object" || record === null || summary === null) return null;
    return summary.version > PROJECT_VERSION ? null : { record, summary };
  };

  const sourceOf = async ({ id, model, name }: KeptProject): Promise<ModelSource | null> => {
    if (model.sample !== null) {
      if (SAMPLES.some((entry) => entry.id === model.sample)) return { kind: "sample", id: model.sample };
      get().notify("error", `The project "${name}" is about the sample "${model.sample}", which is not here any more.`);
      return null;
    }
    const kept = granted(await store.readFiles(id));
    return kept === null || kept.files.length === 0 ? null : { kind: "files", files: kept.files };
  };

  const resumeProject = async (project: KeptProject, source: ModelSource) => {
    const { model, id, name, modelName, lesson } = project;
    const fallback = freshProject();
    let isWhole = false;
    await get().openKept(source, {
      bindings: model.bindings,
      givenTypes: model.givenTypes,
      digest: model.sha256,
      restore: (opened) => {
        const restored = restoreProject(project, opened);
        isWhole = restored.ok;
        if (!restored.ok) {
          get().notify("error", `The project "${name}" cannot be restored: ${restored.error}. It is left as it is.`);
          return { project: fallback };
        }
        for (const note of restored.value.notes) get().notify("warning", note);
        return { project: { id, name: name === modelName ? null : name, lesson }, ...restored.value.state };
      },
      onShown: () => {
        if (isWhole) keeper.isKept();
      },
    });
  };

  /** Whether the project is on screen, or waits for its model's file. */
  const open = async (id: string, isOfThisTab = false): Promise<boolean> => {
    if (!(await lock.hold(id, isOfThisTab))) {
      get().notify("info", "The project is open in another tab of this browser; close it there to go on with it here.");
      return false;
    }
    const project = await readKept(id);
    if (project === null) return false;
    const source = await sourceOf(project);
    if (source === null) {
      if (project.model.sample === null) set({ waiting: { kind: "project", project } });
      return false;
    }
    await resumeProject(project, source);
    return get().source === source;
  };

  return {
    start: async () => {
      if (isLink(location.hash) && (await get().openLink(location.hash))) return;
      const last = lastProject();
      if (last !== null && (await open(last.id, last.isOfThisTab))) return;
      if (get().model === null) await get().openSample(FIRST_SAMPLE);
    },

    saveProject: () => keeper.save(),

    listProjects: async () => {
      await keeper.save();
      const summaries = granted(await store.list()) ?? [];
      return summaries.flatMap((summary) => readSummary(summary) ?? []).sort((a, b) => b.modifiedAt - a.modifiedAt);
    },

    openProject: async (id) => {
      await keeper.save();
      set({ waiting: null });
      await open(id);
    },

    newProject: async () => {
      await keeper.save();
      const project = freshProject();
      await get().openKept(
        { kind: "sample", id: FIRST_SAMPLE },
        {
          bindings: new Map(),
          givenTypes: new Map(),
          digest: null,
          rig: defaultRig(),
          restore: () => ({ project, waiting: null }),
          onShown: () => {},
        },
      );
    },

    renameProject: async (id, name) => {
      const given = name.trim() === "" ? null : name.trim();
      if (id === get().project.id) {
        set({ project: { ...get().project, name: given === modelNameOf(get()) ? null : given } });
        await keeper.save();
        return;
      }
      const known = await recordOf(id);
      if (known === null) return;
      const { record, summary } = known;
      const changed = { ...summary, name: given ?? summary.modelName };
      granted(await store.write(id, { record: { ...record, ...changed }, summary: changed }));
    },

    duplicateProject: async (id) => {
      await keeper.save();
      const known = await recordOf(id);
      const files = granted(await store.readFiles(id));
      if (known === null || files === null) return;
      const { record, summary } = known;
      const { id: copy } = freshProject();
      const changed = { ...summary, id: copy, name: `${summary.name} (copy)`, modifiedAt: Date.now() };
      granted(await store.write(copy, { record: { ...record, ...changed }, summary: changed }, files));
    },

    removeProject: async (id) => {
      if (id === get().project.id) await get().newProject();
      granted(await store.remove(id));
    },

    resumeProject,
  };
}
