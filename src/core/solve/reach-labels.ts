import { f64, i32, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem, ProblemDevice } from "../plan/problem.ts";
import { tensorSpans } from "../plan/spans.ts";
import { activationPeaks } from "../predict/memory.ts";
import { BusyTime, type Load } from "./busy-time.ts";
import { has } from "./device-set.ts";
import { type Lattice, sumOver } from "./lattice.ts";
import { type LimitTest, planOfSets } from "./reach.ts";
import { devicesBefore } from "./symmetry.ts";

/** Labels made in one test before it gives up. */
const LABEL_LIMIT = 3_000_000;

/** A chain of stages that has run a set of ops, with the busy time of shared resources so far. */
interface Chain {
  readonly device: number;
  readonly end: number;
  readonly before: Chain | null;
  readonly spent: readonly number[];
}

/** A stage that has begun: what its measures were at its start, negated, then the busy times; smaller is better. */
interface Begun {
  readonly values: readonly number[];
  /** Tracked weights that its ops read so far, one bit each. */
  readonly held: number;
  readonly start: number;
  readonly before: Chain | null;
}

/** A measure of a stage that must stay within a limit: sums(end) - sums(start) + perByte x tracked weights held. */
interface Measure {
  readonly sums: Float64Array;
  readonly perByte: number;
  readonly limit: (limit: number) => number;
}

/** Weights that several ops read: the largest are followed one by one, the others split evenly among their readers. */
interface SharedWeights {
  readonly tracked: readonly number[];
  /** Tracked weights that each op reads, one bit each. */
  readonly maskOf: Int32Array;
  /** Weight of each constant in the sums: 1 / readers, 0 where tracked. */
  readonly share: Float64Array;
}

const TRACKED_LIMIT = 30;

/** Sets up to which the memory of each stage is worked out exactly, every start of a stage being followed. */
const EXACT_MEMORY_SETS = 1500;

/** Whether a device might not hold all weights and all activations at once. */
function isTight(problem: Problem, { weightBytes, memoryBytes }: ProblemDevice): boolean {
  const add = (sum: number, size: number) => sum + size;
  return weightBytes.reduce(add, 0) + problem.tensorMemoryBytes.reduce(add, 0) > memoryBytes;
}

function sharedWeights(problem: Problem): SharedWeights {
  const sizes = item(problem.devices, 0).weightBytes;
  const readers = new Int32Array(sizes.length);
  for (const weight of problem.opWeights.values) readers[weight] = i32(readers, weight) + 1;
  const tracked = [...sizes.keys()]
    .filter((weight) => i32(readers, weight) > 1 && f64(sizes, weight) > 0)
    .sort((a, b) => f64(sizes, b) - f64(sizes, a) || a - b)
    .slice(0, TRACKED_LIMIT);
  const bit = new Map(tracked.map((weight, index) => [weight, 1 << index]));
  const maskOf = new Int32Array(problem.opCount);
  for (let op = 0; op < problem.opCount; op++) {
    for (const weight of row(problem.opWeights, op)) maskOf[op] = i32(maskOf, op) | (bit.get(weight) ?? 0);
  }
  const share = Float64Array.from(readers, (count, weight) => (bit.has(weight) || count === 0 ? 0 : 1 / count));
  return { tracked, maskOf, share };
}

type Chains = readonly (readonly Chain[] | undefined)[];

function spentLess(a: Chain, b: Chain): boolean {
  return a.spent.every((seconds, i) => seconds <= item(b.spent, i));
}

/**
 * The test of `Reach` where one number per set does not decide: stages on devices whose weights may spill or exceed the
 * memory must meet several limits at once, and resources that boundaries share add up along a chain. Each set keeps
 * every combination of them that no other one beats (Pareto labels). Beyond the `TRACKED_LIMIT` largest, weights that
 * several ops share are split evenly among them, which can only promise too much. Activations count exactly where the
 * lattice has at most `EXACT_MEMORY_SETS` sets, and not at all where it has more. O(labels^2 per set), given up after `LABEL_LIMIT` labels.
 */
export class LabelReach implements LimitTest {
  readonly #problem: Problem;
  readonly #lattice: Lattice;
  readonly #busy: BusyTime;
  readonly #shared: readonly number[];
  readonly #measures: readonly (readonly Measure[])[];
  readonly #before: Int32Array;
  readonly #weights: SharedWeights;
  /** Devices whose stages' memory is worked out exactly, and the activations found so far by start and end. */
  readonly #exactMemory: readonly boolean[];
  readonly #activations = new Map<number, number>();
  #labels = 0;
  readonly #shouldStop: () => boolean;

  /** `shouldStop` is asked for each set that is looked at; once true, answers are "unknown". */
  constructor(problem: Problem, lattice: Lattice, shouldStop: () => boolean = () => false) {
    this.#shouldStop = shouldStop;
    this.#problem = problem;
    this.#lattice = lattice;
    this.#busy = new BusyTime(problem);
    this.#shared = this.#busy.sharedResources();
    this.#before = devicesBefore(problem);
    this.#weights = sharedWeights(problem);
    this.#exactMemory = problem.devices.map((device) => lattice.count <= EXACT_MEMORY_SETS && isTight(problem, device));
    this.#measures = problem.devices.map((_, device) => this.#measuresOf(device));
  }

  #measuresOf(number: number): Measure[] {
    const device = item(this.#problem.devices, number);
    const { opWeights, opCount } = this.#problem;
    const share = Float64Array.from({ length: opCount }, (_, op) =>
      row(opWeights, op).reduce(
        (sum, weight) => sum + f64(device.weightBytes, weight) * f64(this.#weights.share, weight),
        0,
      ),
    );
    const total = device.weightBytes.reduce((sum, size) => sum + size, 0);
    const time = device.opSeconds.map((seconds) => (seconds === Number.POSITIVE_INFINITY ? 0 : seconds));
    const overhead = device.stageOverheadSeconds;
    const perByte = device.streamingSecondsPerByte;
    const measures: Measure[] = [
      { sums: sumOver(this.#lattice, time), perByte: 0, limit: (limit) => limit - overhead },
    ];
    if (perByte > 0 && total > device.onChipBytes) {
      const streamed = sumOver(
        this.#lattice,
        time.map((seconds, op) => seconds + perByte * f64(share, op)),
      );
      const spared = perByte * device.onChipBytes;
      measures.push({ sums: streamed, perByte, limit: (limit) => limit - overhead + spared });
    }
    if (isTight(this.#problem, device)) {
      measures.push({ sums: sumOver(this.#lattice, share), perByte: 1, limit: () => device.memoryBytes });
    }
    return measures;
  }

  /** Peak activations of a stage that runs the ops of set `end` that are not in `start`. O(edges), then remembered. */
  #activationBytes(start: number, end: number): number {
    const key = start * this.#lattice.count + end;
    const known = this.#activations.get(key);
    if (known !== undefined) return known;
    // A stage before it and one behind it, as far as there is anything left for them.
    const stageOf = new Int32Array(this.#problem.opCount).fill(2);
    const { belowSet, belowOp } = this.#lattice;
    for (let set = end; set > 0; set = i32(belowSet, set)) stageOf[i32(belowOp, set)] = 1;
    for (let set = start; set > 0; set = i32(belowSet, set)) stageOf[i32(belowOp, set)] = 0;
    const plan = { stages: end === this.#lattice.count - 1 ? [0, 0] : [0, 0, 0], stageOf };
    const peak = f64(activationPeaks(this.#problem, plan, tensorSpans(this.#problem, plan)), 1);
    this.#activations.set(key, peak);
    return peak;
  }

  /** Bytes on a device of the tracked weights in a set of bits. */
  #trackedBytes(device: number, mask: number): number {
    if (mask === 0) return 0;
    const { weightBytes } = item(this.#problem.devices, device);
    let sum = 0;
    for (const [index, weight] of this.#weights.tracked.entries())
      if ((mask & (1 << index)) !== 0) sum += f64(weightBytes, weight);
    return sum;
  }

  /** Whether some device might not hold all weights and activations. */
  static memoryMatters(problem: Problem): boolean {
    return problem.devices.some((device) => isTight(problem, device));
  }

  /** Whether a problem has anything that `Reach` leaves out. */
  static isNeeded(problem: Problem): boolean {
    const heavy = problem.devices.some((device) => {
      const total = device.weightBytes.reduce((sum, size) => sum + size, 0);
      return device.streamingSecondsPerByte > 0 && total > device.onChipBytes;
    });
    return heavy || LabelReach.memoryMatters(problem) || new BusyTime(problem).sharedResources().length > 0;
  }

  within(limit: number): Plan | null | "unknown" {
    this.#labels = 0;
    for (const { devices, credit } of this.#busy.endings(limit)) {
      const chain = this.#search(limit, devices, credit);
      if (this.#labels > LABEL_LIMIT) return "unknown";
      if (chain === null) continue;
      const stages: number[] = [];
      const ends: number[] = [];
      for (let stage: Chain | null = chain; stage !== null; stage = stage.before) {
        stages.push(stage.device);
        ends.push(stage.end);
      }
      return planOfSets(this.#lattice, stages.reverse(), ends.reverse());
    }
    return null;
  }

  /** Once told to stop, it is as if there had been too many labels. */
  #mustStop(): boolean {
    if (this.#labels <= LABEL_LIMIT && this.#shouldStop()) this.#labels = Number.POSITIVE_INFINITY;
    return this.#labels > LABEL_LIMIT;
  }

  #search(limit: number, ends: readonly number[], credit: Load): Chain | null {
    const { devices, source } = this.#problem;
    const full = this.#lattice.count - 1;
    const nothing: Chain = {
      device: source,
      end: 0,
      before: null,
      spent: this.#shared.map((resource) => credit.get(resource) ?? 0),
    };
    const start: (readonly Chain[] | undefined)[] = [[nothing]];
    const first = this.#stage(source, start, limit, true);
    first[0] = [nothing];
    let layer: { used: number; last: number; chains: Chains }[] = [{ used: 2 ** source, last: source, chains: first }];
    while (layer.length > 0 && this.#labels <= LABEL_LIMIT) {
      for (const { last, chains } of layer) {
        const done = chains[full]?.[0];
        if (done !== undefined && ends.includes(last)) return done;
      }
      const next: typeof layer = [];
      for (const used of new Set(layer.map((state) => state.used))) {
        const begun = layer.filter((state) => state.used === used).map(({ chains }) => chains);
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(used, device) || (earlier >= 0 && !has(used, earlier))) continue;
          if (this.#mustStop()) return null;
          const chains = this.#stage(device, this.#entries(begun, device, limit, credit), limit, false);
          if (chains.some((list) => list !== undefined)) next.push({ used: used + 2 ** device, last: device, chains });
        }
      }
      layer = next;
    }
    return null;
  }

  /** Chains after which `device` can take over, their message to it paid for. */
  #entries(states: readonly Chains[], device: number, limit: number, credit: Load): Chains {
    const { count, bytes } = this.#lattice;
    return Array.from({ length: count - 1 }, (_, set) => {
      if (this.#mustStop()) return undefined;
      const size = f64(bytes, set);
      const kept: Chain[] = [];
      for (const chains of states) {
        for (const chain of chains[set] ?? []) {
          if (!(size <= this.#busy.largestMessage(chain.device, device, limit, credit))) continue;
          const load = item(item(this.#busy.loads, chain.device), device);
          const spent = chain.spent.map((seconds, i) => seconds + size * (load?.get(item(this.#shared, i)) ?? 0));
          if (spent.every((seconds) => seconds <= limit)) this.#keep(kept, { ...chain, spent }, spentLess);
        }
      }
      return kept.length === 0 ? undefined : kept;
    });
  }

  /** Adds to a list what nothing in it beats, and takes out what it beats. */
  #keep<T>(list: T[], entry: T, beats: (a: T, b: T) => boolean): void {
    if (list.some((other) => beats(other, entry))) return;
    let kept = 0;
    for (const other of list) {
      if (beats(entry, other)) continue;
      list[kept++] = other;
    }
    list.length = kept;
    list.push(entry);
    this.#labels++;
  }

  /** Chains that end with a stage on `device`, at least one op after an entry, per set. */
  #stage(device: number, entries: Chains, limit: number, isFirst: boolean): (readonly Chain[] | undefined)[] {
    const { count, upFirst, upSet, upOp } = this.#lattice;
    const measures = item(this.#measures, device);
    const limits = measures.map((measure) => measure.limit(limit));
    const { opSeconds } = item(this.#problem.devices, device);
    // One stage is as good as another for all that can follow if it is so even where only it pays for what it holds.
    const exactMemory = item(this.#exactMemory, device);
    const memory = measures.length - 1;
    const better = (a: Begun, b: Begun): boolean => {
      if (exactMemory && a.start !== b.start) return false;
      const more = this.#trackedBytes(device, a.held & ~b.held);
      return a.values.every((value, i) => value + more * (measures[i]?.perByte ?? 0) <= item(b.values, i));
    };
    const open: (Begun[] | undefined)[] = [];
    const ended: (readonly Chain[] | undefined)[] = [];
    for (let set = 0; set < count && this.#labels <= LABEL_LIMIT; set++) {
      if (this.#mustStop()) break;
      const going = (open[set] ?? []).filter(({ values, held }) => {
        const bytes = this.#trackedBytes(device, held);
        return measures.every(
          ({ sums, perByte }, i) => f64(sums, set) + item(values, i) + perByte * bytes <= item(limits, i),
        );
      });
      open[set] = undefined;
      if (going.length > 0) {
        const chains: Chain[] = [];
        for (const { values, before, held, start } of going) {
          if (exactMemory) {
            // The last measure is that of the memory.
            const weights =
              f64(item(measures, memory).sums, set) + item(values, memory) + this.#trackedBytes(device, held);
            if (weights + this.#activationBytes(start, set) > item(limits, memory)) continue;
          }
          const spent = values.slice(measures.length);
          this.#keep(chains, { device, end: set, before, spent }, spentLess);
        }
        if (chains.length > 0) ended[set] = chains;
      }
      for (const chain of entries[set] ?? []) {
        const values = [...measures.map(({ sums }) => -f64(sums, set)), ...chain.spent];
        this.#keep(going, { values, held: 0, start: set, before: isFirst ? null : chain }, better);
      }
      if (going.length === 0) continue;
      for (let up = i32(upFirst, set); up < i32(upFirst, set + 1); up++) {
        if (f64(opSeconds, i32(upOp, up)) === Number.POSITIVE_INFINITY) continue;
        const larger = i32(upSet, up);
        const mask = measures.length > 1 ? i32(this.#weights.maskOf, i32(upOp, up)) : 0;
        const list = open[larger] ?? [];
        open[larger] = list;
        for (const begun of going) this.#keep(list, mask === 0 ? begun : { ...begun, held: begun.held | mask }, better);
      }
    }
    return ended;
  }
}
