import { crossover } from "../../core/predict/crossover.ts";
import type { Objective } from "../../core/solve/solver.ts";
import type { Baseline } from "../../state/derive.ts";
import type { PlanView } from "../shared/use-plan.ts";

export interface BreakEvenPoint {
  readonly link: string;
  readonly name: string;
  /** Bytes per second at which plan and baseline are equal, and the link's present rate. */
  readonly rate: number;
  readonly now: number;
  readonly planWinsAbove: boolean;
}

/** How far a link's rate is scaled in search of the change: a thousandth to a thousandfold. */
const RANGE = 1000;

/** For each link that the plan or the baseline uses: the rates at which the better of the two changes. */
export function breakEven(view: PlanView, best: Baseline, objective: Objective): readonly BreakEvenPoint[] {
  const { rig } = view.setting;
  const predictions = [view.prediction, best.prediction];
  return rig.links.flatMap((link, index): BreakEvenPoint[] => {
    const chart = crossover(view.problem, { predictions, link: index, from: 1 / RANGE, to: RANGE, samples: 2 });
    return chart.crossovers
      .filter((point) => point.objective === objective)
      .map((point) => ({
        link: link.id,
        name: link.name,
        rate: link.aToB * point.scale,
        now: link.aToB,
        planWinsAbove: point.above === 0,
      }));
  });
}
