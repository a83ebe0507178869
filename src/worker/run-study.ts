import { bestAt, mapPlans, mapRegions } from "../core/solve/crossover-map.ts";
import { paretoFront } from "../core/solve/pareto.ts";
import { robustness } from "../core/solve/robustness.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Answers requests about many plans or many circumstances: Pareto fronts, crossover maps, robustness. */
export function runStudy(request: Request, post: Post): void {
  const { job } = request;
  const report = (fraction: number) => post({ kind: "progress", job, step: "", fraction });
  switch (request.kind) {
    case "pareto":
      post({ kind: "pareto-found", job, front: paretoFront(request.problem, { limits: request.limits }) });
      return;
    case "map-points": {
      const plans = request.points.flatMap((point, index) => {
        const plan = bestAt(request.problem, request.request, point);
        report((index + 1) / request.points.length);
        return plan === null ? [] : [plan];
      });
      post({ kind: "map-points-solved", job, plans });
      return;
    }
    case "map-regions": {
      const plans = mapPlans(request.problem, request.plans);
      post({ kind: "mapped", job, map: mapRegions(request.problem, request.request, plans) });
      return;
    }
    case "robustness": {
      const found = robustness(request.problem, request.plan, { ...request.request, onProgress: report });
      post({ kind: "robustness-known", job, robustness: found });
      return;
    }
    default:
      throw new Error(`the worker of studies was asked for "${request.kind}"`);
  }
}
