import { at, i32, row } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import { normalisePlan } from "../../plan/plan-edit.ts";
import type { Problem } from "../../plan/problem.ts";

/** What an enumeration may look at, in stages that are tried. */
interface Effort {
  left: number;
}

/**
 * The ways to run an assignment of ops to devices: every sequence of stages, each of ops of one device that can run by
 * then, no two in a row on one device. Long stages come first. Ends after `most` stages have been tried; returns whether
 * that were all. Memory and the number of stages differ from way to way, bytes do not.
 */
export function* stagings(problem: Problem, deviceOf: Int32Array, most: number): Generator<Plan, boolean> {
  const effort = { left: most };
  const search = new Staging(problem, deviceOf, effort);
  yield* search.from(-1, 0);
  return effort.left > 0;
}

class Staging {
  readonly #problem: Problem;
  readonly #deviceOf: Int32Array;
  readonly #effort: Effort;
  readonly #stageOf: Int32Array;
  readonly #stages: number[] = [];

  constructor(problem: Problem, deviceOf: Int32Array, effort: Effort) {
    this.#problem = problem;
    this.#deviceOf = deviceOf;
    this.#effort = effort;
    this.#stageOf = new Int32Array(problem.opCount).fill(-1);
  }

  /** Goes on behind a stage on `device`, after `done` ops. */
  *from(device: number, done: number): Generator<Plan> {
    if (done === this.#problem.opCount) {
      yield normalisePlan(this.#problem, { stages: [...this.#stages], stageOf: this.#stageOf.slice() });
      return;
    }
    for (const next of this.#problem.devices.keys()) {
      if (next === device) continue;
      this.#stages.push(next);
      yield* this.#fill(next, 0, 0, done);
      this.#stages.pop();
    }
  }

  /** Takes ops from number `op` on into the stage that was begun, which has `taken`, or leaves them out. */
  *#fill(device: number, op: number, taken: number, done: number): Generator<Plan> {
    if (this.#effort.left <= 0) return;
    const stage = this.#stages.length - 1;
    let next = op;
    while (next < this.#problem.opCount && !this.#isReady(next, device)) next += 1;
    if (next >= this.#problem.opCount) {
      if (taken === 0) return;
      this.#effort.left -= 1;
      yield* this.from(device, done);
      return;
    }
    this.#stageOf[next] = stage;
    yield* this.#fill(device, next + 1, taken + 1, done + 1);
    this.#stageOf[next] = -1;
    yield* this.#fill(device, next + 1, taken, done);
  }

  #isReady(op: number, device: number): boolean {
    if (i32(this.#stageOf, op) >= 0 || i32(this.#deviceOf, op) !== device) return false;
    return row(this.#problem.opInputs, op).every((tensor) => {
      const producer = at(this.#problem.tensorProducer, tensor);
      return producer < 0 || i32(this.#stageOf, producer) >= 0;
    });
  }
}
