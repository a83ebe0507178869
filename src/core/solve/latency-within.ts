import { at, f64, i32, item } from "../columns.ts";
import { frontierBytes, planFromBoundaries } from "../plan/order.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { messageSeconds } from "../predict/terms.ts";

/**
 * Of the ways to cut one topological order for one sequence of devices, the one of least latency in which no stage and
 * no boundary keeps its device or link busy for more than `limit` seconds; null if there is none. Spill, memory and
 * resources shared by boundaries are left out: predict the plan. O(devices x ops x ops that fit one stage).
 */
export function leastLatencyWithin(
  problem: Problem,
  order: Int32Array,
  sequence: readonly number[],
  limit: number,
): Plan | null {
  const count = order.length;
  const bytes = frontierBytes(problem, order);
  let best = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  const cuts: Int32Array[] = [];
  for (const [stage, number] of sequence.entries()) {
    const { opSeconds, stageOverheadSeconds } = item(problem.devices, number);
    const entry = stage === 0 ? best : afterBoundary(problem, best, bytes, at(sequence, stage - 1), number, limit);
    const next = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
    const cut = new Int32Array(count + 1).fill(-1);
    if (stage === 0) {
      next[0] = 0;
      cut[0] = 0;
    }
    for (let end = 1; end <= count; end++) {
      let work = stageOverheadSeconds;
      for (let start = end - 1; start >= 0; start--) {
        work += f64(opSeconds, i32(order, start));
        if (work > limit) break;
        const latency = f64(entry, start) + work;
        if (latency >= f64(next, end)) continue;
        next[end] = latency;
        cut[end] = start;
      }
    }
    cuts.push(cut);
    best = next;
  }
  const positions: number[] = [];
  let end = count;
  for (let stage = sequence.length - 1; stage > 0; stage--) {
    end = i32(item(cuts, stage), end);
    if (end < 0) return null;
    positions.push(end);
  }
  if (f64(best, count) === Number.POSITIVE_INFINITY) return null;
  return planFromBoundaries(order, positions.reverse(), sequence);
}

function afterBoundary(
  problem: Problem,
  before: Float64Array,
  bytes: Float64Array,
  from: number,
  to: number,
  limit: number,
): Float64Array {
  const route = item(item(problem.routes, from), to);
  if (route === null) return new Float64Array(before.length).fill(Number.POSITIVE_INFINITY);
  const slowest = route.hops.reduce((most, hop) => Math.max(most, hop.secondsPerByte), 0);
  return before.map((latency, position) => {
    const size = f64(bytes, position);
    // A forbidden cut has NaN bytes, which no limit admits.
    return size * slowest <= limit ? latency + messageSeconds(route, size) : Number.POSITIVE_INFINITY;
  });
}
