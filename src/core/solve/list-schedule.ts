import { at, f64, item, row } from "../columns.ts";
import { MinHeap } from "../min-heap.ts";
import type { Problem } from "../plan/problem.ts";
import { messageSeconds } from "../predict/terms.ts";

/** One inference with devices and links at work at the same time, as a list scheduler lays it out. */
export interface Schedule {
  readonly deviceOf: Int32Array;
  /** Per op, seconds. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** When the last output is at the sink. */
  readonly makespan: number;
  /** No schedule is shorter: the longest path at each op's fastest, or all work shared evenly, whichever is more. */
  readonly bound: number;
}

/** Per op the seconds of its fastest device. */
function fastest({ opCount, devices }: Problem): Float64Array {
  return Float64Array.from({ length: opCount }, (_, op) =>
    devices.reduce((least, { opSeconds }) => Math.min(least, f64(opSeconds, op)), Number.POSITIVE_INFINITY),
  );
}

/** Longest way from each op to an end, each op at its mean time and each tensor at the mean rate of all routes. */
function ranks(problem: Problem): Float64Array {
  const routes = problem.routes.flat().filter((route) => route !== null && route.hops.length > 0);
  const perByte = routes.reduce((sum, route) => sum + (route?.secondsPerByte ?? 0), 0) / Math.max(1, routes.length);
  const rank = new Float64Array(problem.opCount);
  for (let op = problem.opCount - 1; op >= 0; op--) {
    const times = problem.devices.map(({ opSeconds }) => f64(opSeconds, op)).filter((time) => Number.isFinite(time));
    let after = 0;
    for (const tensor of row(problem.opOutputs, op)) {
      for (const consumer of row(problem.tensorConsumers, tensor))
        after = Math.max(after, f64(rank, consumer) + perByte * f64(problem.tensorWireBytes, tensor));
    }
    rank[op] = after + times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length);
  }
  return rank;
}

/**
 * Heterogeneous earliest finish time (Topcuoglu, Hariri, Wu 2002): ops by falling rank, each to the device on which it
 * ends first, tensors sent directly, once per device. Devices run one op at a time; that links are shared is left out,
 * as are overheads, spill and memory. Promises nothing but its bound. Null where an op can run nowhere that its inputs
 * reach. O(ops x devices x inputs).
 */
export function listSchedule(problem: Problem): Schedule | null {
  const { opCount, devices } = problem;
  const rank = ranks(problem);
  const missing = Int32Array.from({ length: opCount }, (_, op) =>
    row(problem.opInputs, op).reduce((sum, tensor) => sum + (at(problem.tensorProducer, tensor) < 0 ? 0 : 1), 0),
  );
  const ready = new MinHeap<number>((op) => -f64(rank, op));
  for (const [op, count] of missing.entries()) if (count === 0) ready.push(op);
  const deviceOf = new Int32Array(opCount).fill(-1);
  const start = new Float64Array(opCount);
  const end = new Float64Array(opCount);
  const free = new Float64Array(devices.length);
  const seconds = (from: number, to: number, tensor: number): number => {
    if (from === to) return 0;
    const route = item(item(problem.routes, from), to);
    if (route === null || problem.uncuttable[tensor] === 1) return Number.POSITIVE_INFINITY;
    return messageSeconds(route, f64(problem.tensorWireBytes, tensor));
  };
  for (let op = ready.pop(); op !== undefined; op = ready.pop()) {
    let best = { device: -1, start: 0, end: Number.POSITIVE_INFINITY };
    for (const [device, { opSeconds }] of devices.entries()) {
      let begin = f64(free, device);
      for (const tensor of row(problem.opInputs, op)) {
        const producer = at(problem.tensorProducer, tensor);
        const home = producer < 0 ? problem.source : at(deviceOf, producer);
        begin = Math.max(begin, (producer < 0 ? 0 : f64(end, producer)) + seconds(home, device, tensor));
      }
      const finish = begin + f64(opSeconds, op);
      if (finish < best.end) best = { device, start: begin, end: finish };
    }
    if (best.device < 0) return null;
    deviceOf[op] = best.device;
    start[op] = best.start;
    end[op] = best.end;
    free[best.device] = best.end;
    for (const tensor of row(problem.opOutputs, op)) {
      for (const consumer of row(problem.tensorConsumers, tensor)) {
        missing[consumer] = at(missing, consumer) - 1;
        if (at(missing, consumer) === 0) ready.push(consumer);
      }
    }
  }
  let makespan = end.reduce((most, time) => Math.max(most, time), 0);
  for (const tensor of problem.outputs) {
    const producer = at(problem.tensorProducer, tensor);
    const home = producer < 0 ? problem.source : at(deviceOf, producer);
    const route = item(item(problem.routes, home), problem.sink);
    if (route === null) return null;
    const sent = home === problem.sink ? 0 : messageSeconds(route, f64(problem.tensorWireBytes, tensor));
    makespan = Math.max(makespan, (producer < 0 ? 0 : f64(end, producer)) + sent);
  }
  return { deviceOf, start, end, makespan, bound: scheduleBound(problem) };
}

/** Longest path at each op's fastest, or all ops at their fastest shared evenly among the devices. O(ops + edges). */
function scheduleBound(problem: Problem): number {
  const least = fastest(problem);
  const path = new Float64Array(problem.opCount);
  let longest = 0;
  let work = 0;
  for (let op = 0; op < problem.opCount; op++) {
    let before = 0;
    for (const tensor of row(problem.opInputs, op)) {
      const producer = at(problem.tensorProducer, tensor);
      if (producer >= 0) before = Math.max(before, f64(path, producer));
    }
    path[op] = before + f64(least, op);
    longest = Math.max(longest, f64(path, op));
    work += f64(least, op);
  }
  return Math.max(longest, work / problem.devices.length);
}
