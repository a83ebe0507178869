import { at } from "../columns.ts";
import type { Problem, ProblemDevice, Route } from "../plan/problem.ts";

/** The elementary terms of the cost model. Prediction and solvers both take them from here. */

/** Seconds for one message over a route, store and forward: sum over hops of latency + bytes / bandwidth. */
export function messageSeconds(route: Route, size: number): number {
  return route.latency + size * route.secondsPerByte;
}

/** Seconds per inference for which weights beyond the accelerator's memory are streamed. */
export function spillSeconds(device: ProblemDevice, weightBytes: number): number {
  return Math.max(0, weightBytes - device.onChipBytes) * device.streamingSecondsPerByte;
}

/** Bytes of the message that carries the graph's outputs to the sink. O(outputs). */
export function returnBytes(problem: Problem): number {
  let total = 0;
  for (const tensor of problem.outputs) total += at(problem.tensorWireBytes, tensor);
  return total;
}
