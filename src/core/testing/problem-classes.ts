import { item } from "../columns.ts";
import type { Figure, Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import type { Delivery, Problem, Route } from "../plan/problem.ts";
import { allPlans, deviceSequences } from "./brute-force.ts";
import { sequencesWithReturns } from "./constrained-problem.ts";
import { createRandom } from "./random.ts";
import { type RandomProblemOptions, randomProblem } from "./random-problem.ts";

/**
 * Small random problems of every class that there is a promise for: what is asked for, under which constraint, over which
 * topology. Links always differ by direction, and any device but the source may stay unused.
 */

interface Topology {
  readonly name: string;
  readonly delivery: Delivery;
  readonly options: (seed: number) => Partial<RandomProblemOptions>;
  /** Whether devices 1 and up are copies of one, joined alike. */
  readonly alike?: true;
}

export const TOPOLOGIES: readonly Topology[] = [
  { name: "chain", delivery: "relayed", options: () => ({ topology: "chain", overhead: 1 }) },
  { name: "any order of any subset", delivery: "relayed", options: () => ({ overhead: 1 }) },
  { name: "shared medium", delivery: "relayed", options: () => ({ sharedMedium: 0.7, overhead: 1 }) },
  { name: "devices alike", delivery: "relayed", options: () => ({ devices: 4, ops: 3 }), alike: true },
  // The hub in the middle, or a device on a ray, is where inputs are born.
  { name: "star", delivery: "direct", options: (seed) => ({ topology: "chain", source: seed % 3 }) },
  { name: "mesh", delivery: "direct", options: () => ({ sharedMedium: 0.3 }) },
  { name: "ports", delivery: "port", options: () => ({ ports: true }) },
];

interface Constraint {
  readonly name: string;
  readonly options: Partial<RandomProblemOptions>;
  readonly memory?: true;
  /** Some devices run nothing, and some first ops stay on the source. */
  readonly barring?: true;
  readonly stages?: true;
  /** Limits on one or two other figures. */
  readonly limits?: true;
  /** What limits links says nothing of ports. */
  readonly ofLinks?: true;
}

export const CONSTRAINTS: readonly Constraint[] = [
  { name: "none", options: {} },
  { name: "unsupported ops, unknown sizes", options: { unsupported: 0.3, unknownSizes: 0.15 } },
  { name: "pins, devices left out, first ops on the source", options: { pinned: 0.2 }, barring: true },
  { name: "at most K stages", options: {}, stages: true },
  { name: "groups", options: { groupCount: 2 } },
  { name: "bytes on links", options: { limitedLinks: 0.6 }, ofLinks: true },
  { name: "memory, with shared weights and queues", options: { constants: 3 }, memory: true },
  { name: "on-chip memory", options: { constants: 4, spill: true } },
  { name: "limits on other figures", options: {}, limits: true },
  {
    name: "all at once",
    options: { constants: 3, pinned: 0.1, groupCount: 1, limitedLinks: 0.2, unsupported: 0.1 },
    memory: true,
    stages: true,
    limits: true,
  },
];

/** What is asked for, and whether devices compute while they send. */
export const OBJECTIVES: readonly {
  readonly name: string;
  readonly objective: Objective;
  readonly overlap: boolean;
}[] = [
  { name: "latency", objective: "latency", overlap: true },
  { name: "period", objective: "period", overlap: true },
  { name: "period, nothing overlaps", objective: "period", overlap: false },
  { name: "energy", objective: "energy", overlap: true },
  { name: "traffic", objective: "traffic", overlap: true },
  { name: "a mix", objective: { mix: { latency: 1, energy: 0.25, traffic: 0.1 } }, overlap: true },
  { name: "a mix with the period", objective: { mix: { latency: 0.5, period: 2, energy: 0.1 } }, overlap: true },
];

/** Whether a class makes sense. */
export const isClass = (topology: Topology, constraint: Constraint): boolean =>
  constraint.ofLinks !== true || topology.delivery !== "port";

/** Devices 2 and up as copies of device 1, and the ways between them too. */
function withCopies(problem: Problem): Problem {
  const model = (from: number, to: number) => [Math.min(from, 1), to === 0 ? 0 : from === 0 ? 1 : 2] as const;
  const routes = problem.routes.map((row, from) =>
    row.map((route, to): Route | null => {
      if (from === to || route === null) return route;
      const [a, b] = model(from, to);
      const [hop] = problem.routes[a]?.[b]?.hops ?? [];
      const [own] = route.hops;
      if (hop === undefined || own === undefined) return null;
      const hops = [{ ...hop, link: own.link, direction: own.direction, resource: own.resource }];
      return { hops, latency: hop.latency, secondsPerByte: hop.secondsPerByte };
    }),
  );
  const devices = problem.devices.map((device, number) => ({
    ...item(problem.devices, Math.min(number, 1)),
    id: device.id,
    barred: device.barred,
  }));
  return { ...problem, devices, routes };
}

function barred(problem: Problem, seed: number): Problem {
  const left = seed % 3 === 0 ? 1 + (seed % (problem.devices.length - 1)) : -1;
  const first = seed % 3 === 1 ? 1 : 0;
  const devices = problem.devices.map((device, number) => ({
    ...device,
    barred: device.barred.map((own, op) =>
      (number === left && number !== problem.source) || (number !== problem.source && op < first) ? 1 : own,
    ),
  }));
  return { ...problem, devices };
}

function cramped(problem: Problem, seed: number): Problem {
  const random = createRandom(seed ^ 0xca4);
  const weights = item(problem.devices, 0).weightBytes.reduce((sum, size) => sum + size, 0);
  const most = weights + problem.tensorMemoryBytes.reduce((sum, size) => sum + size, 0);
  const devices = problem.devices.map((device) => ({
    ...device,
    memoryBytes: random.integer(Math.ceil(0.3 * most), Math.ceil(1.1 * most)),
  }));
  return { ...problem, devices, queuedFrames: seed % 3 };
}

/** A problem of a class, of 3 or 4 ops on 3 or 4 devices. */
export function problemOfClass(topology: Topology, constraint: Constraint, seed: number): Problem {
  const problem = randomProblem(seed, {
    ops: 3 + (seed % 2),
    devices: 3,
    power: true,
    ...topology.options(seed),
    ...constraint.options,
    conditions: {
      delivery: topology.delivery,
      ...(constraint.stages === true ? { maxStages: 1 + (seed % 3) } : {}),
    },
  });
  const copied = topology.alike === true ? withCopies(problem) : problem;
  const kept = constraint.barring === true ? barred(copied, seed) : copied;
  return constraint.memory === true ? cramped(kept, seed) : kept;
}

/** Every plan there is; with "direct" and "port" delivery also those that return to a device. */
export function* everyPlan(problem: Problem): Generator<Plan> {
  const sequences =
    problem.delivery === "relayed" ? deviceSequences(problem) : sequencesWithReturns(problem, problem.opCount + 1);
  for (const sequence of sequences) yield* allPlans(problem, sequence);
}

/** Limits on figures other than the objective: each lies between those of plans, so that it cuts. */
export function limitsFor(
  { objective }: (typeof OBJECTIVES)[number],
  plans: readonly Readonly<Record<Figure, number>>[],
  seed: number,
): Partial<Record<Figure, number>> {
  const random = createRandom(seed ^ 0x11);
  const figures = (["latency", "period", "energy", "traffic"] as const).filter((name) => name !== objective);
  const first = random.integer(0, figures.length - 1);
  const chosen = random.chance(0.5) ? [first] : [first, (first + 1) % figures.length];
  const limits: Partial<Record<Figure, number>> = {};
  for (const index of chosen) {
    const name = item(figures, index);
    const values = plans.map((plan) => plan[name]).sort((a, b) => a - b);
    const value = values[random.integer(0, Math.floor(values.length / 2))];
    // Beside a value, so that rounding decides nothing.
    if (value !== undefined) limits[name] = value * 1.001 + 1e-6;
  }
  return limits;
}
