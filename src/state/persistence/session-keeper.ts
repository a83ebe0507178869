import type { Result } from "../../core/result.ts";
import type { AppState, ModelSource } from "../state.ts";
import type { Access } from "../store.ts";
import { PROJECT_VERSION } from "./kept-project.ts";
import { rememberProject } from "./last-project.ts";
import { filesToKeep, type KeptFiles } from "./model-files.ts";
import type { ProjectLock } from "./project-lock.ts";
import { modelNameOf, projectNameOf } from "./project-name.ts";
import type { KeptRecord, ProjectStore } from "./project-store.ts";
import { projectRecord } from "./write-project.ts";

export interface SessionKeeper {
  /** Writes the session as it is now, where it has changed; resolves once it is kept, or cannot be. */
  save(): Promise<void>;
  /** Says that the present state is what is kept of it. */
  isKept(): void;
}

/** What a project is made of: as long as all of it is the same, there is nothing to write. */
function partsOf(state: AppState): readonly unknown[] {
  const { project, source, model, digest, session, past, future, objective, overlay, arrivalsPerSecond } = state;
  const { verifications } = state;
  const added = [model?.bindings, model?.givenTypes];
  return [
    project,
    source,
    ...added,
    digest,
    session,
    past,
    future,
    objective,
    overlay,
    arrivalsPerSecond,
    verifications,
  ];
}

const NO_FILES: KeptFiles = { files: [] };

/** Keeps the session as the project that it is. One write at a time; what fails is told once. */
export function createSessionKeeper({ get }: Access, store: ProjectStore, lock: ProjectLock): SessionKeeper {
  let kept: readonly unknown[] = [];
  let keptFiles: { readonly id: string; readonly source: ModelSource | null } | null = null;
  let told: string | null = null;
  let writing: Promise<void> = Promise.resolve();

  const write = async (id: string, record: KeptRecord, files: KeptFiles | undefined): Promise<Result<null>> => {
    const all = await store.write(id, record, files);
    if (all.ok || files === undefined || files.files.length === 0) return all;
    const without = await store.write(id, record, NO_FILES);
    if (!without.ok) return all;
    get().notify("warning", `${all.error} The file of the model is not kept and will be asked for again.`);
    return without;
  };

  const save = async (state: AppState) => {
    const { source, project } = state;
    const parts = partsOf(state);
    if (source === null || parts.every((part, index) => Object.is(part, kept[index]))) return;
    const summary = {
      version: PROJECT_VERSION,
      id: project.id,
      name: projectNameOf(state),
      modelName: modelNameOf(state),
      modifiedAt: Date.now(),
    };
    const record = projectRecord(state, summary);
    if (record === null || !(await lock.hold(project.id))) return;
    const isSameFile = keptFiles?.id === project.id && keptFiles.source === source;
    const written = await write(
      project.id,
      { record, summary },
      isSameFile ? undefined : filesToKeep(source, state.outline),
    );
    if (written.ok) {
      told = null;
      // Another project may have come on screen meanwhile.
      if (get().project.id !== project.id) return;
      kept = parts;
      keptFiles = { id: project.id, source };
      rememberProject(project.id);
    } else if (told !== written.error) {
      told = written.error;
      get().notify("warning", written.error);
    }
  };

  return {
    save: () => {
      const state = get();
      writing = writing.then(() => save(state));
      return writing;
    },
    isKept: () => {
      const { project, source } = get();
      kept = partsOf(get());
      keptFiles = { id: project.id, source };
      rememberProject(project.id);
    },
  };
}

/** Milliseconds after which a change is written, and the longest that changes one after another put that off. */
const PAUSE = 400;
const LONGEST_PAUSE = 3000;

interface Keepable {
  subscribe(listener: () => void): () => void;
  getState(): { saveProject(): Promise<void> };
}

/** Saves after changes, and when the page is hidden or left. Does nothing while nothing changes. */
export function keepSession(store: Keepable): void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitingSince = 0;
  const save = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    void store.getState().saveProject();
  };
  store.subscribe(() => {
    const now = Date.now();
    if (timer === null) waitingSince = now;
    else clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(PAUSE, waitingSince + LONGEST_PAUSE - now)));
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  window.addEventListener("pagehide", save);
}
