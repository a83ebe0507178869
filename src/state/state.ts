import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { FilePart } from "../core/onnx/sparse-source.ts";
import type { Encoding } from "../core/plan/build-problem.ts";
import type { Constraints } from "../core/plan/constraints.ts";
import type { Problem } from "../core/plan/problem.ts";
import type { MatchedProfile } from "../core/profile/match.ts";
import type { Rig } from "../core/rig/rig.ts";
import type { CrossoverMap, MapRequest } from "../core/solve/crossover-map.ts";
import type { ParetoFront } from "../core/solve/pareto.ts";
import type { Robustness } from "../core/solve/robustness.ts";
import type { Certificate, Objective } from "../core/solve/solver.ts";
import type { VerificationRecord } from "../core/verification/verification-record.ts";
import type { ModelFile } from "../worker/protocol.ts";
import type { KeptProject } from "./persistence/kept-project.ts";
import type { SharedPlan } from "./persistence/share-link.ts";
import type { ImportItem } from "./profile-import.ts";

/** A plan by device id, so that it outlives edits of the rig. `core/plan` has the same plan by device index. */
export interface StagedPlan {
  readonly devices: readonly string[];
  readonly stageOf: Int32Array;
}

/** Everything that prices depend on. Replaced as a whole when any part changes, so identity is equality. */
export interface Setting {
  readonly rig: Rig;
  readonly encoding: Encoding;
  /** What every plan has to keep to, limits on figures among it. */
  readonly constraints: Constraints;
  /** Measured profiles by device id. */
  readonly profiles: ReadonlyMap<string, MatchedProfile>;
}

/** A solver's statement about a plan. It holds only for the setting it was made under. */
export interface Proof {
  readonly objective: Objective;
  readonly certificate: Certificate;
  readonly setting: Setting;
  /** Seconds: the objective's value that the certificate speaks of. */
  readonly value: number;
  readonly method: string;
}

/** A plan that the user keeps for comparison. */
export interface Scheme {
  readonly id: number;
  readonly name: string;
  readonly plan: StagedPlan;
  readonly proof: Proof | null;
}

/** What undo and redo restore. */
export interface Session {
  readonly setting: Setting;
  readonly plan: StagedPlan;
  /** Null for a plan made by hand. */
  readonly proof: Proof | null;
  readonly schemes: readonly Scheme[];
}

export interface HistoryEntry {
  /** What was done to reach the next state: "Move split", "Auto-partition". */
  readonly label: string;
  readonly session: Session;
}

export type Selection =
  | { readonly kind: "op"; readonly op: number }
  /** A module of the tree, with all its ops. */
  | { readonly kind: "module"; readonly module: number }
  /** Several ops, ascending. */
  | { readonly kind: "ops"; readonly ops: readonly number[] }
  | { readonly kind: "tensor"; readonly tensor: number }
  | { readonly kind: "stage"; readonly stage: number }
  | { readonly kind: "boundary"; readonly boundary: number }
  | null;

/** A step into a body of an op of control flow. */
export interface BodyStep {
  /** The op, in the graph that is looked at so far. */
  readonly op: number;
  /** Which of its bodies. */
  readonly body: number;
}

/** The body that is looked at in the place of the network. */
export interface InsideView {
  /** Outermost first; empty: the network itself. */
  readonly path: readonly BodyStep[];
  /** The op that is selected in there, or null. */
  readonly selected: number | null;
}

/** What the graph's colours show. */
export type Overlay =
  | { readonly kind: "plan" }
  /** Latency of each op on one device. */
  | { readonly kind: "latency"; readonly device: string }
  /** How many times faster one of two devices runs each op. */
  | { readonly kind: "ratio"; readonly devices: readonly [string, string] }
  /** How the latency of each op on one device is known. */
  | { readonly kind: "provenance"; readonly device: string }
  /** How wide the band around it is. */
  | { readonly kind: "uncertainty"; readonly device: string };

/** How the model came in, to open it again when dimensions change. */
export type ModelSource =
  | { readonly kind: "files"; readonly files: readonly ModelFile[] }
  | { readonly kind: "sample"; readonly id: string };

/** What a study found, and of what: it holds for that problem only. */
export interface StudyOf<T> {
  readonly problem: Problem;
  readonly result: T;
}

export interface MapStudy {
  /** Set under which it was made; the two circumstances of its axes may have any value. */
  readonly setting: Setting;
  readonly request: MapRequest;
  /** Bandwidth that the first axis counts in, bytes per second. */
  readonly bandwidth: number;
  readonly map: CrossoverMap;
}

export interface RobustnessStudy {
  readonly plan: StagedPlan;
  readonly objective: Objective;
  readonly robustness: Robustness;
}

export interface Studies {
  readonly pareto: StudyOf<ParetoFront> | null;
  readonly map: MapStudy | null;
  readonly robustness: StudyOf<RobustnessStudy> | null;
  /** The study under way. */
  readonly running: Activity | null;
}

/** An edit that was not taken, because the plan could not run. */
export interface Refusal {
  readonly sentence: string;
  /** What was to be done. */
  readonly label: string;
  /** The nearest plan that can run: boundary `boundary` after the first `position` ops. Null where there is none. */
  readonly nearest: { readonly plan: StagedPlan; readonly boundary: number; readonly position: number } | null;
}

/** What the session is kept as in this browser. */
export interface Project {
  readonly id: string;
  /** Null: it goes by its model's name. */
  readonly name: string | null;
  /** What the scenario that it began as is there to show; null where it began otherwise. */
  readonly lesson: string | null;
}

/** What is shown once the file of its model has been opened. */
export type Waiting =
  | { readonly kind: "link"; readonly shared: SharedPlan }
  | { readonly kind: "project"; readonly project: KeptProject };

/** Constraints with one given up, so that there is a plan. */
export interface Way {
  readonly text: string;
  readonly constraints: Constraints;
}

/** That no plan keeps to everything, under the setting that it was looked for in. */
export interface Impossible {
  readonly setting: Setting;
  readonly sentence: string;
  /** Null while they are being looked for. */
  readonly ways: readonly Way[] | null;
}

/** Files of a placement problem that hold several models, one of which is asked for. */
export interface ProblemChoice {
  readonly files: readonly File[];
  readonly models: readonly string[];
}

export interface Notice {
  readonly id: number;
  readonly tone: "error" | "warning" | "info";
  readonly text: string;
}

/** Work under way that the user may wait for or cancel. */
export interface Activity {
  readonly label: string;
  readonly fraction: number | null;
  readonly cancel: () => void;
}

export interface AppState {
  readonly project: Project;
  readonly waiting: Waiting | null;
  readonly source: ModelSource | null;
  /** What of the model's file is enough to open it without its weights; null for a sample or a problem. */
  readonly outline: FilePart["ranges"] | null;
  readonly model: OpenedModel | null;
  /** SHA-256 of the model's file; null until it has been computed in the background. */
  readonly digest: string | null;
  /** True while the dialog asks for dimension sizes. */
  readonly askingDimensions: boolean;
  readonly problemChoice: ProblemChoice | null;
  readonly opening: Activity | null;
  readonly solving: Activity | null;
  readonly readingProfiles: Activity | null;
  /** The model being measured in this browser. */
  readonly profiling: Activity | null;
  /** Segments being run or written. */
  readonly verifying: Activity | null;
  /** What was found out about segments of the open model, by their fingerprint. */
  readonly verifications: ReadonlyMap<string, VerificationRecord>;
  /** Files that are looked over before they are taken in; null while the dialog is closed. */
  readonly profileImport: readonly ImportItem[] | null;
  readonly objective: Objective;
  readonly session: Session;
  /** The plan under the pointer while a split is dragged; null otherwise. */
  readonly draft: StagedPlan | null;
  readonly refusal: Refusal | null;
  readonly past: readonly HistoryEntry[];
  readonly future: readonly HistoryEntry[];
  readonly selection: Selection;
  readonly inside: InsideView;
  readonly overlay: Overlay;
  /** Rate at which frames of a stream are born; null = as many as the plan on screen can take. */
  readonly arrivalsPerSecond: number | null;
  readonly studies: Studies;
  readonly impossible: Impossible | null;
  readonly notices: readonly Notice[];
}
