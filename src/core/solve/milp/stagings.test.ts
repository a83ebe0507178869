import { expect, test } from "vitest";
import { item } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import { CONSTRAINTS, everyPlan, problemOfClass, TOPOLOGIES } from "../../testing/problem-classes.ts";
import { stagings } from "./stagings.ts";

const textOf = ({ stages, stageOf }: Plan) => `${stages.join()} ${stageOf.join()}`;
const devicesOf = ({ stages, stageOf }: Plan) => stageOf.map((stage) => item(stages, stage));

test("every plan of an assignment once, long stages first; cut short it says so", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const problem = problemOfClass(item(TOPOLOGIES, 5), item(CONSTRAINTS, 0), seed);
    const byAssignment = new Map<string, Plan[]>();
    for (const plan of everyPlan(problem)) {
      const key = devicesOf(plan).join();
      byAssignment.set(key, [...(byAssignment.get(key) ?? []), plan]);
    }
    for (const plans of byAssignment.values()) {
      const deviceOf = devicesOf(item(plans, 0));
      const all = [...stagings(problem, deviceOf, 1000)].map(textOf);
      expect(new Set(all)).toEqual(new Set(plans.map(textOf)));
      expect(all).toHaveLength(plans.length);
      const short = stagings(problem, deviceOf, 1);
      const answers = [];
      for (let next = short.next(); ; next = short.next()) {
        answers.push(next.value);
        if (next.done === true) break;
      }
      expect(answers.at(-1)).toBe(false);
    }
  }
});
