import { describe, expect, test } from "vitest";
import { csrFrom, item, row } from "../columns.ts";
import type { Limits } from "../plan/objective.ts";
import type { Problem, ProblemDevice, Route } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type RandomProblemOptions, randomProblem } from "../testing/random-problem.ts";
import { solve } from "./solve.ts";
import type { Objective } from "./solver.ts";

const OPTIONS: RandomProblemOptions = { ops: 18, devices: 4, reach: 6, overhead: 2, unsupported: 0.05, power: true };
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

function best(problem: Problem, objective: Objective, limits: Limits = {}): number {
  const { value, certificate } = unwrap(solve(problem, { objective, limits }));
  expect(certificate.status).toBe("optimal");
  return value;
}

function mapRoutes(problem: Problem, change: (route: Route) => Route): Problem {
  return { ...problem, routes: problem.routes.map((routes) => routes.map((route) => route && change(route))) };
}

function scaleRoute(route: Route, bytes: number, latency: number, energy = 1): Route {
  return {
    latency: route.latency * latency,
    secondsPerByte: route.secondsPerByte * bytes,
    hops: route.hops.map((hop) => ({
      ...hop,
      latency: hop.latency * latency,
      secondsPerByte: hop.secondsPerByte * bytes,
      joulesPerByte: hop.joulesPerByte * energy,
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

/** The problem with each op in two: one that takes its time, and one of no time that hands on what it wrote. */
function withHalves(problem: Problem, isCuttable: boolean): Problem {
  const { opCount, tensorCount } = problem;
  const rows = (csr: Problem["opInputs"], count: number) => Array.from({ length: count }, (_, i) => [...row(csr, i)]);
  const twice = <T>(list: Iterable<T>, second: (value: T) => T) => [...list].flatMap((value) => [value, second(value)]);
  const between = (op: number) => tensorCount + op;
  const inputs = rows(problem.opInputs, opCount);
  const outputs = rows(problem.opOutputs, opCount);
  const added = <T>(list: Iterable<T>, value: T) => [...list, ...Array.from({ length: opCount }, () => value)];
  return {
    ...mapDevices(problem, (device) => ({
      ...device,
      // The second half runs where the first does.
      opSeconds: Float64Array.from(twice(device.opSeconds, (value) => (value < Number.POSITIVE_INFINITY ? 0 : value))),
      barred: Uint8Array.from(twice(device.barred, (value) => value)),
    })),
    opCount: 2 * opCount,
    tensorCount: tensorCount + opCount,
    opInputs: csrFrom(inputs.flatMap((list, op) => [list, [between(op)]])),
    opOutputs: csrFrom(outputs.flatMap((list, op) => [[between(op)], list])),
    opWeights: csrFrom(rows(problem.opWeights, opCount).flatMap((list) => [list, []])),
    tensorProducer: Int32Array.from([
      ...problem.tensorProducer.map((op) => (op < 0 ? op : 2 * op + 1)),
      ...Array.from({ length: opCount }, (_, op) => 2 * op),
    ]),
    tensorConsumers: csrFrom([
      ...rows(problem.tensorConsumers, tensorCount).map((readers) => readers.map((op) => 2 * op)),
      ...Array.from({ length: opCount }, (_, op) => [2 * op + 1]),
    ]),
    tensorMemoryBytes: Float64Array.from(added(problem.tensorMemoryBytes, 0)),
    tensorWireBytes: Float64Array.from(added(problem.tensorWireBytes, 0)),
    uncuttable: Uint8Array.from(added(problem.uncuttable, isCuttable ? 0 : 1)),
    groupOf: Int32Array.from(twice(problem.groupOf, (group) => group)),
  };
}

/** The same devices in another order, the source somewhere else in the list too. */
function reordered(problem: Problem): Problem {
  const { devices, routes } = problem;
  const order = devices.map((_, device) => (device + 1) % devices.length);
  const place = (device: number) => order.indexOf(device);
  return {
    ...problem,
    devices: order.map((device) => item(devices, device)),
    routes: order.map((from) => order.map((to) => routes[from]?.[to] ?? null)),
    source: place(problem.source),
    sink: place(problem.sink),
  };
}

/** The problem with a fifth device: the fourth, twice as fast and idle for nothing, with the fourth's links. */
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
    { ...fast, id: "fast", idleWatts: 0, opSeconds: fast.opSeconds.map((seconds) => seconds / 2) },
  ];
  return { ...problem, devices, routes };
}

const MIX = { mix: { latency: 1, energy: 0.25, traffic: 0.1 } } as const;
const PERIOD_MIX = { mix: { latency: 0.5, period: 2 } } as const;
const GOALS: readonly (readonly [string, Objective, Partial<RandomProblemOptions>])[] = [
  ["latency", "latency", {}],
  ["period", "period", {}],
  ["period, nothing overlaps", "period", { ops: 12, devices: 3, conditions: { overlap: false } }],
  ["energy", "energy", {}],
  ["traffic", "traffic", { unsupported: 0.3 }],
  ["a mix", MIX, {}],
  ["a mix with the period", PERIOD_MIX, { ops: 4, devices: 3 }],
];

describe.each(GOALS)("%s", (_, objective, particular) => {
  const options: RandomProblemOptions = { ...OPTIONS, ...particular };

  test("all costs three times as high: the optimum too", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, options);
      const dear = mapDevices(
        // Bytes are three times as many, and each takes the time and energy that it took.
        {
          ...mapRoutes(problem, (route) => scaleRoute(route, 1, 3)),
          tensorWireBytes: problem.tensorWireBytes.map((b) => 3 * b),
        },
        (device) => ({
          ...device,
          stageOverheadSeconds: 3 * device.stageOverheadSeconds,
          opSeconds: device.opSeconds.map((seconds) => 3 * seconds),
        }),
      );
      const value = best(problem, objective);
      expect(Math.abs(best(dear, objective) - 3 * value)).toBeLessThanOrEqual(3e-9 * value);
    }
  });

  test("another reader of a tensor that is read already costs nothing", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, { ...options, unsupported: 0, topology: "chain" });
      const value = best(problem, objective);
      expect(Math.abs(best(withIdleReaders(problem), objective) - value)).toBeLessThanOrEqual(1e-9 * value);
    }
  });

  test("faster links, or one more device, never make it worse", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, options);
      const value = best(problem, objective);
      const faster = mapRoutes(problem, (route) => scaleRoute(route, 0.6, 0.8, 0.9));
      expect(best(faster, objective)).toBeLessThanOrEqual(value * (1 + 1e-9));
      expect(best(withFasterDevice(problem), objective)).toBeLessThanOrEqual(value * (1 + 1e-9));
    }
  });

  test("ops in two halves: the same where no cut may part them, never worse where one of no bytes may", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, { ...options, ops: Math.min(options.ops, 8) });
      const value = best(problem, objective);
      expect(Math.abs(best(withHalves(problem, false), objective) - value)).toBeLessThanOrEqual(1e-9 * value);
      expect(best(withHalves(problem, true), objective)).toBeLessThanOrEqual(value * (1 + 1e-9));
    }
  });

  test("devices in another order: the same", () => {
    for (const seed of SEEDS) {
      const problem = randomProblem(seed, options);
      const value = best(problem, objective);
      expect(Math.abs(best(reordered(problem), objective) - value)).toBeLessThanOrEqual(1e-9 * value);
    }
  });

  test("a constraint or a limit that is lifted never makes it worse", () => {
    let bound = 0;
    for (const seed of SEEDS) {
      const free = randomProblem(seed, { ...options, ops: 8, devices: 3, unsupported: 0 });
      const limitedLinks = free.linkMaxBytes.map((_, link) => (link % 2 === 0 ? 20 : Number.POSITIVE_INFINITY));
      const kept = mapDevices(free, (device) => ({
        ...device,
        barred: device.barred.map((_, op) => (op === seed % 8 && device !== item(free.devices, seed % 3) ? 1 : 0)),
      }));
      const constrained: Problem = {
        ...kept,
        maxStages: 2,
        groupOf: free.groupOf.map((_, op) => (op === 1 || op === 6 ? 0 : -1)),
        linkMaxBytes: limitedLinks,
      };
      const limits = { latency: 3 * best(free, "latency"), traffic: 10 * best(free, "traffic") + 200 };
      const all = solve(constrained, { objective, limits });
      if (!all.ok) continue;
      expect(all.value.certificate.status).toBe("optimal");
      const atMost = all.value.value * (1 + 1e-9);
      const lifted: readonly Problem[] = [
        { ...constrained, devices: free.devices },
        { ...constrained, maxStages: Number.POSITIVE_INFINITY },
        { ...constrained, groupOf: free.groupOf },
        { ...constrained, linkMaxBytes: free.linkMaxBytes },
      ];
      for (const problem of lifted) expect(best(problem, objective, limits)).toBeLessThanOrEqual(atMost);
      expect(best(constrained, objective)).toBeLessThanOrEqual(atMost);
      const unbound = best(free, objective);
      expect(unbound).toBeLessThanOrEqual(atMost);
      if (unbound < all.value.value * (1 - 1e-6)) bound += 1;
    }
    expect(bound).toBeGreaterThan(2);
  });
});
