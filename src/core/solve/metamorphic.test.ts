import { describe, expect, test } from "vitest";
import { csrFrom, item, row } from "../columns.ts";
import type { Problem, ProblemDevice, Route } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { solve } from "./solve.ts";
import type { Objective } from "./solver.ts";

const OPTIONS: RandomProblemOptions = { ops: 18, devices: 4, reach: 6, overhead: 2, unsupported: 0.05 };
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

function best(problem: Problem, objective: Objective): number {
  const { value, certificate } = unwrap(solve(problem, { objective }));
  expect(certificate.status).toBe("optimal");
  return value;
}

function mapRoutes(problem: Problem, change: (route: Route) => Route): Problem {
  return { ...problem, routes: problem.routes.map((routes) => routes.map((route) => route && change(route))) };
}

function scaleRoute(route: Route, bytes: number, latency: number): Route {
  return {
    latency: route.latency * latency,
    secondsPerByte: route.secondsPerByte * bytes,
    hops: route.hops.map((hop) => ({
      ...hop,
      latency: hop.latency * latency,
      secondsPerByte: hop.secondsPerByte * bytes,
    })),
  };
}

function mapDevices(problem: Problem, change: (device: ProblemDevice) => ProblemDevice): Problem {
  return { ...problem, devices: problem.devices.map(change) };
}

/** The problem with each tensor read by several ops also read by one more op of no work that writes nothing. */
function withIdleReaders(problem: Problem): Problem {
  const rows = (csr: Problem["opInputs"], count: number) => Array.from({ length: count }, (_, i) => [...row(csr, i)]);
  const read = rows(problem.tensorConsumers, problem.tensorCount);
  const inputs = rows(problem.opInputs, problem.opCount);
  for (const [tensor, readers] of read.entries()) {
    if (readers.length < 2 || (problem.tensorProducer[tensor] ?? -1) < 0) continue;
    // Next to the last reader: in its stage it adds nothing.
    readers.push(inputs.length);
    inputs.push([tensor]);
  }
  const added = inputs.length - problem.opCount;
  const more = <T>(list: T[], value: T) => [...list, ...Array.from({ length: added }, () => value)];
  return {
    ...mapDevices(problem, (device) => ({ ...device, opSeconds: Float64Array.from(more([...device.opSeconds], 0)) })),
    opCount: inputs.length,
    opInputs: csrFrom(inputs),
    opOutputs: csrFrom(more<readonly number[]>(rows(problem.opOutputs, problem.opCount), [])),
    opWeights: csrFrom(more<readonly number[]>(rows(problem.opWeights, problem.opCount), [])),
    tensorConsumers: csrFrom(read),
  };
}

/** The problem with a fifth device: the fourth, twice as fast, with the fourth's links. */
function withFasterDevice(problem: Problem): Problem {
  const model = problem.devices.length - 1;
  const fast = item(problem.devices, model);
  const source = (device: number) => (device === model + 1 ? model : device);
  const numbers = Array.from({ length: model + 2 }, (_, device) => device);
  const here: Route = { hops: [], latency: 0, secondsPerByte: 0 };
  const routes = numbers.map((from) =>
    numbers.map((to) => {
      if (source(from) !== source(to)) return problem.routes[source(from)]?.[source(to)] ?? null;
      return from === to ? here : null;
    }),
  );
  const devices = [
    ...problem.devices,
    { ...fast, id: "fast", opSeconds: fast.opSeconds.map((seconds) => seconds / 2) },
  ];
  return { ...problem, devices, routes };
}

describe.each(["latency", "period"] as const)("%s", (objective) => {
  test("all times three times as long: the optimum too", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, OPTIONS);
      const slow = mapDevices(
        mapRoutes(problem, (route) => scaleRoute(route, 3, 3)),
        (device) => ({
          ...device,
          stageOverheadSeconds: 3 * device.stageOverheadSeconds,
          opSeconds: device.opSeconds.map((seconds) => 3 * seconds),
        }),
      );
      const value = best(problem, objective);
      expect(Math.abs(best(slow, objective) - 3 * value)).toBeLessThanOrEqual(3e-9 * value);
    }
  });

  test("another reader of a tensor that is read already costs nothing", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, { ...OPTIONS, unsupported: 0, topology: "chain" });
      const value = best(problem, objective);
      expect(Math.abs(best(withIdleReaders(problem), objective) - value)).toBeLessThanOrEqual(1e-9 * value);
    }
  });

  test("faster links, or one more device, never make it worse", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, OPTIONS);
      const value = best(problem, objective);
      const faster = mapRoutes(problem, (route) => scaleRoute(route, 0.6, 0.8));
      expect(best(faster, objective)).toBeLessThanOrEqual(value * (1 + 1e-9));
      expect(best(withFasterDevice(problem), objective)).toBeLessThanOrEqual(value * (1 + 1e-9));
    }
  });
});
