import { exportRefusal, type FolderExporter } from "../core/export/exporter.ts";
import { runRefusal } from "../core/graph/runnable.ts";
import type { WeightPlace } from "../core/onnx/segments/external-layout.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { VerificationRecord } from "../core/verification/verification-record.ts";
import { createJobRunner, type Job, spawnSegmentsWorker } from "../worker/client.ts";
import type { Response } from "../worker/protocol.ts";
import { planByIndex } from "./derive.ts";
import { exportSubject } from "./documents.ts";
import { withWeights } from "./persistence/model-files.ts";
import type { AppState } from "./state.ts";
import type { Access } from "./store.ts";
import { currentFingerprint } from "./verification.ts";

export interface VerifyActions {
  /** Runs the whole model and the plan's segments; inputs that no file gives are made up from the seed. */
  verifyPlan(seed: number, inputs: readonly File[]): Promise<void>;
  /** Profiles the model in this browser and runs the segments against what that predicts. */
  measurePlan(): Promise<void>;
  /**
   * Writes the files of an exporter as a ZIP into `file`, or gives it as a Blob (null: cancelled, refused, or in the
   * file). A ZIP that is not complete does not come to be.
   */
  exportZip(exporter: FolderExporter, weights: WeightPlace, file: FileSystemFileHandle | null): Promise<Blob | null>;
}

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

export function createVerifyActions({ get, set }: Access): VerifyActions {
  const runner = createJobRunner(spawnSegmentsWorker);

  /** One job at a time; the worker's heap, which never shrinks, goes with its end. */
  const run = async (label: string, job: Job): Promise<Response | null> => {
    const abort = new AbortController();
    const report = (step: string, fraction: number | null) =>
      set({ verifying: { label: `${label}: ${step}`, fraction, cancel: () => abort.abort() } });
    report("starting", null);
    try {
      const response = await runner.run(job, {
        signal: abort.signal,
        onMessage: (message) => {
          if (message.kind === "progress") report(message.step, message.fraction);
        },
      });
      if (response.kind !== "failed") return response;
      get().notify("error", `${label} stopped: ${response.message}`);
    } catch (reason) {
      if (!isAbort(reason)) {
        get().notify("error", `${label} stopped: ${reason instanceof Error ? reason.message : reason}`);
      }
    } finally {
      set({ verifying: null });
      runner.dispose();
    }
    return null;
  };

  /** What every job about the plan's segments needs, and which plan that is. */
  const segmentsOf = (state: AppState) => {
    const { model: opened, session } = state;
    const fingerprint = currentFingerprint(state);
    if (opened === null || state.source === null || fingerprint === null) return err("Open a model first.");
    const refusal = runRefusal(opened);
    if (refusal !== null) return err(refusal);
    const model = withWeights(state.source);
    if (!model.ok) return model;
    const { rig, encoding } = session.setting;
    const plan = planByIndex(session.plan, rig);
    const job = { model: model.value, bindings: opened.bindings, graph: opened.graph, plan, encoding };
    return ok({ fingerprint, opened, job });
  };

  const keep = (fingerprint: string, found: Partial<VerificationRecord>) => {
    const verifications = new Map(get().verifications);
    const before = verifications.get(fingerprint) ?? { fingerprint, verification: null, measurement: null };
    set({ verifications: verifications.set(fingerprint, { ...before, ...found }) });
  };

  /** The answer's value; a refusal is told. */
  const granted = <T>(result: Result<T>): T | null => {
    if (result.ok) return result.value;
    get().notify("error", result.error);
    return null;
  };

  return {
    verifyPlan: async (seed, inputs) => {
      if (get().verifying !== null) return;
      await get().digestKnown();
      const segments = granted(segmentsOf(get()));
      if (segments === null) return;
      const files = inputs.map((file) => ({ name: file.name, blob: file }));
      const response = await run("Verifying", { kind: "verify", ...segments.job, seed, inputs: files });
      if (response?.kind !== "verified") return;
      const verification = granted(response.result);
      if (verification !== null) keep(segments.fingerprint, { verification });
    },

    measurePlan: async () => {
      if (get().verifying !== null) return;
      await get().digestKnown();
      const segments = granted(segmentsOf(get()));
      if (segments === null) return;
      const { opened, job, fingerprint } = segments;
      const response = await run("Measuring", { kind: "measure", ...job, opened, device: "This browser" });
      if (response?.kind !== "measured") return;
      const measurement = granted(response.result);
      if (measurement !== null) keep(fingerprint, { measurement });
    },

    exportZip: async (exporter, weights, file) => {
      if (get().verifying !== null) {
        get().notify("info", "Wait until what runs now has ended, or cancel it.");
        return null;
      }
      await get().digestKnown();
      const subject = granted(exportSubject(get()));
      const { source } = get();
      const model = source === null ? null : granted(withWeights(source));
      if (subject === null || model === null) return null;
      const refusal = exportRefusal(exporter, subject);
      if (refusal !== null) {
        get().notify("error", refusal);
        return null;
      }
      const response = await run("Exporting", { kind: "zip", model, subject, exporter: exporter.id, weights, file });
      return response?.kind === "zipped" ? granted(response.result) : null;
    },
  };
}
