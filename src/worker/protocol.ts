import type { ExportSubject } from "../core/export/export-subject.ts";
import type { Blocks } from "../core/graph/blocks.ts";
import type { Graph, GraphLinks } from "../core/graph/graph.ts";
import type { OpenedModel, Refinement } from "../core/graph/opened-model.ts";
import type { FilmstripLayout } from "../core/layout/filmstrip.ts";
import type { TensorType } from "../core/onnx/model.ts";
import type { WeightPlace } from "../core/onnx/segments/external-layout.ts";
import type { FilePart } from "../core/onnx/sparse-source.ts";
import type { ImportChoice } from "../core/plan/imports/problem-import.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Problem } from "../core/plan/problem.ts";
import type { Encoding } from "../core/plan/wire.ts";
import type { JoinedFile } from "../core/profile/companions.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import type { Result } from "../core/result.ts";
import type { ProblemNames } from "../core/solve/names.ts";
import type { Limits, Objective, Solution, SolveProgress } from "../core/solve/solver.ts";
import type { Measurement } from "../core/verification/measurement.ts";
import type { Verification } from "../core/verification/verification.ts";

/** A model, and a plan to make segments of it. */
export interface SegmentsJob {
  readonly job: number;
  /** The model file first, then its external-data files; or a sample. */
  readonly model:
    | { readonly files: readonly { readonly name: string; readonly blob: Blob }[] }
    | { readonly sample: string; readonly baseUrl: string };
  readonly bindings: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly encoding: Encoding;
}

import type { CrossoverMap, MapPoint, MapRequest } from "../core/solve/crossover-map.ts";
import type { ParetoFront } from "../core/solve/pareto.ts";
import type { Robustness, RobustnessRequest } from "../core/solve/robustness.ts";
/** A file of a model; with `part`, the Blob holds only that of it, which is enough to open the model. */
export interface ModelFile {
  readonly name: string;
  readonly blob: Blob;
  readonly part?: FilePart;
}

/** Work that a page asks of a worker. Every message carries the number of its job. */
export type Request =
  | {
      readonly kind: "open";
      readonly job: number;
      /** The model file first, then its external-data files. */
      readonly files: readonly ModelFile[];
      /** Which problem, where the files may hold several. */
      readonly choice?: ImportChoice;
      readonly bindings: ReadonlyMap<string, number>;
      /** Types that a person stated for tensors that inference cannot tell, by name. */
      readonly givenTypes: ReadonlyMap<string, TensorType>;
      /** The model with the types that we infer ourselves, or what onnxruntime makes of those. */
      readonly wanted: "model" | "refinement";
    }
  | {
      readonly kind: "open-sample";
      readonly job: number;
      readonly sample: string;
      /** Address of the page, against which the sample files' paths are resolved. */
      readonly baseUrl: string;
      readonly bindings: ReadonlyMap<string, number>;
      readonly givenTypes: ReadonlyMap<string, TensorType>;
      readonly wanted: "model" | "refinement";
    }
  /** Digest of the model that is open: of the file given, or of the sample. */
  | {
      readonly kind: "hash";
      readonly job: number;
      readonly file: Blob | { readonly sample: string; readonly baseUrl: string };
    }
  /** What device profiles, and files that go with them, hold. */
  | {
      readonly kind: "read-profiles";
      readonly job: number;
      readonly files: readonly { readonly name: string; readonly blob: Blob }[];
    }
  /** How long the ops of a model take here. Its worker must have done nothing else before. */
  | {
      readonly kind: "profile";
      readonly job: number;
      /** The model file first, then its external-data files; or a sample. */
      readonly model:
        | { readonly files: readonly { readonly name: string; readonly blob: Blob }[] }
        | { readonly sample: string; readonly baseUrl: string };
      readonly backend: "wasm" | "webgpu";
      readonly bindings: ReadonlyMap<string, number>;
      readonly sha256: string | null;
      /** Name of the device in the profile. */
      readonly device: string;
      /** The browser's user agent. */
      readonly platform: string;
    }
  /** Whether the segments of a plan compute what the whole model computes. */
  | (SegmentsJob & {
      readonly kind: "verify";
      readonly seed: number;
      readonly inputs: readonly { readonly name: string; readonly blob: Blob }[];
    })
  /** How long they take here. */
  | (SegmentsJob & {
      readonly kind: "measure";
      readonly opened: OpenedModel;
      /** Name of the machine in the answer. */
      readonly device: string;
    })
  /** The files of an exporter as a ZIP: into the file, or as the answer. */
  | (Omit<SegmentsJob, "plan" | "graph" | "encoding" | "bindings"> & {
      readonly kind: "zip";
      readonly subject: ExportSubject;
      /** Id of an exporter of several files. */
      readonly exporter: string;
      readonly weights: WeightPlace;
      readonly file: FileSystemFileHandle | null;
    })
  | {
      readonly kind: "solve";
      readonly job: number;
      readonly problem: Problem;
      readonly objective: Objective;
      readonly limits?: Limits;
      readonly names?: ProblemNames;
    }
  /** A better plan than the answer to "solve", or the proof that there is none; ends after so many seconds. */
  | {
      readonly kind: "improve";
      readonly job: number;
      readonly problem: Problem;
      readonly objective: Objective;
      readonly limits: Limits;
      readonly names?: ProblemNames;
      readonly known: Result<Solution>;
      readonly seconds: number;
    }
  /** Plans that are not beaten in every figure at once. */
  | { readonly kind: "pareto"; readonly job: number; readonly problem: Problem; readonly limits: Limits }
  /** The best plans at some points of a crossover map. */
  | {
      readonly kind: "map-points";
      readonly job: number;
      readonly problem: Problem;
      readonly request: MapRequest;
      readonly points: readonly MapPoint[];
    }
  /** The regions of the plans that were found. */
  | {
      readonly kind: "map-regions";
      readonly job: number;
      readonly problem: Problem;
      readonly request: MapRequest;
      readonly plans: readonly Plan[];
    }
  /** How a plan fares when the figures it rests on are wrong. */
  | {
      readonly kind: "robustness";
      readonly job: number;
      readonly problem: Problem;
      readonly plan: Plan;
      readonly request: Pick<RobustnessRequest, "objective" | "limits" | "samples" | "spread" | "seed">;
    }
  /** Positions for a drawing of a graph with some blocks closed. */
  | {
      readonly kind: "layout";
      readonly job: number;
      readonly graph: GraphLinks;
      readonly blocks: Blocks;
      readonly collapsed: ReadonlySet<number>;
      readonly aspect: number;
    };

/** What comes back: any number of progress messages, then one end. */
export type Response =
  | { readonly kind: "progress"; readonly job: number; readonly step: string; readonly fraction: number | null }
  | { readonly kind: "solve-progress"; readonly job: number; readonly progress: SolveProgress }
  /** A model with the types that we infer ourselves, or a sentence why it cannot be opened. */
  /** `read` tells what of the model's file opening it took. */
  | {
      readonly kind: "opened";
      readonly job: number;
      readonly result: Result<OpenedModel>;
      readonly read?: FilePart["ranges"];
    }
  | { readonly kind: "refined"; readonly job: number; readonly refinement: Refinement }
  | { readonly kind: "hashed"; readonly job: number; readonly sha256: string }
  | { readonly kind: "profiles-read"; readonly job: number; readonly files: readonly JoinedFile[] }
  | { readonly kind: "profiled"; readonly job: number; readonly result: Result<RawProfile> }
  | { readonly kind: "laid-out"; readonly job: number; readonly layout: FilmstripLayout }
  | { readonly kind: "verified"; readonly job: number; readonly result: Result<Verification> }
  | { readonly kind: "measured"; readonly job: number; readonly result: Result<Measurement> }
  /** Null where the ZIP was written into a file. */
  | { readonly kind: "zipped"; readonly job: number; readonly result: Result<Blob | null> }
  | { readonly kind: "pareto-found"; readonly job: number; readonly front: ParetoFront }
  | { readonly kind: "map-points-solved"; readonly job: number; readonly plans: readonly Plan[] }
  | { readonly kind: "mapped"; readonly job: number; readonly map: CrossoverMap }
  | { readonly kind: "robustness-known"; readonly job: number; readonly robustness: Robustness }
  | { readonly kind: "solved"; readonly job: number; readonly result: Result<Solution> }
  /** A bug of ours: the worker threw. */
  | { readonly kind: "failed"; readonly job: number; readonly message: string };
