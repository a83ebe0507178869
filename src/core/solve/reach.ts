import { at, f64, i32, item, u8 } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { returnBytes } from "../predict/terms.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { devicesBefore } from "./symmetry.ts";

/** Chains that use a set of devices, in whatever order, and end on one of them. */
interface State {
  readonly used: number;
  readonly last: number;
  /** 1 for each set of ops that such a chain can have run within the limit. */
  readonly reached: Uint8Array;
}

/** Busy seconds per byte that a route puts on each resource that it uses. */
type Load = ReadonlyMap<number, number>;

function loadOf(route: Route): Load {
  const load = new Map<number, number>();
  for (const { resource, secondsPerByte } of route.hops) load.set(resource, (load.get(resource) ?? 0) + secondsPerByte);
  return load;
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
export class Reach {
  readonly #problem: Problem;
  readonly #lattice: Lattice;
  /** Per device: seconds of the ops of each set, unsupported ones left out. */
  readonly #seconds: readonly Float64Array[];
  /** Per device: 1 for ops that it cannot run; null if it runs all. */
  readonly #unsupported: readonly (Uint8Array | null)[];
  readonly #loads: readonly (readonly (Load | null)[])[];
  readonly #returnLoad: readonly (Load | null)[];
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
    this.#loads = problem.routes.map((routes) => routes.map((route) => (route === null ? null : loadOf(route))));
    const size = returnBytes(problem);
    this.#returnLoad = this.#loads.map((loads) => {
      const load = loads[problem.sink] ?? null;
      return load === null ? null : new Map([...load].map(([resource, perByte]) => [resource, perByte * size]));
    });
    this.#before = devicesBefore(problem);
    this.#best = new Float64Array(lattice.count);
    this.#from = new Int32Array(lattice.count);
  }

  /** A plan that promises a period of at most `limit` seconds; null only if there is none. */
  within(limit: number): Plan | null {
    for (const [ends, credit] of this.#endings(limit)) {
      const plan = this.#search(limit, ends, credit);
      if (plan !== null) return plan;
    }
    return null;
  }

  /**
   * Devices on which the chain may end, in groups whose return to the sink takes the same time from resources that
   * boundaries use too.
   */
  #endings(limit: number): readonly (readonly [ends: readonly number[], credit: ReadonlyMap<number, number>])[] {
    const groups = new Map<string, { ends: number[]; credit: ReadonlyMap<number, number> }>();
    for (const [device, load] of this.#returnLoad.entries()) {
      if (load === null || [...load.values()].some((seconds) => seconds > limit)) continue;
      const credit = new Map(
        [...load].filter(([resource, seconds]) => seconds > 0 && this.#isCrossedBefore(resource, device)),
      );
      const key = [...credit].map(([resource, seconds]) => `${resource}:${seconds}`).join(" ");
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { ends: [device], credit });
      else group.ends.push(device);
    }
    return [...groups.values()].map(({ ends, credit }) => [ends, credit]);
  }

  /** Whether a boundary of a chain that ends on `end` can use a resource. */
  #isCrossedBefore(resource: number, end: number): boolean {
    return this.#loads.some(
      (loads, from) =>
        from !== end &&
        loads.some((load, to) => to !== from && to !== this.#problem.source && (load?.get(resource) ?? 0) > 0),
    );
  }

  /** Largest message between two devices within the limit. */
  #largestMessage(from: number, to: number, limit: number, credit: ReadonlyMap<number, number>): number {
    const load = item(item(this.#loads, from), to);
    if (load === null) return -1;
    let most = Number.POSITIVE_INFINITY;
    for (const [resource, perByte] of load) {
      const room = limit - (credit.get(resource) ?? 0);
      if (perByte > 0) most = Math.min(most, room / perByte);
    }
    return most;
  }

  #search(limit: number, ends: readonly number[], credit: ReadonlyMap<number, number>): Plan | null {
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
  #entries(
    states: readonly State[],
    device: number,
    limit: number,
    credit: ReadonlyMap<number, number>,
  ): Uint8Array | null {
    const { count, bytes } = this.#lattice;
    const entries = new Uint8Array(count);
    let any = false;
    for (const { last, reached } of states) {
      const most = this.#largestMessage(last, device, limit, credit);
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
  #trace(final: State, states: ReadonlyMap<string, State>, limit: number, credit: ReadonlyMap<number, number>): Plan {
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
          u8(reached, set) === 1 && f64(this.#lattice.bytes, set) <= this.#largestMessage(last, device, limit, credit),
      );
      if (before === undefined) throw new Error("a stage began where none had ended");
      state = before;
    }
    stages.push(this.#problem.source);
    ends.push(set);
    return this.#plan(stages.reverse(), ends.reverse());
  }

  #plan(stages: readonly number[], ends: readonly number[]): Plan {
    const stageOf = new Int32Array(this.#problem.opCount);
    for (let stage = stages.length - 1; stage >= 0; stage--) {
      for (let set = at(ends, stage); set > 0; set = i32(this.#lattice.belowSet, set)) {
        stageOf[i32(this.#lattice.belowOp, set)] = stage;
      }
    }
    return { stages, stageOf };
  }
}

/** Whether a set of devices, one bit each, has `device`; numbers up to 2^52. */
function has(used: number, device: number): boolean {
  return Math.floor(used / 2 ** device) % 2 === 1;
}
