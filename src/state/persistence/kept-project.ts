import type { TensorType } from "../../core/onnx/model.ts";
import type { Encoding } from "../../core/plan/build-problem.ts";
import type { Constraints } from "../../core/plan/constraints.ts";
import type { RawProfile } from "../../core/profile/formats/raw-profile.ts";
import type { Rig } from "../../core/rig/rig.ts";
import type { Certificate, Objective } from "../../core/solve/solver.ts";
import type { VerificationRecord } from "../../core/verification/verification-record.ts";
import type { Overlay } from "../state.ts";

export const PROJECT_FORMAT = "splitscope-project";
export const PROJECT_VERSION = 1;

/** What a list of projects shows; readable in records of every version. */
export interface ProjectSummary {
  readonly version: number;
  readonly id: string;
  readonly name: string;
  /** Name of the model's file, or title of the sample. */
  readonly modelName: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** How the model of a project comes back. */
export interface KeptModel {
  readonly fileName: string;
  /** Null where the digest was not known yet. */
  readonly sha256: string | null;
  /** Id of a built-in sample; null for a model of the user's own, whose files are kept beside the record. */
  readonly sample: string | null;
  readonly bindings: ReadonlyMap<string, number>;
  readonly givenTypes: ReadonlyMap<string, TensorType>;
  /** By op number of the plans: a later version may number ops in another way. */
  readonly opNames: readonly string[];
}

export interface KeptSetting {
  /** Index into `rigs`. */
  readonly rig: number;
  readonly encoding: Encoding;
  readonly constraints: Constraints;
  readonly profiles: readonly { readonly device: string; readonly profile: number }[];
}

export interface KeptPlan {
  readonly devices: readonly string[];
  readonly stageOf: Int32Array;
}

export interface KeptProof {
  readonly objective: Objective;
  readonly certificate: Certificate;
  readonly setting: number;
  readonly value: number;
  readonly method: string;
}

export interface KeptScheme {
  readonly id: number;
  readonly name: string;
  readonly plan: number;
  /** Index into `proofs`, -1 for none; likewise below. */
  readonly proof: number;
}

export interface KeptSession {
  readonly setting: number;
  readonly plan: number;
  readonly proof: number;
  readonly schemes: readonly number[];
}

export interface KeptStep {
  readonly label: string;
  readonly session: number;
}

/**
 * A project as it is kept: everything that cannot be computed again. What several steps of the history share stands
 * once, in a table, and is shared again after reading.
 */
export interface KeptProject extends ProjectSummary {
  /** What the scenario that it began as is there to show. */
  readonly lesson: string | null;
  readonly model: KeptModel;
  readonly objective: Objective;
  readonly overlay: Overlay;
  readonly arrivalsPerSecond: number | null;
  readonly rigs: readonly Rig[];
  readonly profiles: readonly RawProfile[];
  readonly settings: readonly KeptSetting[];
  readonly plans: readonly KeptPlan[];
  readonly proofs: readonly KeptProof[];
  readonly schemes: readonly KeptScheme[];
  readonly sessions: readonly KeptSession[];
  /** Index into `sessions`. */
  readonly present: number;
  readonly past: readonly KeptStep[];
  readonly future: readonly KeptStep[];
  readonly verifications: readonly VerificationRecord[];
}
