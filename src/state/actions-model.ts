import { item } from "../core/columns.ts";
import type { Graph, OpenDimension } from "../core/graph/graph.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
import type { Result } from "../core/result.ts";
import { createJobRunner, type Job, spawnModelWorker } from "../worker/client.ts";
import { baselinesOf, problemOf } from "./derive.ts";
import type { ModelSource } from "./state.ts";
import type { Access } from "./store.ts";

export interface ModelActions {
  /** Opens the .onnx among the files, with its data files; what was open stays until this succeeds. */
  openFiles(files: readonly File[]): Promise<void>;
  openSample(id: string): Promise<void>;
  /** Opens the same model again with other sizes for its symbolic dimensions. */
  bindDimensions(bindings: ReadonlyMap<string, number>): Promise<void>;
  askDimensions(asking: boolean): void;
  /** Resolves once the open model's digest is known (or cannot be had). */
  digestKnown(): Promise<void>;
}

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

function openJob(source: ModelSource, bindings: ReadonlyMap<string, number>): Job {
  return source.kind === "sample"
    ? { kind: "open-sample", sample: source.id, baseUrl: document.baseURI, bindings }
    : { kind: "open", files: source.files, bindings };
}

/** Dimensions that nobody has given a size and for which there is no safe default. */
export function unsetDimensions(model: OpenedModel): readonly OpenDimension[] {
  return model.openDimensions.filter((dimension) => !model.bindings.has(dimension.name));
}

/** The profile as read, with the ops that a person gave to entries written into them. */
function withHandMatches({ raw, groups }: MatchedProfile, graph: Graph): RawProfile {
  const byHand = new Map(groups.flatMap(({ rule, entry, ops }) => (rule === "manual" ? [[entry, ops] as const] : [])));
  if (byHand.size === 0) return raw;
  const entries = raw.entries.map((entry, index) => {
    const ops = byHand.get(index);
    return ops === undefined ? entry : { ...entry, nodes: ops.map((op) => item(graph.opNames, op)) };
  });
  return { ...raw, entries };
}

/** Profiles laid over the same model with other sizes; one that no longer fits is left out. */
function rematched(
  profiles: ReadonlyMap<string, MatchedProfile>,
  before: OpenedModel,
  model: OpenedModel,
): ReadonlyMap<string, MatchedProfile> {
  return new Map(
    [...profiles].flatMap(([device, profile]) => {
      const raw = withHandMatches(profile, before.graph);
      const matched = matchProfile(raw, model.graph, model.costs.macs);
      return matched.ok ? [[device, matched.value] as const] : [];
    }),
  );
}

export function createModelActions({ get, set }: Access): ModelActions {
  const opener = createJobRunner(spawnModelWorker);
  const hasher = createJobRunner(spawnModelWorker);

  let digesting: Promise<void> = Promise.resolve();
  const computeDigest = async (source: ModelSource) => {
    const [first] = source.kind === "files" ? source.files : [];
    const file = first === undefined ? null : first.blob;
    const sample = source.kind === "sample" ? { sample: source.id, baseUrl: document.baseURI } : null;
    const wanted = file ?? sample;
    if (wanted === null) return;
    try {
      const response = await hasher.run({ kind: "hash", file: wanted });
      if (response.kind === "hashed" && get().source === source) set({ digest: response.sha256 });
      hasher.dispose();
    } catch (reason) {
      // Another model came in meanwhile and has its own job.
      if (!isAbort(reason)) throw reason;
    }
  };

  /** Takes the model in: a plan that runs everything on the source device, then the best one for the objective. */
  const adopt = (source: ModelSource, model: OpenedModel, reopened: boolean) => {
    const { setting } = get().session;
    const before = get().model;
    const profiles =
      reopened && before !== null ? rematched(setting.profiles, before, model) : new Map<string, MatchedProfile>();
    const next = { ...setting, profiles };
    const problem = problemOf(model, next);
    if (!problem.ok) {
      get().notify("error", problem.error);
      return;
    }
    const whole = baselinesOf(problem.value, next.rig).find((entry) => entry.device.id === next.rig.source);
    if (whole === undefined) throw new Error("a rig has its source device");
    set({
      source,
      model,
      digest: reopened ? get().digest : null,
      session: { setting: next, plan: whole.plan, proof: null, schemes: [] },
      draft: null,
      past: [],
      future: [],
      selection: null,
      profileImport: null,
      overlay: { kind: "plan" },
      askingDimensions: !reopened && model.openDimensions.length > 0,
    });
    if (model.warning !== null) get().notify("warning", model.warning);
    if (unsetDimensions(model).length === 0) void get().autoPartition({ asFirstPlan: true });
    if (!reopened) digesting = computeDigest(source);
  };

  const open = async (source: ModelSource, bindings: ReadonlyMap<string, number>, reopened: boolean) => {
    const abort = new AbortController();
    const report = (label: string, fraction: number | null) =>
      set({ opening: { label, fraction, cancel: () => abort.abort() } });
    report("Opening the model", null);
    try {
      const response = await opener.run(openJob(source, bindings), {
        signal: abort.signal,
        onMessage: (message) => {
          if (message.kind === "progress") report(message.step, message.fraction);
        },
      });
      const result: Result<OpenedModel> | null = response.kind === "opened" ? response.result : null;
      if (result?.ok === true) adopt(source, result.value, reopened);
      else if (result !== null) get().notify("error", result.error);
      else if (response.kind === "failed") get().notify("error", `The model could not be opened: ${response.message}`);
      set({ opening: null });
    } catch (reason) {
      if (!isAbort(reason)) {
        get().notify("error", `The model could not be opened: ${reason instanceof Error ? reason.message : reason}`);
        set({ opening: null });
      } else if (abort.signal.aborted) set({ opening: null });
    }
  };

  return {
    openFiles: async (files) => {
      const model = files.find((file) => file.name.toLowerCase().endsWith(".onnx")) ?? files[0];
      if (model === undefined) return;
      const ordered = [model, ...files.filter((file) => file !== model)];
      await open({ kind: "files", files: ordered.map((file) => ({ name: file.name, blob: file })) }, new Map(), false);
    },
    openSample: (id) => open({ kind: "sample", id }, new Map(), false),
    bindDimensions: async (bindings) => {
      const { source } = get();
      if (source !== null) await open(source, bindings, true);
    },
    digestKnown: () => digesting,
    askDimensions: (asking) => set({ askingDimensions: asking }),
  };
}
