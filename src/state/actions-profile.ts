import type { OpenedModel } from "../core/graph/opened-model.ts";
import { runRefusal } from "../core/graph/runnable.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { matchProfile } from "../core/profile/match.ts";
import { type MeasuredDevice, withMeasuredDevice } from "../core/profile/measured-device.ts";
import { mebibytes } from "../core/units.ts";
import { createJobRunner, spawnProfilerWorker } from "../worker/client.ts";
import type { SegmentsJob } from "../worker/protocol.ts";
import { withWeights } from "./persistence/model-files.ts";
import type { Access } from "./store.ts";

export interface ProfileActions {
  /**
   * Measures the model that is open in this browser, on its CPU or its GPU. The result is one undoable step: the device
   * "This browser" or "This browser (WebGPU)", added where the rig has none, with its profile. `profiling` shows progress and cancels at once.
   */
  profileBrowser(backend: ProfilingBackend): Promise<void>;
}

export type ProfilingBackend = "wasm" | "webgpu";

/** A WASM heap holds no more, and weights pass through it on their way to a GPU. */
const MEMORY = mebibytes(4096);
const BROWSERS: Readonly<Record<ProfilingBackend, MeasuredDevice>> = {
  wasm: { id: "this-browser", name: "This browser", memory: MEMORY, link: "wifi-5" },
  webgpu: { id: "this-browser-webgpu", name: "This browser (WebGPU)", memory: MEMORY, link: "wifi-5" },
};

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

export function createProfileActions({ get, set }: Access): ProfileActions {
  const profiler = createJobRunner(spawnProfilerWorker);

  const measure = async (
    files: SegmentsJob["model"],
    model: OpenedModel,
    backend: ProfilingBackend,
  ): Promise<RawProfile | null> => {
    const abort = new AbortController();
    const report = (step: string, fraction: number | null) =>
      set({ profiling: { label: `Profiling in this browser: ${step}`, fraction, cancel: () => abort.abort() } });
    report("starting", null);
    try {
      const response = await profiler.run(
        {
          kind: "profile",
          model: files,
          backend,
          bindings: model.bindings,
          sha256: get().digest,
          device: BROWSERS[backend].name,
          platform: navigator.userAgent,
        },
        {
          signal: abort.signal,
          onMessage: (message) => {
            if (message.kind === "progress") report(message.step, message.fraction);
          },
        },
      );
      if (response.kind === "failed") get().notify("error", `Profiling stopped: ${response.message}`);
      if (response.kind !== "profiled") return null;
      if (response.result.ok) return response.result.value;
      get().notify("error", response.result.error);
    } catch (reason) {
      // Another profiling has put up its own activity.
      if (isAbort(reason) && !abort.signal.aborted) return null;
      if (!isAbort(reason)) {
        get().notify("error", `Profiling stopped: ${reason instanceof Error ? reason.message : reason}`);
      }
    }
    return null;
  };

  return {
    profileBrowser: async (backend) => {
      const { source, model } = get();
      if (source === null || model === null) {
        get().notify("error", "Open a model first, then profile it in this browser.");
        return;
      }
      const refusal = runRefusal(model);
      if (refusal !== null) {
        get().notify("error", refusal);
        return;
      }
      if (get().profiling !== null) return;
      const files = withWeights(source);
      if (!files.ok) {
        get().notify("error", files.error);
        return;
      }
      const raw = await measure(files.value, model, backend);
      set({ profiling: null });
      // A heap never shrinks, and the runtime keeps its number of threads: the next time starts afresh.
      profiler.dispose();
      if (raw === null || get().model !== model) return;
      const matched = matchProfile(raw, model.graph, model.costs.macs);
      if (!matched.ok) {
        get().notify("error", matched.error);
        return;
      }
      const browser = BROWSERS[backend];
      const { session } = get();
      const rig = withMeasuredDevice(session.setting.rig, browser, matched.value, model.costs);
      if (!rig.ok) {
        get().notify("error", rig.error);
        return;
      }
      const profiles = new Map(session.setting.profiles).set(browser.id, matched.value);
      const setting = { ...session.setting, rig: rig.value, profiles };
      get().commit("Profile this browser", { ...session, setting });
    },
  };
}
