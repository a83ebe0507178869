import { item } from "../core/columns.ts";
import type { Graph, OpenDimension } from "../core/graph/graph.ts";
import type { OpenedModel, Refinement } from "../core/graph/opened-model.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { addedText, differencesText } from "../core/onnx/shapes/reconcile.ts";
import { typeText } from "../core/onnx/shapes/type-text.ts";
import { problemText } from "../core/plan/abstract-problem.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { applyConstraints, NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import type { ImportChoice } from "../core/plan/imports/problem-import.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { type MatchedProfile, matchProfile } from "../core/profile/match.ts";
import { defaultRig } from "../core/rig/presets.ts";
import type { Rig } from "../core/rig/rig.ts";
import { createJobRunner, type Job, spawnHashWorker, spawnModelWorker } from "../worker/client.ts";
import { problemOf } from "./derive.ts";
import { createDrawingGate } from "./drawing-gate.ts";
import { NETWORK_ITSELF } from "./inside.ts";
import { firstPlan, type OpeningSetting, openingSetting } from "./opening-setting.ts";
import { projectForNext } from "./persistence/project-name.ts";
import { keptSource, problemModels } from "./problem-source.ts";
import type { Activity, AppState, ModelSource } from "./state.ts";
import type { Access } from "./store.ts";

export interface ModelActions {
  /**
   * Opens the .onnx among the files, with its data files; what was open stays until this succeeds. `pathOf` tells where a
   * file lies below the model's folder, where that is known.
   */
  openFiles(files: readonly File[], pathOf?: (file: File) => string): Promise<void>;
  /** Opens the placement problem in files of any known format, like a model; asks for one of several in them. */
  openProblem(files: readonly File[]): Promise<void>;
  /** The answer: a model of those asked for, null for none. */
  chooseProblem(model: string | null): Promise<void>;
  openSample(id: string): Promise<void>;
  /** Opens a model together with what was kept of a session on it. */
  openKept(source: ModelSource, kept: KeptOpening): Promise<void>;
  /** Opens the same model again with other sizes for its symbolic dimensions. */
  bindDimensions(bindings: ReadonlyMap<string, number>): Promise<void>;
  /** Opens the same model again with sizes and types that a file or a link gives, unless it has them; none: as it is. */
  bringAlong(given: {
    readonly dims: Additions["bindings"];
    readonly givenTypes: Additions["givenTypes"];
  }): Promise<void>;
  /** States the type of a tensor that inference cannot tell, or takes that back (null), and opens the model again. */
  stateType(tensor: string, type: TensorType | null): Promise<void>;
  askDimensions(asking: boolean): void;
  /** Resolves once the open model's digest is known (or cannot be had). */
  digestKnown(): Promise<void>;
  /** The network that was opened last is on screen; what would have held that up begins. */
  networkDrawn(): void;
}

/** Milliseconds that opening may take before it is told of. */
const PATIENCE = 150;

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

/** What a person adds to a model's file. */
interface Additions {
  readonly bindings: ReadonlyMap<string, number>;
  readonly givenTypes: ReadonlyMap<string, TensorType>;
}

/** What is known of a model before it is open. */
export interface KeptOpening extends Additions {
  readonly digest: string | null;
  /** What the model opens on, with all as stored; the present rig and encoding where it is left out. */
  readonly rig?: Rig;
  /** What takes the place of a first plan; without a session in it, one is looked for. */
  readonly restore: (model: OpenedModel) => Pick<AppState, "project"> & Partial<AppState>;
  /** Called once it is on screen. */
  readonly onShown: () => void;
}

/** A model that comes by itself, the same model again with other sizes, or one with a session. */
type Opening = "new" | "again" | KeptOpening;

const NOTHING_ADDED: Additions = { bindings: new Map(), givenTypes: new Map() };

const sourceOf = (files: readonly File[], pathOf = ({ name }: File): string => name): ModelSource => ({
  kind: "files",
  files: files.map((file) => ({ name: pathOf(file), blob: file })),
});

function openJob(
  source: ModelSource,
  { bindings, givenTypes }: Additions,
  wanted: "model" | "refinement",
  choice: ImportChoice = {},
): Job {
  return source.kind === "sample"
    ? { kind: "open-sample", sample: source.id, baseUrl: document.baseURI, bindings, givenTypes, wanted }
    : { kind: "open", files: source.files, choice, bindings, givenTypes, wanted };
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
  // A worker of its own: the other keeps compiled code for the next model, this one ends with its runtime.
  const refiner = createJobRunner(spawnModelWorker);
  const hasher = createJobRunner(spawnHashWorker);
  const drawing = createDrawingGate();
  /** What models are on; put aside while a problem file, which has its own rig, is open. */
  let ofModels: OpeningSetting = { rig: defaultRig(), encoding: AS_STORED };
  /** How many were begun: what belongs to an older one is dropped. */
  let openings = 0;

  let digesting: Promise<void> = Promise.resolve();
  /**
   * The file that a session was kept of without its weights: told by its digest, it takes the place of the part that
   * was kept, and nothing else changes. Whether that is so.
   */
  const bringsWeights = async (model: File, files: readonly File[]): Promise<boolean> => {
    const { source, digest } = get();
    const part = source?.kind === "files" ? source.files[0]?.part : undefined;
    if (part === undefined || digest === null || part.size !== model.size) return false;
    const label = `Comparing ${model.name} with the model of this session`;
    set({ opening: { label, fraction: null, cancel: () => hasher.cancel() } });
    try {
      const response = await hasher.run({ kind: "hash", file: model });
      if (response.kind !== "hashed" || response.sha256 !== digest || get().source !== source) return false;
      set({ source: { kind: "files", files: files.map((file) => ({ name: file.name, blob: file })) } });
      get().notify("info", `The weights of ${model.name} are here again.`);
      return true;
    } finally {
      hasher.dispose();
      set({ opening: null });
    }
  };

  const computeDigest = async (source: ModelSource, { given }: OpenedModel) => {
    const [first] = source.kind === "files" ? source.files : [];
    // A problem is told by its content: it may come as several files, and from other programs.
    const own = given === null ? first?.blob : new Blob([problemText(given.problem)]);
    const file = own === undefined || first?.part !== undefined ? null : own;
    const sample = source.kind === "sample" ? { sample: source.id, baseUrl: document.baseURI } : null;
    const wanted = file ?? sample;
    if (wanted === null) return;
    try {
      const response = await hasher.run({ kind: "hash", file: wanted });
      const isOpen = response.kind === "hashed" && get().source === source;
      if (isOpen) set({ digest: response.sha256 });
      hasher.dispose();
      if (isOpen) void get().modelIdentified();
    } catch (reason) {
      // Another model came in meanwhile and has its own job.
      if (!isAbort(reason)) throw reason;
    }
  };

  /** Takes the model in: a plan that runs everything on the source device, then the best one for the objective. */
  const adopt = (source: ModelSource, model: OpenedModel, as: Opening) => {
    const reopened = as === "again";
    const kept = typeof as === "string" ? null : as;
    const { setting: present } = get().session;
    if (present.rig.ofProblem !== true) ofModels = { rig: present.rig, encoding: present.encoding };
    const own = kept?.rig === undefined ? ofModels : { rig: kept.rig, encoding: AS_STORED };
    const setting = reopened ? present : { ...present, ...openingSetting(model, own) };
    // They name ops of the model that they were made for.
    const isKept = reopened && applyConstraints(setting.constraints, model.graph, setting.rig).ok;
    const constraints = isKept ? setting.constraints : NO_CONSTRAINTS;
    const before = get().model;
    const profiles =
      reopened && before !== null ? rematched(setting.profiles, before, model) : new Map<string, MatchedProfile>();
    const next = { ...setting, constraints, profiles };
    const problem = problemOf(model, next);
    if (!problem.ok) {
      get().notify("error", problem.error);
      return;
    }
    const whole = firstPlan(problem.value, next.rig);
    drawing.close();
    // What was done a moment ago belongs to the project that goes.
    if (!reopened) void get().saveProject();
    const restored = kept?.restore(model) ?? { project: reopened ? get().project : projectForNext(get()) };
    const isSameNetwork = reopened && before?.graph.opCount === model.graph.opCount;
    set({
      source,
      model,
      digest: reopened ? get().digest : (kept?.digest ?? null),
      session: { setting: next, plan: whole, proof: null, schemes: [] },
      draft: null,
      past: [],
      future: [],
      selection: isSameNetwork ? get().selection : null,
      inside: isSameNetwork ? get().inside : NETWORK_ITSELF,
      profileImport: null,
      overlay: { kind: "plan" },
      askingDimensions: as === "new" && model.openDimensions.length > 0,
      ...restored,
    });
    kept?.onShown();
    if (model.warning !== null) get().notify("warning", model.warning);
    if (as === "new") for (const note of model.given?.notes ?? []) get().notify("info", note);
    const wantsPlan = restored.session === undefined && unsetDimensions(model).length === 0;
    // On two cores these would take one from the drawing.
    const opening = openings;
    const onceDrawn = async (task: () => Promise<void>) => {
      await drawing.passed();
      if (opening === openings) await task();
    };
    if (wantsPlan) void onceDrawn(() => get().autoPartition({ asFirstPlan: true }));
    if (!reopened && get().digest === null) digesting = onceDrawn(() => computeDigest(source, model));
  };

  /** Takes over what onnxruntime made of the types: the ops are the same, so plan and schemes stay. */
  const refine = (source: ModelSource, refinement: Refinement, as: Opening, shown: AppState["session"] | null) => {
    const { model, differences, added, warning } = refinement;
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
    const restored = typeof as === "string" || session !== shown ? null : as.restore(model);
    if (restored?.session !== undefined) {
      // It was kept of the model as it is now, and holds for that one.
      set({ model, ...restored });
      if (typeof as !== "string") as.onShown();
      return;
    }
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

  const open = async (chosen: ModelSource, additions: Additions, as: Opening, choice: ImportChoice = {}) => {
    openings += 1;
    refiner.cancel();
    const opening = openings;
    const abort = new AbortController();
    const cancel = () => abort.abort();
    let step: Omit<Activity, "cancel"> = { label: "Opening the model", fraction: null };
    const report = () => set({ opening: { ...step, cancel } });
    // While another model is on screen, saying so costs time that most models do not need to open.
    let isPatient = get().model !== null;
    const patience = setTimeout(() => {
      isPatient = false;
      report();
    }, PATIENCE);
    if (!isPatient) report();
    let isShown = false;
    const failed = (reason: string) => {
      const what = isShown ? "The types of the model could not be checked" : "The model could not be opened";
      get().notify("error", `${what}: ${reason}`);
    };
    const ended = () => {
      clearTimeout(patience);
      if (opening === openings && get().opening !== null) set({ opening: null });
    };
    const { signal } = abort;
    try {
      const opened = await opener.run(openJob(chosen, additions, "model", choice), {
        signal,
        onMessage: (message) => {
          if (message.kind !== "progress") return;
          step = { label: message.step, fraction: message.fraction };
          if (!isPatient) report();
        },
      });
      // It made the file, and would hold it until its next garbage collection.
      if (chosen.kind === "sample") opener.dispose();
      if (opened.kind === "failed") failed(opened.message);
      if (opened.kind !== "opened") return;
      if (!opened.result.ok) {
        get().notify("error", opened.result.error);
        return;
      }
      isShown = true;
      const source = as === "new" ? keptSource(chosen, opened.result.value) : chosen;
      adopt(source, opened.result.value, as);
      if (get().source === source) set({ outline: source.kind === "files" ? (opened.read ?? null) : null });
      const shown = get().session;
      ended();
      // A problem file says all there is to know.
      if (opened.result.value.given !== null) return;
      await drawing.passed();
      if (opening !== openings) return;
      opener.warm();
      const refined = await refiner.run(openJob(source, additions, "refinement"), { signal });
      // What onnxruntime took is given back.
      refiner.dispose();
      if (refined.kind === "refined") refine(source, refined.refinement, as, shown);
      if (refined.kind === "failed") failed(refined.message);
    } catch (reason) {
      if (!isAbort(reason)) failed(reason instanceof Error ? reason.message : String(reason));
    } finally {
      ended();
    }
  };

  return {
    openFiles: async (files, pathOf) => {
      const model = files.find((file) => file.name.toLowerCase().endsWith(".onnx")) ?? files[0];
      if (model === undefined) return;
      const ordered = [model, ...files.filter((file) => file !== model)];
      try {
        if (await bringsWeights(model, ordered)) return;
      } catch (reason) {
        if (isAbort(reason)) return;
        throw reason;
      }
      await open(sourceOf(ordered, pathOf), NOTHING_ADDED, "new");
    },
    openProblem: async (files) => {
      const models = await problemModels(files);
      if (models.length > 1) set({ problemChoice: { files, models } });
      else await open(sourceOf(files), NOTHING_ADDED, "new");
    },
    chooseProblem: async (model) => {
      const { problemChoice } = get();
      set({ problemChoice: null });
      if (problemChoice !== null && model !== null) {
        await open(sourceOf(problemChoice.files), NOTHING_ADDED, "new", { model });
      }
    },
    openSample: (id) => open({ kind: "sample", id }, NOTHING_ADDED, "new"),
    openKept: (source, kept) => open(source, kept, kept),
    bindDimensions: async (bindings) => {
      const { source, model } = get();
      if (source !== null) await open(source, { bindings, givenTypes: model?.givenTypes ?? new Map() }, "again");
    },
    bringAlong: async ({ dims, givenTypes }) => {
      const { source, model } = get();
      if (source === null || model === null) return;
      const hasSizes = [...dims].every(([name, size]) => model.bindings.get(name) === size);
      const hasTypes = [...givenTypes].every(([name, type]) => {
        const known = model.givenTypes.get(name);
        return known !== undefined && typeText(known) === typeText(type);
      });
      if (hasSizes && hasTypes) return;
      const wanted = {
        bindings: dims.size > 0 ? dims : model.bindings,
        givenTypes: givenTypes.size > 0 ? givenTypes : model.givenTypes,
      };
      await open(source, wanted, "again");
    },
    stateType: async (tensor, type) => {
      const { source, model } = get();
      if (source === null || model === null) return;
      const givenTypes = new Map(model.givenTypes);
      if (type === null) givenTypes.delete(tensor);
      else givenTypes.set(tensor, type);
      await open(source, { bindings: model.bindings, givenTypes }, "again");
    },
    digestKnown: () => digesting,
    networkDrawn: drawing.open,
    askDimensions: (asking) => set({ askingDimensions: asking }),
  };
}
