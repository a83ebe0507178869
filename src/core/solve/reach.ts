import { at, f64, i32, item, u8 } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { BusyTime, type Ending } from "./busy-time.ts";
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
  /** Per set of ops: least busy time of the last device, what it sends left out; Infinity where none is within the limit. */
  readonly load: Float64Array;
}

/** Where chains may begin: the most devices, and whether the source runs nothing. */
interface Beginning {
  readonly depth: number;
  readonly emptySource: boolean;
}

/** All chains; where stages are limited, those whose source runs nothing may have one device more. */
function beginningsOf({ devices, maxStages }: Problem): readonly Beginning[] {
  if (maxStages >= devices.length) return [{ depth: devices.length, emptySource: false }];
  return [
    { depth: maxStages, emptySource: false },
    { depth: maxStages + 1, emptySource: true },
  ];
}

/** A question in the course of being answered: the limit, and what is given by the chain's two ends. */
interface Question {
  readonly limit: number;
  readonly ending: Ending;
  readonly beginning: Beginning;
}

/**
 * Decides whether some chain keeps every device and link busy for at most a given time per inference, over the
 * down-sets of a lattice and over all orders and subsets of the devices.
 *
 * A stage that ends with set J on a device can have begun with any reached set I inside J, no op between them
 * unsupported, for which time(J) - time(I) is within the limit: only the largest time(I) matters, and it is passed up
 * the lattice, from each set to those one op larger. One stage so takes O(sets x width), not O(sets^2).
 *
 * Where devices do nothing else while they send or receive, that time is part of their load: of all that a stage can have
 * begun with the least load is kept, since less is better for whatever it sends next.
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
  readonly #shouldStop: () => boolean;
  #stopped = false;

  /** `shouldStop` is asked once per stage that is looked at, a few ms apart; once true, answers are "unknown". */
  constructor(problem: Problem, lattice: Lattice, shouldStop: () => boolean = () => false) {
    this.#problem = problem;
    this.#lattice = lattice;
    this.#shouldStop = shouldStop;
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
  within(limit: number): Plan | null | "unknown" {
    for (const ending of this.#busy.endings(limit)) {
      for (const beginning of beginningsOf(this.#problem)) {
        const plan = this.#search({ limit, ending, beginning });
        if (this.#stopped) return "unknown";
        if (plan !== null) return plan;
      }
    }
    return null;
  }

  #search(question: Question): Plan | null {
    const { limit, ending, beginning } = question;
    const { devices, source } = this.#problem;
    const full = this.#lattice.count - 1;
    const states = new Map<string, State>();
    const first: State = { used: 2 ** source, last: source, load: this.#firstStage(question) };
    let layer: State[] = [first];
    const done = ({ load, last }: State) =>
      ending.devices.includes(last) && f64(load, full) + this.#busy.returnSeconds(last) <= limit;
    for (let depth = 1; layer.length > 0; depth++) {
      for (const state of layer) {
        states.set(`${state.used} ${state.last}`, state);
        if (done(state)) return this.#trace(state, states, question);
      }
      if (depth >= beginning.depth) break;
      const next: State[] = [];
      for (const used of new Set(layer.map((state) => state.used))) {
        const begun = layer.filter((state) => state.used === used);
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(used, device) || (earlier >= 0 && !has(used, earlier))) continue;
          this.#stopped ||= this.#shouldStop();
          if (this.#stopped) return null;
          const entries = this.#entries(begun, device, question);
          if (entries === null) continue;
          const load = new Float64Array(this.#lattice.count).fill(Number.POSITIVE_INFINITY);
          if (this.#stage(device, entries, question, load)) next.push({ used: used + 2 ** device, last: device, load });
        }
      }
      layer = next;
    }
    return null;
  }

  /** Time that a device is busy whatever it runs. */
  #standing(device: number, { ending }: Question): number {
    return device === this.#problem.sink ? ending.receiveSeconds : 0;
  }

  /** What the source alone can run within the limit; the empty set included. */
  #firstStage(question: Question): Float64Array {
    const { source } = this.#problem;
    const load = new Float64Array(this.#lattice.count).fill(Number.POSITIVE_INFINITY);
    if (!question.beginning.emptySource) {
      const entries = new Float64Array(this.#lattice.count).fill(Number.POSITIVE_INFINITY);
      entries[0] = 0;
      this.#stage(source, entries, question, load);
    }
    load[0] = this.#standing(source, question);
    return load;
  }

  /** Whether the last device of a state can send what crosses after a set to another one. */
  #canSend({ last, load }: State, set: number, device: number, { limit, ending }: Question): boolean {
    const size = f64(this.#lattice.bytes, set);
    // A forbidden cut has NaN bytes, which no bound admits.
    return (
      size <= this.#busy.largestMessage(last, device, limit, ending.credit) &&
      f64(load, set) + size * this.#busy.sendPerByte(last, device) <= limit
    );
  }

  /** Per set after which `device` can take over from one of the states: how long it then receives; null if none. */
  #entries(states: readonly State[], device: number, question: Question): Float64Array | null {
    const { count, bytes } = this.#lattice;
    const entries = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    let any = false;
    for (const state of states) {
      const perByte = this.#busy.receivePerByte(state.last, device);
      const most = this.#busy.largestMessage(state.last, device, question.limit, question.ending.credit);
      for (let set = 0; set < count - 1; set++) {
        if (f64(state.load, set) === Number.POSITIVE_INFINITY || !(f64(bytes, set) <= most)) continue;
        if (!this.#canSend(state, set, device, question)) continue;
        entries[set] = Math.min(f64(entries, set), perByte === 0 ? 0 : f64(bytes, set) * perByte);
        any = true;
      }
    }
    return any ? entries : null;
  }

  /** Notes the least load with which a stage on `device` can end with each set, at least one op after an entry. */
  #stage(device: number, entries: Float64Array, question: Question, load: Float64Array): boolean {
    const { count, upFirst, upSet, upOp } = this.#lattice;
    const seconds = item(this.#seconds, device);
    const unsupported = item(this.#unsupported, device);
    const standing = item(this.#problem.devices, device).stageOverheadSeconds + this.#standing(device, question);
    const room = question.limit - standing;
    const best = this.#best.fill(Number.NEGATIVE_INFINITY);
    const from = this.#from.fill(-1);
    let any = false;
    for (let set = 0; set < count; set++) {
      const here = f64(seconds, set);
      let most = f64(best, set);
      let origin = i32(from, set);
      if (here - most <= room) {
        load[set] = here - most + standing;
        any = true;
      } else most = Number.NEGATIVE_INFINITY;
      const entry = here - f64(entries, set);
      if (entry > most) {
        most = entry;
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
  #trace(final: State, states: ReadonlyMap<string, State>, question: Question): Plan {
    const { devices } = this.#problem;
    const stages: number[] = [];
    const ends: number[] = [];
    let state = final;
    let set = this.#lattice.count - 1;
    while (state.last !== this.#problem.source) {
      stages.push(state.last);
      ends.push(set);
      const device = state.last;
      const used = state.used - 2 ** device;
      const begun = [...devices.keys()].flatMap((other) => states.get(`${used} ${other}`) ?? []);
      const entries = this.#entries(begun, device, question);
      if (entries === null) throw new Error("a stage was reached from nowhere");
      this.#stage(device, entries, question, new Float64Array(this.#lattice.count));
      const start = i32(this.#from, set);
      set = start;
      const before = begun
        .filter(
          (other) => f64(other.load, start) < Number.POSITIVE_INFINITY && this.#canSend(other, start, device, question),
        )
        .sort((a, b) => this.#busy.receivePerByte(a.last, device) - this.#busy.receivePerByte(b.last, device))[0];
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
