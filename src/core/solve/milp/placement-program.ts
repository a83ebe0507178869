import type { Plan } from "../../plan/plan.ts";
import type { Prediction } from "../../predict/prediction.ts";
import type { MilpBuilder } from "./milp-builder.ts";

/** A set of plans of a problem as a mixed-integer program. */
export interface PlacementProgram {
  readonly builder: MilpBuilder;
  /** The columns' values for a plan; null for a plan that is not of the set. */
  readonly pointOf: (plan: Plan) => Float64Array | null;
  /** The plan that a point's decisions stand for, rounded to whole numbers. */
  readonly planOf: (values: Float64Array) => Plan;
  /**
   * Adds rows that forbid what makes a plan inadmissible and the program does not know of yet, so that no admissible plan
   * is lost; false if there is nothing to add.
   */
  readonly refine: (plan: Plan, prediction: Prediction) => boolean;
  /** Adds a row that forbids just the decisions of a point. */
  readonly exclude: (values: Float64Array) => void;
  /**
   * Whether decisions determine the plan. If not, another plan of the same decisions might be better than `planOf`'s, and
   * an exclusion loses it.
   */
  readonly onePlanPerPoint: boolean;
}
