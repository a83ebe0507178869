import { FIGURES, type Figure, type Limits, type Objective } from "../plan/objective.ts";
import type { Plan } from "../plan/plan.ts";
import type { Delivery, Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figure, figureOf, isAdmissible } from "../predict/prediction.ts";
import { allPlans, type BruteForceResult, bestByBruteForce, deviceSequences } from "./brute-force.ts";
import { createRandom } from "./random.ts";
import { type RandomProblemOptions, randomProblem } from "./random-problem.ts";

/** Which kinds of constraints a random problem can have; each comes in some of the seeds, so that they meet in all mixes. */
export interface ConstraintOptions extends RandomProblemOptions {
  readonly memoryCaps?: boolean;
  readonly stageCaps?: boolean;
  readonly linkCaps?: boolean;
  readonly coLocated?: boolean;
  readonly pins?: boolean;
  readonly queues?: boolean;
  readonly noOverlap?: boolean;
  readonly delivery?: Delivery;
}

/** A random problem with power on devices and links, and random constraints of the kinds asked for. */
export function constrainedProblem(seed: number, options: ConstraintOptions): Problem {
  const random = createRandom(seed ^ 0xcafe);
  const some = (on: boolean | undefined) => on === true && random.chance(0.4);
  const base = randomProblem(seed, {
    ...options,
    power: true,
    ports: options.delivery === "port",
    pinned: some(options.pins) ? 0.15 : 0,
    groupCount: some(options.coLocated) ? 1 : 0,
    limitedLinks: some(options.linkCaps) ? 0.4 : 0,
  });
  const weights = base.devices[0]?.weightBytes.reduce((sum, size) => sum + size, 0) ?? 0;
  const most = weights + base.tensorMemoryBytes.reduce((sum, size) => sum + size, 0);
  const memory = some(options.memoryCaps);
  const cap = () => random.integer(Math.ceil(0.2 * most), Math.ceil(most));
  return {
    ...base,
    devices: memory ? base.devices.map((device) => ({ ...device, memoryBytes: cap() })) : base.devices,
    maxStages: some(options.stageCaps) ? random.integer(1, 3) : Number.POSITIVE_INFINITY,
    overlap: !some(options.noOverlap),
    queuedFrames: some(options.queues) ? random.integer(1, 2) : 0,
    delivery: options.delivery ?? "relayed",
  };
}

/** A figure or a mix, by the seed. */
export function someObjective(seed: number): Objective {
  const random = createRandom(seed ^ 0x0b1);
  const name = FIGURES[seed % 5];
  if (name !== undefined) return name;
  return {
    mix: { latency: 1, period: random.integer(0, 3), energy: random.integer(0, 2) / 4, traffic: random.next() / 8 },
  };
}

/** Limits on one or two figures of a problem: between the figures of two random plans, so that they mostly cut. */
export function someLimits(seed: number, problem: Problem, plans: readonly Plan[]): Limits {
  const random = createRandom(seed ^ 0x71e);
  const limits: Partial<Record<Figure, number>> = {};
  for (const name of FIGURES) {
    if (!random.chance(0.35) || plans.length === 0) continue;
    const values = plans
      .map((plan) => figure(predict(problem, plan), name))
      .filter((value) => value < Number.POSITIVE_INFINITY)
      .sort((a, b) => a - b);
    const at = values[random.integer(0, Math.floor(values.length / 2))];
    // Between values, so that rounding decides nothing.
    if (at !== undefined) limits[name] = at * 1.001 + 1e-6;
  }
  return limits;
}

/** Sequences of devices, the source first, in which a device may come again, but not after itself. */
export function* sequencesWithReturns(problem: Problem, length: number): Generator<readonly number[]> {
  const pending: number[][] = [[problem.source]];
  for (const sequence of pending) {
    yield sequence;
    if (sequence.length >= length) continue;
    for (const device of problem.devices.keys()) if (device !== sequence.at(-1)) pending.push([...sequence, device]);
  }
}

/** The best plan within constraints and limits, by trying all; with "direct" and "port" delivery also those that return. */
export function bestAdmissible(problem: Problem, objective: Objective, limits: Limits): BruteForceResult | null {
  const evaluate = (plan: Plan) => {
    const prediction = predict(problem, plan);
    return isAdmissible(prediction, limits) ? figureOf(prediction, objective) : Number.POSITIVE_INFINITY;
  };
  const sequences =
    problem.delivery === "relayed" ? deviceSequences(problem) : sequencesWithReturns(problem, problem.opCount + 1);
  return bestByBruteForce(problem, evaluate, sequences);
}

/** Some plans of a problem, among them whole and split ones. */
export function somePlans(seed: number, problem: Problem, count: number): readonly Plan[] {
  const random = createRandom(seed ^ 0x9a7);
  const all: Plan[] = [];
  for (const sequence of deviceSequences(problem)) {
    for (const plan of allPlans(problem, sequence)) all.push(plan);
  }
  return Array.from({ length: Math.min(count, all.length) }, () => all[random.integer(0, all.length - 1)]).filter(
    (plan) => plan !== undefined,
  );
}
