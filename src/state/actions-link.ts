import type { OpenedModel } from "../core/graph/opened-model.ts";
import { err, type Result } from "../core/result.ts";
import { SAMPLES } from "../core/testing/samples/catalogue-entries.ts";
import { sessionOf } from "./documents.ts";
import { freshProject } from "./persistence/project-name.ts";
import { isLink, linkHash, readLink, type SharedPlan, sharedDocument, sharedPlan } from "./persistence/share-link.ts";
import type { AppState } from "./state.ts";
import type { Access } from "./store.ts";

export interface LinkActions {
  /**
   * The address that shows rig and plan to whoever has the model; a sentence where there is none. Nothing is sent: all
   * of it is in the part of the address that browsers keep to themselves.
   */
  planLink(): Promise<Result<string>>;
  /** Whether the link put a model on screen; one about a file waits for the file, and says so. */
  openLink(hash: string): Promise<boolean>;
  /** Looks whether the address has become a link while the page is open. */
  openAddress(): Promise<void>;
  /** Takes up what waits for the model that has just been told by its digest. */
  modelIdentified(): Promise<void>;
  dismissWaiting(): void;
}

/** The address without the link: what it says is in the session by now, or is not wanted. */
function clearAddress(): void {
  history.replaceState(null, "", location.pathname + location.search);
}

export function createLinkActions({ get, set }: Access): LinkActions {
  const sessionFor = (shared: SharedPlan, model: OpenedModel) => {
    const state: AppState = { ...get(), model };
    return sessionOf(state, sharedDocument(shared, model.graph));
  };

  const openOnSample = async (shared: SharedPlan, id: string): Promise<boolean> => {
    const source = { kind: "sample", id } as const;
    const project = freshProject();
    await get().openKept(source, {
      bindings: shared.model.dims,
      givenTypes: shared.model.givenTypes,
      digest: null,
      restore: (model) => {
        const session = sessionFor(shared, model);
        if (session.ok) return { project, session: { ...session.value, schemes: [] }, objective: shared.objective };
        get().notify("error", session.error);
        return { project };
      },
      onShown: clearAddress,
    });
    if (get().source !== source) return false;
    await get().digestKnown();
    const { digest } = get();
    if (digest !== null && digest !== shared.model.sha256) {
      get().notify("warning", `The link was made for another version of the sample "${id}": its figures may differ.`);
    }
    await get().prove();
    return true;
  };

  const openOnFile = async (shared: SharedPlan) => {
    set({ waiting: null });
    await get().bringAlong(shared.model);
    const { model } = get();
    if (model === null) return;
    const session = sessionFor(shared, model);
    if (session.ok) {
      set({ objective: shared.objective, askingDimensions: false });
      get().commit("Open link", session.value);
      clearAddress();
      await get().prove();
    } else get().notify("error", session.error);
  };

  return {
    planLink: async () => {
      await get().digestKnown();
      const { model, digest } = get();
      if (model === null) return err("Open a model first.");
      if (digest === null) return err(`The SHA-256 of "${model.fileName}" could not be had; a link needs it.`);
      const hash = await linkHash(sharedPlan(get(), model, digest));
      return hash.ok ? { ok: true, value: `${location.origin}${location.pathname}${hash.value}` } : hash;
    },

    openLink: async (hash) => {
      const shared = await readLink(hash);
      if (!shared.ok) {
        get().notify("error", shared.error);
        clearAddress();
        return false;
      }
      const { sample } = shared.value.model;
      if (sample !== null && SAMPLES.some(({ id }) => id === sample)) {
        await get().saveProject();
        return openOnSample(shared.value, sample);
      }
      set({ waiting: { kind: "link", shared: shared.value } });
      await get().modelIdentified();
      return false;
    },

    openAddress: async () => {
      if (isLink(location.hash)) await get().openLink(location.hash);
    },

    modelIdentified: async () => {
      const { waiting, digest, model, source } = get();
      if (waiting === null || model === null || source === null) return;
      if (waiting.kind === "link") {
        if (digest === waiting.shared.model.sha256) await openOnFile(waiting.shared);
        return;
      }
      const { sha256, fileName } = waiting.project.model;
      if (sha256 === null ? fileName !== model.fileName : sha256 !== digest) return;
      set({ waiting: null });
      await get().resumeProject(waiting.project, source);
    },

    dismissWaiting: () => {
      if (get().waiting?.kind === "link") clearAddress();
      set({ waiting: null });
    },
  };
}
