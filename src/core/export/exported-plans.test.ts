import { describe, expect, test } from "vitest";
import { namedProblem, parseProblemContent, wholeContent } from "../plan/abstract-problem.ts";
import { AS_STORED } from "../plan/build-problem.ts";
import { givenProblem } from "../plan/given-problem.ts";
import { FIGURES, type Figure } from "../plan/objective.ts";
import { givenLatencies, problemModel } from "../plan/problem-model.ts";
import { rigOfProblem } from "../plan/problem-rig.ts";
import { checkPlan } from "../plan/validity.ts";
import { predict } from "../predict/predict.ts";
import { figure, figureOf } from "../predict/prediction.ts";
import { unwrap } from "../result.ts";
import { solve } from "../solve/solve.ts";
import { abstractOf } from "../testing/abstract-of.ts";
import { naivePrediction } from "../testing/naive-prediction.ts";
import { CONSTRAINTS, isClass, OBJECTIVES, problemOfClass, TOPOLOGIES } from "../testing/problem-classes.ts";
import type { ExportSubject } from "./export-subject.ts";
import { exportRefusal } from "./exporter.ts";
import { EXPORTERS } from "./exporters.ts";
import { parsePlan } from "./plan-document.ts";
import { writePlan } from "./plan-json.ts";
import { problemJson } from "./problem-json.ts";
import { restorePlan } from "./restore-plan.ts";

/** Problem files of a class with what is exported of their solution, the objectives in turn; those without one left out. */
function* subjectsOf(topology: (typeof TOPOLOGIES)[number], count: number): Generator<ExportSubject> {
  const constraints = CONSTRAINTS.filter(({ options }) => options.spill !== true).filter((one) =>
    isClass(topology, one),
  );
  for (let seed = 1; seed <= count; seed++) {
    const constraint = constraints[seed % constraints.length];
    const goal = OBJECTIVES[seed % OBJECTIVES.length];
    if (constraint === undefined || goal === undefined) continue;
    const content = wholeContent(abstractOf({ ...problemOfClass(topology, constraint, seed), overlap: goal.overlap }));
    if (!content.ok || !namedProblem(content.value).ok) continue;
    const given = { problem: content.value, notes: [] };
    const model = unwrap(problemModel(given, { name: "random.json", bytes: 1 }));
    const rig = rigOfProblem(content.value);
    const problem = unwrap(givenProblem({ content: content.value, graph: model.graph, rig }));
    const solution = solve(problem, { objective: goal.objective });
    if (!solution.ok) continue;
    const { plan, prediction, certificate, value, method } = solution.value;
    yield {
      model,
      sha256: null,
      rig,
      encoding: AS_STORED,
      profiles: new Map(),
      latencies: rig.devices.map((_, device) => givenLatencies(content.value, model.graph, device)),
      problem,
      objective: goal.objective,
      plan,
      prediction,
      proof: { certificate, value, method },
    };
  }
}

describe.each(TOPOLOGIES)("plans of problem files, $name", (topology) => {
  test("the solver's value is that of predict and of the definitions, and the exported plan is valid and the same", () => {
    let seen = 0;
    for (const subject of subjectsOf(topology, 120)) {
      const { problem, model, objective, proof } = subject;
      const document = unwrap(parsePlan(writePlan(subject)));
      const plan = unwrap(restorePlan(document, model.graph, document.rig));
      expect(checkPlan(problem, plan).errors).toEqual([]);
      const again = unwrap(
        givenProblem({ content: model.given?.problem ?? abstractOf(problem), graph: model.graph, rig: document.rig }),
      );
      const prediction = predict(again, plan);
      const value = proof?.value ?? Number.NaN;
      expect(Math.abs(figureOf(prediction, objective) - value)).toBeLessThanOrEqual(1e-9 * value);
      const naive = naivePrediction(problem, plan);
      for (const name of FIGURES) {
        const predicted = figure(prediction, name);
        expect(Math.abs(predicted - naive[name]), name).toBeLessThanOrEqual(1e-9 * predicted);
      }
      expect(document.proof?.value).toBe(value);
      expect(document.predicted.latencySeconds).toBe(prediction.latencySeconds);
      seen += 1;
    }
    expect(seen).toBeGreaterThan(60);
  });

  test("the exported problem has the same best value, and every other export is written", () => {
    let seen = 0;
    for (const subject of subjectsOf(topology, 24)) {
      const content = unwrap(parseProblemContent(JSON.parse(problemJson.write(subject))));
      const { problem } = unwrap(namedProblem(content));
      const { value } = unwrap(solve(problem, { objective: subject.objective }));
      expect(Math.abs(value - (subject.proof?.value ?? 0))).toBeLessThanOrEqual(1e-9 * value);
      for (const exporter of EXPORTERS) {
        if (exporter.kind === "folder" || exportRefusal(exporter, subject) !== null) continue;
        expect(exporter.write(subject)).not.toMatch(/NaN|undefined|Infinity/);
        expect(exporter.howToRun(subject)).not.toMatch(/MODEL\.onnx/);
      }
      seen += 1;
    }
    expect(seen).toBeGreaterThan(10);
  });
});

test("the figures of a random problem are those of its file", () => {
  // Where there are several ways from device to device, a file's links may be taken in another one.
  const oneWay = TOPOLOGIES.filter(({ name }) => ["chain", "star", "ports"].includes(name));
  expect(oneWay).toHaveLength(3);
  for (const topology of oneWay) {
    for (let seed = 1; seed <= 20; seed++) {
      const constraint = CONSTRAINTS[0];
      if (constraint === undefined) throw new Error("there is a class without constraints");
      const problem = problemOfClass(topology, constraint, seed);
      const file = unwrap(namedProblem(abstractOf(problem))).problem;
      const solution = unwrap(solve(problem, { objective: "latency" }));
      const figures = (of: typeof problem): Record<Figure, number> => naivePrediction(of, solution.plan);
      for (const name of FIGURES) expect(figures(file)[name]).toBeCloseTo(figures(problem)[name], 9);
    }
  }
});
