import { f64, i32, item } from "../columns.ts";
import { frontierBytes, planFromBoundaries } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { messageSeconds, returnBytes } from "../predict/terms.ts";
import { has } from "./device-set.ts";
import { devicesBefore } from "./symmetry.ts";

/** Labels that differ by less than this fraction in every figure count as one. */
const RESOLUTION = 5e-3;
/** Most labels kept at one place, and stages that are priced, so that time and memory stay bounded. */
const LABELS_PER_PLACE = 24;
const WORK_LIMIT = 1_500_000;

/** Figures of a part of a plan. None falls as it grows. */
export interface PartFigures {
  readonly latency: number;
  /** Of the busiest device or link so far. */
  readonly period: number;
  readonly energy: number;
  readonly traffic: number;
}

interface Label {
  readonly figures: PartFigures;
  readonly device: number;
  /** Position at which the label's last stage begins. */
  readonly start: number;
  readonly before: Label | null;
}

/** Labels of chains over one set of devices that end on one of them, by position. */
interface Place {
  readonly used: number;
  readonly device: number;
  readonly labels: readonly Label[][];
}

/** Adds a label unless another is at least as good in everything; takes out what it beats. Whether it was added. */
function insert(labels: Label[], label: Label, slack: number): boolean {
  const { figures } = label;
  for (const other of labels) if (isAtLeastAsGood(other.figures, figures, slack)) return false;
  let kept = 0;
  for (const other of labels) if (!isAtLeastAsGood(figures, other.figures, 0)) labels[kept++] = other;
  labels.length = kept;
  if (kept >= LABELS_PER_PLACE) return false;
  labels.push(label);
  return true;
}

function isAtLeastAsGood(a: PartFigures, b: PartFigures, slack: number): boolean {
  const room = 1 + slack;
  return (
    a.latency <= b.latency * room &&
    a.period <= b.period * room &&
    a.energy <= b.energy * room &&
    a.traffic <= b.traffic * room
  );
}

export interface LabelSearch {
  readonly problem: Problem;
  readonly order: Int32Array;
  /** Prefix lengths of the order at which it may be cut, ascending, from 0 to the number of ops. */
  readonly positions: Int32Array;
  /** Figures of plans that are known: what is not better than one of them in anything is not followed. */
  readonly known: readonly PartFigures[];
  readonly shouldStop: () => boolean;
}

/**
 * Plans along one topological order whose latency, period, energy and traffic are not all beaten by another such plan:
 * dynamic programming over (devices used, last device, position) with Pareto labels. Spill, memory, resources that
 * several messages share and constraints are left out: predict the plans. Relayed delivery. O(2^devices x devices x
 * positions^2 x labels^2), at most 24 labels per place and 1.5 million
 * stages in all.
 */
export function labelledPlans(search: LabelSearch): readonly Plan[] {
  return new Labelling(search).run();
}

class Labelling {
  readonly #search: LabelSearch;
  readonly #bytes: Float64Array;
  /** Per device: seconds of the first ops of the order that it can run, and the number of those that it cannot. */
  readonly #prefix: readonly { readonly seconds: Float64Array; readonly impossible: Int32Array }[];
  readonly #idleWatts: number;
  readonly #before: Int32Array;
  #work = 0;

  constructor(search: LabelSearch) {
    const { problem, order } = search;
    this.#search = search;
    this.#bytes = frontierBytes(problem, order);
    this.#prefix = problem.devices.map(({ opSeconds }) => {
      const seconds = new Float64Array(order.length + 1);
      const impossible = new Int32Array(order.length + 1);
      for (let i = 0; i < order.length; i++) {
        const here = f64(opSeconds, i32(order, i));
        const runs = here < Number.POSITIVE_INFINITY;
        seconds[i + 1] = f64(seconds, i) + (runs ? here : 0);
        impossible[i + 1] = i32(impossible, i) + (runs ? 0 : 1);
      }
      return { seconds, impossible };
    });
    this.#idleWatts = problem.devices.reduce((sum, { idleWatts }) => sum + idleWatts, 0);
    this.#before = devicesBefore(problem);
  }

  run(): readonly Plan[] {
    const { problem, positions, shouldStop } = this.#search;
    const { devices, source } = problem;
    const last = positions.length - 1;
    const finished: Label[] = [];
    const origin: Label = {
      figures: { latency: 0, period: 0, energy: 0, traffic: 0 },
      device: source,
      start: 0,
      before: null,
    };
    const begun = positions.map((_, index) => index);
    const entry = Array.from(begun, (index): Label[] => {
      const label = index === 0 ? origin : this.#run(origin, source, 0, index);
      return label === null ? [] : [{ ...label, before: null }];
    });
    this.#finish(item(entry, last), finished);
    const start: Place = { used: 2 ** source, device: source, labels: entry };
    for (let layer: readonly Place[] = [start]; layer.length > 0; ) {
      const next = new Map<string, Place>();
      for (const place of layer) {
        for (let device = 0; device < devices.length; device++) {
          const earlier = i32(this.#before, device);
          if (has(place.used, device) || (earlier >= 0 && !has(place.used, earlier))) continue;
          if (shouldStop() || this.#work > WORK_LIMIT) return this.#plans(finished);
          const used = place.used + 2 ** device;
          const key = `${used} ${device}`;
          const target = next.get(key) ?? { used, device, labels: Array.from(begun, (): Label[] => []) };
          next.set(key, target);
          this.#extend(place.labels, device, target.labels);
        }
      }
      for (const { labels } of next.values()) this.#finish(item(labels, last), finished);
      layer = [...next.values()];
    }
    return this.#plans(finished);
  }

  /** `device` takes over from every label of a place and runs to every later position. */
  #extend(place: readonly Label[][], device: number, target: readonly Label[][]): void {
    for (let from = 0; from < place.length - 1; from++) {
      const entries: Label[] = [];
      for (const label of item(place, from)) {
        const sent = this.#send(label, device, from);
        if (sent !== null) insert(entries, sent, RESOLUTION);
      }
      if (this.#work > WORK_LIMIT) return;
      for (const entry of entries) {
        for (let to = from + 1; to < place.length; to++) {
          const label = this.#run(entry, device, from, to);
          if (label === null) break;
          insert(item(target, to), label, RESOLUTION);
        }
      }
    }
  }

  /** A label after its message to `device`, which still has to run; null where it cannot be sent or is not worth it. */
  #send(label: Label, device: number, from: number): Label | null {
    const { problem, positions } = this.#search;
    const route = problem.routes[label.device]?.[device] ?? null;
    const size = f64(this.#bytes, i32(positions, from));
    if (route === null || Number.isNaN(size)) return null;
    const { latency, period, energy, traffic } = label.figures;
    const seconds = messageSeconds(route, size);
    let busiest = period;
    let joules = energy + seconds * this.#idleWatts;
    for (const hop of route.hops) {
      busiest = Math.max(busiest, size * hop.secondsPerByte);
      joules += size * hop.joulesPerByte;
    }
    const figures: PartFigures = {
      latency: latency + seconds,
      period: busiest,
      energy: joules,
      traffic: traffic + size * route.hops.length,
    };
    return this.#isWorthIt(figures) ? { figures, device: label.device, start: label.start, before: label } : null;
  }

  /** The label after a stage of `device` between two positions; null where it cannot run or is not worth it. */
  #run(label: Label, device: number, from: number, to: number): Label | null {
    this.#work += 1;
    const { problem, positions } = this.#search;
    const { stageOverheadSeconds, activeWatts } = item(problem.devices, device);
    const { seconds: sums, impossible } = item(this.#prefix, device);
    const start = i32(positions, from);
    const end = i32(positions, to);
    if (i32(impossible, end) > i32(impossible, start)) return null;
    const seconds = f64(sums, end) - f64(sums, start) + stageOverheadSeconds;
    const { latency, period, energy, traffic } = label.figures;
    const joules = energy + seconds * (activeWatts + this.#idleWatts);
    const figures: PartFigures = {
      latency: latency + seconds,
      period: Math.max(period, seconds),
      energy: joules,
      traffic,
    };
    if (!this.#isWorthIt(figures)) return null;
    return { figures, device, start, before: label.before };
  }

  #isWorthIt(figures: PartFigures): boolean {
    return !this.#search.known.some((known) => isAtLeastAsGood(known, figures, 0));
  }

  #finish(labels: readonly Label[], finished: Label[]): void {
    const { problem } = this.#search;
    for (const label of labels) {
      if (label.device === problem.sink) {
        insert(finished, label, RESOLUTION);
        continue;
      }
      const route = problem.routes[label.device]?.[problem.sink] ?? null;
      if (route === null) continue;
      const size = returnBytes(problem);
      const { latency, period, energy, traffic } = label.figures;
      const seconds = messageSeconds(route, size);
      const busiest = route.hops.reduce((most, hop) => Math.max(most, size * hop.secondsPerByte), period);
      const joules = route.hops.reduce(
        (sum, hop) => sum + size * hop.joulesPerByte,
        energy + seconds * this.#idleWatts,
      );
      const figures: PartFigures = {
        latency: latency + seconds,
        period: busiest,
        energy: joules,
        traffic: traffic + size * route.hops.length,
      };
      insert(finished, { ...label, figures }, RESOLUTION);
    }
  }

  #plans(finished: readonly Label[]): readonly Plan[] {
    const { order } = this.#search;
    return finished.map((label) => {
      const stages: number[] = [];
      const starts: number[] = [];
      for (let part: Label | null = label; part !== null; part = part.before) {
        stages.unshift(part.device);
        starts.unshift(part.start);
      }
      return planFromBoundaries(order, starts.slice(1), stages);
    });
  }
}
