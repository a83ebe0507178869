import { expect, test } from "vitest";
import { predict } from "../core/predict/predict.ts";
import { solve } from "../core/solve/solve.ts";
import { bestAdmissible, constrainedProblem } from "../core/testing/constrained-problem.ts";
import type { Response } from "./protocol.ts";
import { runMilp } from "./run-milp.ts";

test("the mixed-integer worker proves what the pure solvers leave open, and tells of better plans on the way", async () => {
  let proven = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const problem = constrainedProblem(seed, { ops: 4, devices: 3, delivery: "direct", topology: "chain", source: 1 });
    const known = solve(problem, { objective: "latency" });
    if (!known.ok) throw new Error(known.error);
    const posted: Response[] = [];
    const request = { kind: "improve", job: 4, problem, objective: "latency", limits: {}, known, seconds: 60 } as const;
    await runMilp(request, (response) => posted.push(response));
    expect(new Set(posted.map(({ job }) => job))).toEqual(new Set([4]));
    const end = posted.at(-1);
    if (end?.kind !== "solved" || !end.result.ok) throw new Error("no solution");
    const { plan, value, certificate } = end.result.value;
    expect(certificate.status).toBe("optimal");
    expect(value).toBe(predict(problem, plan).latencySeconds);
    expect(value).toBeLessThanOrEqual(known.value.value);
    const oracle = bestAdmissible(problem, "latency", {});
    expect(value).toBeCloseTo(oracle?.value ?? Number.NaN, 6);
    proven++;
  }
  expect(proven).toBe(8);
});
