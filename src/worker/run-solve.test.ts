import { expect, test } from "vitest";
import { predict } from "../core/predict/predict.ts";
import { chainLinks, testProblem } from "../core/testing/problems.ts";
import type { Response } from "./protocol.ts";
import { runSolve } from "./run-solve.ts";

test("the solver's worker answers with progress and then with the solution that prediction confirms", () => {
  const problem = testProblem("[in:100] -> a=10 -10-> b=90", {
    devices: [{}, { speed: 10 }],
    links: chainLinks(2, { secondsPerByte: 1 }),
    sink: 1,
  });
  const posted: Response[] = [];
  runSolve({ kind: "solve", job: 3, problem, objective: "latency" }, (response) => posted.push(response));
  expect(new Set(posted.map((response) => response.job))).toEqual(new Set([3]));
  const end = posted.at(-1);
  if (end?.kind !== "solved" || !end.result.ok) throw new Error("no solution");
  const { plan, value, certificate } = end.result.value;
  expect(value).toBe(predict(problem, plan).latencySeconds);
  expect(value).toBeCloseTo(10 + 10 + 9, 12);
  expect(certificate.status).toBe("optimal");
});
