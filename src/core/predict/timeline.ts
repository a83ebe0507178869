import { at, item } from "../columns.ts";
import { MinHeap } from "../min-heap.ts";
import type { Hop, Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";

/** A row of a timeline: what does one thing at a time, or a direction of a link. */
export type Lane =
  | { readonly kind: "device"; readonly device: number }
  | { readonly kind: "link"; readonly link: number; readonly direction: Hop["direction"] };

/** One piece of work of one frame. All times in seconds since the first frame was born. */
export interface Activity {
  readonly frame: number;
  /** Index into Timeline.lanes. */
  readonly lane: number;
  /** A stage's run, or a message's way over one hop. */
  readonly work:
    | { readonly kind: "stage"; readonly stage: number }
    | { readonly kind: "transfer"; readonly transfer: number };
  /** When all that it needs was there; it waits for its device or link from then to `start`. */
  readonly ready: number;
  readonly start: number;
  /** When device or link is free again. */
  readonly busyUntil: number;
  /** When what comes next can start: later than `busyUntil` by a link's latency. */
  readonly end: number;
  /** The activity whose end decided `start`; -1 where the birth of the frame did. */
  readonly cause: number;
}

export interface Timeline {
  readonly lanes: readonly Lane[];
  /** In the order in which they start. */
  readonly activities: readonly Activity[];
  /** Per frame: when its input was born, and when its output had arrived. */
  readonly births: Float64Array;
  readonly completions: Float64Array;
  /** Indices of the activities that decided when the last output arrived, first to last. */
  readonly criticalPath: readonly number[];
  /** End of the last activity. */
  readonly end: number;
}

interface Task {
  readonly lane: number;
  readonly work: Activity["work"];
  /** Resources that are held while it runs. */
  readonly resources: readonly number[];
  readonly busySeconds: number;
  readonly latency: number;
  /** Tasks of the same frame that must have ended. */
  readonly after: readonly number[];
}

/** The work of one frame: stages and hops as the prediction has them, and what each waits for. */
function tasksOf(problem: Problem, prediction: Prediction): { tasks: readonly Task[]; lanes: readonly Lane[] } {
  const lanes: Lane[] = [];
  const laneNumbers = new Map<string, number>();
  const laneOf = (key: string, lane: Lane): number => {
    const known = laneNumbers.get(key);
    if (known !== undefined) return known;
    laneNumbers.set(key, lanes.push(lane) - 1);
    return lanes.length - 1;
  };
  const tasks: Task[] = [];
  const stageTask: number[] = [];
  const arriving = prediction.stages.map((): number[] => []);
  for (const { stage, device, computeSeconds } of prediction.stages) {
    const before = stage > 0 ? [item(stageTask, stage - 1)] : [];
    stageTask.push(
      tasks.push({
        lane: laneOf(`device ${device}`, { kind: "device", device }),
        work: { kind: "stage", stage },
        resources: [device],
        busySeconds: computeSeconds,
        latency: 0,
        after: [...before, ...item(arriving, stage)],
      }) - 1,
    );
    for (const [transfer, message] of prediction.transfers.entries()) {
      if (message.fromStage !== stage) continue;
      let last = item(stageTask, stage);
      const route = problem.routes[message.fromDevice]?.[message.toDevice] ?? null;
      for (const { link, direction, resource, secondsPerByte, latency } of route?.hops ?? []) {
        const task: Task = {
          lane: laneOf(`link ${link} ${direction}`, { kind: "link", link, direction }),
          work: { kind: "transfer", transfer },
          resources: [problem.devices.length + resource],
          busySeconds: message.bytes * secondsPerByte,
          latency,
          after: [last],
        };
        last = tasks.push(task) - 1;
      }
      if (message.toStage >= 0) item(arriving, message.toStage).push(last);
    }
  }
  return { tasks, lanes };
}

/**
 * How `frames` inferences pass through a plan that can run: every device and resource does one thing at a time, first
 * come, first served, of equals the earlier frame; a frame is born every `interval` seconds. With one frame the last
 * output arrives after the prediction's latency; with many, at an interval of at least the period, one arrives per
 * interval. Event simulation, O(frames x tasks x log(frames x tasks)).
 */
export function timeline(
  problem: Problem,
  prediction: Prediction,
  { frames, interval }: { readonly frames: number; readonly interval: number },
): Timeline {
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) throw new Error("a timeline of a plan that cannot run");
  const { tasks, lanes } = tasksOf(problem, prediction);
  const followers = tasks.map((): number[] => []);
  for (const [number, { after }] of tasks.entries()) for (const before of after) item(followers, before).push(number);

  const births = Float64Array.from({ length: frames }, (_, frame) => frame * interval);
  const completions = births.slice();
  const freeAt = new Float64Array(problem.devices.length + problem.resourceCount);
  const heldBy = new Int32Array(freeAt.length).fill(-1);
  const waitingFor = Int32Array.from(
    { length: frames * tasks.length },
    (_, i) => item(tasks, i % tasks.length).after.length,
  );
  const readyAt = Float64Array.from({ length: frames * tasks.length }, (_, i) =>
    at(births, Math.floor(i / tasks.length)),
  );
  const cause = new Int32Array(frames * tasks.length).fill(-1);
  const order = new MinHeap<number>((instance) => at(readyAt, instance));
  for (let frame = 0; frame < frames; frame++) {
    for (const [number, { after }] of tasks.entries())
      if (after.length === 0) order.push(frame * tasks.length + number);
  }
  const activities: Activity[] = [];
  for (let instance = order.pop(); instance !== undefined; instance = order.pop()) {
    const frame = Math.floor(instance / tasks.length);
    const { lane, work, resources, busySeconds, latency } = item(tasks, instance % tasks.length);
    const ready = at(readyAt, instance);
    let start = ready;
    let decided = at(cause, instance);
    for (const resource of resources) {
      if (at(freeAt, resource) <= start) continue;
      start = at(freeAt, resource);
      decided = at(heldBy, resource);
    }
    const busyUntil = start + busySeconds;
    const end = busyUntil + latency;
    const index = activities.push({ frame, lane, work, ready, start, busyUntil, end, cause: decided }) - 1;
    for (const resource of resources) {
      freeAt[resource] = busyUntil;
      heldBy[resource] = index;
    }
    completions[frame] = Math.max(at(completions, frame), end);
    for (const follower of item(followers, instance % tasks.length)) {
      const next = frame * tasks.length + follower;
      if (end >= at(readyAt, next)) {
        readyAt[next] = end;
        cause[next] = index;
      }
      waitingFor[next] = at(waitingFor, next) - 1;
      if (waitingFor[next] === 0) order.push(next);
    }
  }
  const end = completions.reduce((latest, time) => Math.max(latest, time), 0);
  return { lanes, activities, births, completions, criticalPath: criticalPathOf(activities, end), end };
}

function criticalPathOf(activities: readonly Activity[], end: number): readonly number[] {
  const path: number[] = [];
  for (let index = activities.findLastIndex((activity) => activity.end === end); index >= 0; ) {
    path.push(index);
    index = item(activities, index).cause;
  }
  return path.reverse();
}

/** What a stream does to a lane between two moments, seconds. */
export interface LaneUse {
  readonly busySeconds: number;
  /** Busy share of the window, 0..1. */
  readonly utilisation: number;
}

/** Busy time of every lane within a window of the timeline. O(activities). */
export function laneUse({ lanes, activities }: Timeline, from: number, to: number): readonly LaneUse[] {
  const busy = new Float64Array(lanes.length);
  for (const { lane, start, busyUntil } of activities) {
    const overlap = Math.min(busyUntil, to) - Math.max(start, from);
    if (overlap > 0) busy[lane] = at(busy, lane) + overlap;
  }
  const window = to - from;
  return Array.from(busy, (busySeconds) => ({ busySeconds, utilisation: window > 0 ? busySeconds / window : 0 }));
}

/** The most frames that are born and not yet finished at one moment. O(frames log frames). */
export function framesInFlight({ births, completions }: Timeline): number {
  const ends = completions.slice().sort();
  let most = 0;
  let finished = 0;
  for (const [frame, birth] of births.entries()) {
    while (finished < ends.length && at(ends, finished) <= birth) finished += 1;
    most = Math.max(most, frame + 1 - finished);
  }
  return most;
}
