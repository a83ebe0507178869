import { describe, expect, test } from "vitest";
import { at, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { checkPlan } from "../plan/validity.ts";
import { unwrap } from "../result.ts";
import { bestByBruteForce } from "../testing/brute-force.ts";
import { createRandom } from "../testing/random.ts";
import { randomProblem } from "../testing/random-problem.ts";
import { periodPortsSolver } from "./period-ports.ts";
import { solve } from "./solve.ts";

/**
 * The period of a plan from the definition, tensor by tensor, sharing no code with prediction or solver: a tensor is sent
 * once by its producer's device (the source for an input) and received once by each other device that reads it, or that
 * is the sink of an output. Infinity where the plan cannot run or breaks a group, a bar, the memory or the stage limit.
 */
function naivePeriod(problem: Problem, plan: Plan): number {
  const deviceOf = (op: number) => item(plan.stages, at(plan.stageOf, op));
  const busy = problem.devices.map(() => ({ compute: 0, port: 0 }));
  const groups = new Map<number, number>();
  for (let op = 0; op < problem.opCount; op++) {
    const number = deviceOf(op);
    const { opSeconds, barred } = item(problem.devices, number);
    if (barred[op] === 1) return Number.POSITIVE_INFINITY;
    item(busy, number).compute += at(opSeconds, op);
    const group = at(problem.groupOf, op);
    if (group >= 0 && (groups.get(group) ?? number) !== number) return Number.POSITIVE_INFINITY;
    if (group >= 0) groups.set(group, number);
  }
  const used = new Set(plan.stageOf);
  if (used.size > problem.maxStages) return Number.POSITIVE_INFINITY;
  for (const stage of used) {
    const number = item(plan.stages, stage);
    item(busy, number).compute += item(problem.devices, number).stageOverheadSeconds;
  }
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    const from = producer < 0 ? problem.source : deviceOf(producer);
    const readers = new Set([...row(problem.tensorConsumers, tensor)].map(deviceOf));
    if (readers.size - (readers.has(from) ? 1 : 0) > 0 && problem.uncuttable[tensor] === 1) {
      return Number.POSITIVE_INFINITY;
    }
    if (problem.outputs.includes(tensor)) readers.add(problem.sink);
    readers.delete(from);
    const bytes = at(problem.tensorWireBytes, tensor);
    if (readers.size > 0) item(busy, from).port += bytes * (item(problem.devices, from).port?.sendSecondsPerByte ?? 0);
    for (const to of readers) {
      item(busy, to).port += bytes * (item(problem.devices, to).port?.receiveSecondsPerByte ?? 0);
    }
  }
  return Math.max(...busy.map(({ compute, port }) => (problem.overlap ? Math.max(compute, port) : compute + port)));
}

interface Kind {
  readonly name: string;
  readonly overlap: boolean;
  readonly groups?: boolean;
  readonly alike?: boolean;
  readonly stages?: number;
  readonly barred?: boolean;
  readonly unknownSizes?: number;
  readonly unsupported?: number;
}

/** A random problem of up to 5 ops and 4 devices, one port each, some of them free. */
function portProblem(seed: number, kind: Kind): Problem {
  const random = createRandom(seed ^ 0xf00d);
  const devices = kind.alike === true ? 4 : random.integer(2, 3);
  const { unsupported = 0, unknownSizes = 0 } = kind;
  const ops = kind.alike === true ? 4 : random.integer(2, 5);
  const options = { ops, devices, unsupported, unknownSizes, overhead: random.chance(0.5) ? 1 : 0 };
  const base = randomProblem(seed, options);
  const rate = () => random.integer(0, 6) / 8;
  const ports = base.devices.map(() =>
    random.chance(0.2) ? null : { sendSecondsPerByte: rate(), receiveSecondsPerByte: rate() },
  );
  const groups = Int32Array.from({ length: ops }, () => (random.chance(0.5) ? random.integer(0, 1) : -1));
  const barred = (device: number) =>
    Uint8Array.from({ length: ops }, () => (kind.barred === true && device > 0 && random.chance(0.3) ? 1 : 0));
  return {
    ...base,
    devices: base.devices.map((device, number) => {
      // Devices 1 and 2, and where four are alike 3 as well, are copies of one.
      const model = kind.alike === true && number > 1 ? 1 : number;
      const like = item(base.devices, model);
      return { ...like, id: device.id, port: item(ports, model), barred: barred(number) };
    }),
    groupOf: kind.groups === true ? groups : base.groupOf,
    maxStages: kind.stages ?? Number.POSITIVE_INFINITY,
    delivery: "port",
    overlap: kind.overlap,
  };
}

const KINDS: readonly Kind[] = [false, true].flatMap((overlap) => [
  { name: "ports", overlap },
  { name: "ports, groups", overlap, groups: true },
  { name: "ports, devices alike", overlap, alike: true },
  { name: "ports, two stages at most", overlap, stages: 2 },
  { name: "ports, barred and unsupported ops", overlap, barred: true, unsupported: 0.2 },
  { name: "ports, unknown sizes", overlap, unknownSizes: 0.15, groups: true },
]);

describe.each(KINDS)("$name, overlap $overlap: as good as the best of all plans", (kind) => {
  test("on 300 random problems", () => {
    let solved = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const problem = portProblem(seed, kind);
      const best = bestByBruteForce(problem, (plan) => naivePeriod(problem, plan));
      const solution = periodPortsSolver.solve(problem, { objective: "period" });
      if (best === null) {
        expect(solution.ok, `seed ${seed}`).toBe(false);
        continue;
      }
      solved += 1;
      const { value, plan, certificate } = unwrap(solution);
      expect(Math.abs(value - best.value), `seed ${seed}: ${value} for ${best.value}`).toBeLessThanOrEqual(
        1e-9 * Math.max(1, best.value),
      );
      expect(certificate.status, `seed ${seed}`).toBe("optimal");
      expect(certificate.bound).toBeLessThanOrEqual(best.value * (1 + 1e-12));
      expect(checkPlan(problem, plan).errors).toEqual([]);
      expect(naivePeriod(problem, plan)).toBeCloseTo(value, 9);
    }
    expect(solved).toBeGreaterThan(150);
  });
});

test("is the method that is taken for a period of ports, and for nothing else", () => {
  const problem = portProblem(1, { name: "", overlap: false });
  const { method, value } = unwrap(solve(problem, { objective: "period" }));
  expect(method).toContain("one port per device");
  expect(value).toBe(unwrap(periodPortsSolver.solve(problem, { objective: "period" })).value);
  expect(periodPortsSolver.handles(problem, { objective: "latency" })).toBe(false);
  expect(periodPortsSolver.handles({ ...problem, delivery: "relayed" }, { objective: "period" })).toBe(false);
});

test("ends when it is told to, with what it has", () => {
  const problem = portProblem(3, { name: "", overlap: false });
  const { certificate, plan } = unwrap(
    periodPortsSolver.solve(problem, { objective: "period", shouldStop: () => true }),
  );
  expect(certificate.status).toBe("best-found");
  expect(certificate.bound).toBe(0);
  expect(checkPlan(problem, plan).errors).toEqual([]);
});
