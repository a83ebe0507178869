import type { OpenedModel } from "../graph/opened-model.ts";
import type { Encoding } from "../plan/build-problem.ts";
import type { Constraints } from "../plan/constraints.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "../predict/prediction.ts";
import type { MatchedProfile } from "../profile/match.ts";
import type { LatencyTable } from "../profile/profile.ts";
import type { Rig } from "../rig/rig.ts";
import type { Certificate, Objective } from "../solve/solver.ts";
import type { VerificationRecord } from "../verification/verification-record.ts";

/** A solver's statement about a plan, and the figure that it speaks of. */
export interface PlanProof {
  readonly certificate: Certificate;
  /** Seconds. */
  readonly value: number;
  readonly method: string;
}

/** All that an exporter may write about: one plan of one model on one rig, with what it was computed from. */
export interface ExportSubject {
  readonly model: OpenedModel;
  /** Lower-case hex digest of the model's file; null where it is not known. */
  readonly sha256: string | null;
  /** Id of the built-in sample that the model is; absent for a file. */
  readonly sample?: string | null;
  readonly rig: Rig;
  readonly encoding: Encoding;
  /** Default: none. */
  readonly constraints?: Constraints;
  /** Measured profiles by device id. */
  readonly profiles: ReadonlyMap<string, MatchedProfile>;
  /** One table per device of the rig, in its order, without load. */
  readonly latencies: readonly LatencyTable[];
  readonly problem: Problem;
  readonly objective: Objective;
  readonly plan: Plan;
  readonly prediction: Prediction;
  /** Null for a plan made by hand. */
  readonly proof: PlanProof | null;
  /** What was found out about the plan's segments; absent where nothing was. */
  readonly verification?: VerificationRecord | null;
}
