import { at, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";

/**
 * Every way to order one or more of the problem's devices with the source first, as device numbers. With `length`
 * only the sequences of at most that many devices. 65 for 5 devices, 326 for 6.
 */
export function* deviceSequences(problem: Problem, length = problem.devices.length): Generator<readonly number[]> {
  const pending: number[][] = [[problem.source]];
  for (const sequence of pending) {
    yield sequence;
    if (sequence.length >= length) continue;
    for (const device of problem.devices.keys()) if (!sequence.includes(device)) pending.push([...sequence, device]);
  }
}

/**
 * Every plan whose stages run on `sequence`: each assignment in which stages never fall along an edge and every
 * stage but the first holds an op. Up to stages^ops plans: for graphs of about 10 ops and 4 stages.
 */
export function* allPlans(problem: Problem, sequence: readonly number[]): Generator<Plan> {
  const { opCount } = problem;
  const last = sequence.length - 1;
  const stageOf = new Int32Array(opCount).fill(-1);
  const earliest = (op: number) => {
    let stage = 0;
    for (const tensor of row(problem.opInputs, op)) {
      const producer = at(problem.tensorProducer, tensor);
      if (producer >= 0) stage = Math.max(stage, at(stageOf, producer));
    }
    return stage;
  };
  let op = 0;
  while (op >= 0) {
    if (op === opCount) {
      const used = new Set(stageOf);
      if (sequence.every((_, stage) => stage === 0 || used.has(stage)))
        yield { stages: sequence, stageOf: stageOf.slice() };
      op -= 1;
      continue;
    }
    const before = at(stageOf, op);
    const next = before < 0 ? earliest(op) : before + 1;
    if (next > last) {
      stageOf[op] = -1;
      op -= 1;
    } else {
      stageOf[op] = next;
      op += 1;
    }
  }
}

export interface BruteForceResult {
  readonly plan: Plan;
  readonly value: number;
  /** Plans that were evaluated. */
  readonly plans: number;
}

/**
 * The best plan over the given sequences by trying all of them; of equals the first. Null where every plan has the
 * value Infinity.
 */
export function bestByBruteForce(
  problem: Problem,
  evaluate: (plan: Plan) => number,
  sequences: Iterable<readonly number[]> = deviceSequences(problem),
): BruteForceResult | null {
  let best: Plan | null = null;
  let value = Number.POSITIVE_INFINITY;
  let plans = 0;
  for (const sequence of sequences) {
    for (const plan of allPlans(problem, sequence)) {
      plans += 1;
      const here = evaluate(plan);
      if (here >= value) continue;
      best = plan;
      value = here;
    }
  }
  return best === null ? null : { plan: best, value, plans };
}
