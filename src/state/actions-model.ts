import { item } from "../core/columns.ts";
import type { Graph, OpenDimension } from "../core/graph/graph.ts";
import type { OpenedModel, Refinement } from "../core/graph/opened-model.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { addedText, differencesText } from "../core/onnx/shapes/reconcile.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
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
  /** States the type of a tensor that inference cannot tell, or takes that back (null), and opens the model again. */
  stateType(tensor: string, type: TensorType | null): Promise<void>;
  askDimensions(asking: boolean): void;
  /** Resolves once the open model's digest is known (or cannot be had). */
  digestKnown(): Promise<void>;
}

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

/** What a person adds to a model's file. */
interface Additions {
  readonly bindings: ReadonlyMap<string, number>;
  readonly givenTypes: ReadonlyMap<string, TensorType>;
}

const NOTHING_ADDED: Additions = { bindings: new Map(), givenTypes: new Map() };

function openJob(source: ModelSource, additions: Additions): Job {
  return source.kind === "sample"
    ? { kind: "open-sample", sample: source.id, baseUrl: document.baseURI, ...additions }
    : { kind: "open", files: source.files, ...additions };
}

/** Dimensions that nobody has given a size and for which there is no safe default. */
export function unsetDimensions(model: OpenedModel): readonly OpenDimension[] {
  return model.openDimensions.filter((dimension) => !model.bindings.has(dimension.name));
}

/** Says which tensors have no known type although all dimensions have sizes, and what a person can do; else null. */
function unknownText(model: OpenedModel): string | null {
  const [first] = model.unresolved;
  if (first === undefined || unsetDimensions(model).length > 0) return null;
  const more = model.unresolved.length === 1 ? "" : ` and ${model.unresolved.length - 1} more tensors`;
  const reason = model.reasons.get(first) ?? "its size depends on the data";
  return (
    `"${model.fileName}": the type of "${first}"${more} is not known: ${reason}. ` +
    "Select the op to state the type; until then its work and traffic count as unknown."
  );
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
      selection: reopened && before?.graph.opCount === model.graph.opCount ? get().selection : null,
      profileImport: null,
      overlay: { kind: "plan" },
      askingDimensions: !reopened && model.openDimensions.length > 0,
    });
    if (model.warning !== null) get().notify("warning", model.warning);
    if (unsetDimensions(model).length === 0) void get().autoPartition({ asFirstPlan: true });
    if (!reopened) digesting = computeDigest(source);
  };

  /** Takes over what onnxruntime made of the types: the ops are the same, so plan and schemes stay. */
  const refine = (source: ModelSource, { model, differences, added, warning }: Refinement) => {
    const { model: before, session, solving } = get();
    if (get().source !== source || before === null) return;
    if (warning !== null) get().notify("warning", warning);
    const unknown = unknownText(model ?? before);
    if (unknown !== null) get().notify("info", unknown);
    const differing = differencesText(before.fileName, differences);
    if (differing !== null) get().notify("warning", differing);
    const told = addedText(before.fileName, added);
    if (told !== null) get().notify("info", told);
    if (model === null) return;
    const setting = { ...session.setting, profiles: rematched(session.setting.profiles, before, model) };
    const problem = problemOf(model, setting);
    if (!problem.ok) {
      get().notify("error", problem.error);
      return;
    }
    const wasSolved = session.proof !== null || solving !== null;
    set({ model, session: { ...session, setting, proof: null } });
    if (wasSolved) void get().autoPartition({ asFirstPlan: true });
  };

  const open = async (source: ModelSource, additions: Additions, reopened: boolean) => {
    const abort = new AbortController();
    const report = (label: string, fraction: number | null) =>
      set({ opening: { label, fraction, cancel: () => abort.abort() } });
    report("Opening the model", null);
    let isShown = false;
    const failed = (reason: string) => {
      const what = isShown ? "The types of the model could not be checked" : "The model could not be opened";
      get().notify("error", `${what}: ${reason}`);
    };
    try {
      const response = await opener.run(openJob(source, additions), {
        signal: abort.signal,
        onMessage: (message) => {
          if (message.kind === "progress" && !isShown) report(message.step, message.fraction);
          if (message.kind !== "opened" || !message.result.ok) return;
          isShown = true;
          adopt(source, message.result.value, reopened);
          set({ opening: null });
        },
      });
      if (response.kind === "refined") refine(source, response.refinement);
      if (response.kind === "opened" && !response.result.ok) get().notify("error", response.result.error);
      if (response.kind === "failed") failed(response.message);
      if (!isShown) set({ opening: null });
    } catch (reason) {
      if (!isAbort(reason)) {
        failed(reason instanceof Error ? reason.message : String(reason));
        if (!isShown) set({ opening: null });
      } else if (abort.signal.aborted) set({ opening: null });
    }
  };

  return {
    openFiles: async (files) => {
      const model = files.find((file) => file.name.toLowerCase().endsWith(".onnx")) ?? files[0];
      if (model === undefined) return;
      const ordered = [model, ...files.filter((file) => file !== model)];
      await open(
        { kind: "files", files: ordered.map((file) => ({ name: file.name, blob: file })) },
        NOTHING_ADDED,
        false,
      );
    },
    openSample: (id) => open({ kind: "sample", id }, NOTHING_ADDED, false),
    bindDimensions: async (bindings) => {
      const { source, model } = get();
      if (source !== null) await open(source, { bindings, givenTypes: model?.givenTypes ?? new Map() }, true);
    },
    stateType: async (tensor, type) => {
      const { source, model } = get();
      if (source === null || model === null) return;
      const givenTypes = new Map(model.givenTypes);
      if (type === null) givenTypes.delete(tensor);
      else givenTypes.set(tensor, type);
      await open(source, { bindings: model.bindings, givenTypes }, true);
    },
    digestKnown: () => digesting,
    askDimensions: (asking) => set({ askingDimensions: asking }),
  };
}
