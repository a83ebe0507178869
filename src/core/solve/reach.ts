import { at, f64, i32, item, u8 } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { BusyTime, type Load } from "./busy-time.ts";
import { has } from "./device-set.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { devicesBefore } from "./symmetry.ts";

/** Asks whether a limit on the busy time of every device and link can be met. */
export interface LimitTest {
  /** A plan that promises a period of at most `limit` seconds; null only if there is none; "unknown" where it gave up. */
  within(limit: number): Plan | null | "unknown";
}

/** Chains that use a set of devices, in whatever order, and end on one of them. */
interface State {
  readonly used: number;
  readonly last: number;
  /** 1 for each set of ops that such a chain can have run within the limit. */
  readonly reached: Uint8Array;
}

/**
 * Decides whether some chain keeps every device and link busy for at most a given time per inference, over the
 * down-sets of a lattice and over all orders and subsets of the devices.
 *
 * A stage that ends with set J on a device can have begun with any reached set I inside J, no op between them
 * unsupported, for which time(J) - time(I) is within the limit: only the largest time(I) matters, and it is passed up
 * the lattice, from each set to those one op larger. One stage so takes O(sets x width), not O(sets^2).
 *
 * What is left out makes the answer "no" certain and "yes" a promise to be checked by prediction: spill, memory limits,
 * and resources that two boundaries of one chain share.
 */
export class Reach implements LimitTest {
  readonly #problem: Problem;
  readonly #lattice: Lattice;
  /** Per device: seconds of the ops of each set, unsupported ones left out. */
  readonly #seconds: readonly Float64Array[];
  /** Per device: 1 for ops that it cannot run; null if it runs all. */
  readonly #unsupported: readonly (Uint8Array | null)[];
  readonly #busy: BusyTime;
  readonly #before: Int32Array;
  readonly #best: Float64Array;
  readonly #from: Int32Array;

  constructor(problem: Problem, lattice: Lattice) {
    this.#problem = problem;
    this.#lattice = lattice;
    this.#seconds = problem.devices.map(({ opSeconds }) =>
      sumOver(
        lattice,
        opSeconds.map((seconds) => (seconds === Number.POSITIVE_INFINITY ? 0 : seconds)),
      ),
    );
    this.#unsupported = problem.devices.map(({ opSeconds }) => {
      const flags = Uint8Array.from(opSeconds, (seconds) => (seconds === Number.POSITIVE_INFINITY ? 1 : 0));
      return flags.includes(1) ? flags : null;
    });
    this.#busy = new BusyTime(problem);
    this.#before = devicesBefore(problem);
    this.#best = new Float64Array(lattice.count);
    this.#from = new Int32Array(lattice.count);
  }

  /** A plan that promises a period of at most `limit` seconds; null only if there is none. */
  within(limit: number): Plan | null {
    for (const { devices, credit } of this.#busy.endings(limit)) {
      const plan = this.#search(limit, devices, credit);
      if (plan !== null) return plan;
    }
    return null;
  }

  #search(limit: number, ends: readonly number[], credit: Load): Plan | null {
    const { devices, source } = this.#problem;
    const full = this.#lattice.count - 1;
    const states = new Map<string, State>();
    const first: State = { used: 2 ** source, last: source, reached: this.#firstStage(limit) };
    let layer: State[] = [first];
    const done = (state: State) => u8(state.reached, full) === 1 && ends.includes(state.last);
    while (layer.length > 0) {
      for (const state of layer) {
        states.set(`${state.used} ${state.last}`, state);
        if (done(state)) return this.#trace(state, states, limit, credit);
      }
      const next: State[] = [];
      for (const used of new Set(layer.map((state) => state.used))) {
        const begun = layer.filter((state) => state.used === used);
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(used, device) || (earlier >= 0 && !has(used, earlier))) continue;
          const entries = this.#entries(begun, device, limit, credit);
          if (entries === null) continue;
          const reached = new Uint8Array(this.#lattice.count);
          if (this.#stage(device, entries, limit, reached))
            next.push({ used: used + 2 ** device, last: device, reached });
        }
      }
      layer = next;
    }
    return null;
  }

  /** What the source alone can run within the limit; the empty set included. */
  #firstStage(limit: number): Uint8Array {
    const entries = new Uint8Array(this.#lattice.count);
    entries[0] = 1;
    const reached = new Uint8Array(this.#lattice.count);
    this.#stage(this.#problem.source, entries, limit, reached);
    reached[0] = 1;
    return reached;
  }

  /** Sets after which `device` can take over from one of the states; null if there is none. */
  #entries(states: readonly State[], device: number, limit: number, credit: Load): Uint8Array | null {
    const { count, bytes } = this.#lattice;
    const entries = new Uint8Array(count);
    let any = false;
    for (const { last, reached } of states) {
      const most = this.#busy.largestMessage(last, device, limit, credit);
      for (let set = 0; set < count - 1; set++) {
        // A forbidden cut has NaN bytes, which no bound admits.
        if (u8(reached, set) === 0 || !(f64(bytes, set) <= most)) continue;
        entries[set] = 1;
        any = true;
      }
    }
    return any ? entries : null;
  }

  /** Marks the sets with which a stage on `device` can end, at least one op after an entry; whether there are any. */
  #stage(device: number, entries: Uint8Array, limit: number, reached: Uint8Array): boolean {
    const { count, upFirst, upSet, upOp } = this.#lattice;
    const seconds = item(this.#seconds, device);
    const unsupported = item(this.#unsupported, device);
    const room = limit - item(this.#problem.devices, device).stageOverheadSeconds;
    const best = this.#best.fill(Number.NEGATIVE_INFINITY);
    const from = this.#from.fill(-1);
    let any = false;
    for (let set = 0; set < count; set++) {
      const here = f64(seconds, set);
      let most = f64(best, set);
      let origin = i32(from, set);
      if (here - most <= room) {
        reached[set] = 1;
        any = true;
      } else most = Number.NEGATIVE_INFINITY;
      if (u8(entries, set) === 1 && here > most) {
        most = here;
        origin = set;
      }
      if (most === Number.NEGATIVE_INFINITY) continue;
      for (let up = i32(upFirst, set); up < i32(upFirst, set + 1); up++) {
        if (unsupported !== null && u8(unsupported, i32(upOp, up)) === 1) continue;
        const larger = i32(upSet, up);
        if (most <= f64(best, larger)) continue;
        best[larger] = most;
        from[larger] = origin;
      }
    }
    return any;
  }

  /** Goes back from a chain that has run everything: each stage again, to see where it began. */
  #trace(final: State, states: ReadonlyMap<string, State>, limit: number, credit: Load): Plan {
    const { devices } = this.#problem;
    const stages: number[] = [];
    const ends: number[] = [];
    let state = final;
    let set = this.#lattice.count - 1;
    while (state.last !== this.#problem.source) {
      stages.push(state.last);
      ends.push(set);
      const used = state.used - 2 ** state.last;
      const begun = [...devices.keys()].flatMap((device) => states.get(`${used} ${device}`) ?? []);
      const entries = this.#entries(begun, state.last, limit, credit);
      if (entries === null) throw new Error("a stage was reached from nowhere");
      this.#stage(state.last, entries, limit, new Uint8Array(this.#lattice.count));
      set = i32(this.#from, set);
      const device = state.last;
      const before = begun.find(
        ({ last, reached }) =>
          u8(reached, set) === 1 &&
          f64(this.#lattice.bytes, set) <= this.#busy.largestMessage(last, device, limit, credit),
      );
      if (before === undefined) throw new Error("a stage began where none had ended");
      state = before;
    }
    stages.push(this.#problem.source);
    ends.push(set);
    return planOfSets(this.#lattice, stages.reverse(), ends.reverse());
  }
}

/** The plan whose stage k ends with set ends[k]. O(stages x ops). */
export function planOfSets(lattice: Lattice, stages: readonly number[], ends: readonly number[]): Plan {
  const stageOf = new Int32Array(sizeOf(lattice, at(ends, ends.length - 1)));
  for (let stage = stages.length - 1; stage >= 0; stage--) {
    for (let set = at(ends, stage); set > 0; set = i32(lattice.belowSet, set))
      stageOf[i32(lattice.belowOp, set)] = stage;
  }
  return { stages, stageOf };
}

function sizeOf(lattice: Lattice, last: number): number {
  let size = 0;
  for (let set = last; set > 0; set = i32(lattice.belowSet, set)) size++;
  return size;
}
