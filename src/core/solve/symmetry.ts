import { at, item } from "../columns.ts";
import type { Problem, ProblemDevice, Route } from "../plan/problem.ts";

function sameColumn(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function sameDevice(a: ProblemDevice, b: ProblemDevice): boolean {
  return (
    a.memoryBytes === b.memoryBytes &&
    a.onChipBytes === b.onChipBytes &&
    a.streamingSecondsPerByte === b.streamingSecondsPerByte &&
    a.stageOverheadSeconds === b.stageOverheadSeconds &&
    a.activeWatts === b.activeWatts &&
    a.idleWatts === b.idleWatts &&
    a.port?.sendSecondsPerByte === b.port?.sendSecondsPerByte &&
    a.port?.receiveSecondsPerByte === b.port?.receiveSecondsPerByte &&
    a.barred.every((barred, op) => barred === b.barred[op]) &&
    sameColumn(a.opSeconds, b.opSeconds) &&
    sameColumn(a.weightBytes, b.weightBytes)
  );
}

/** Notes that resource a plays the part of b after the exchange; false where that contradicts what is noted. */
function matches(image: Int32Array, preimage: Int32Array, a: number, b: number): boolean {
  if (at(image, a) === b && at(preimage, b) === a) return true;
  if (at(image, a) !== -1 || at(preimage, b) !== -1) return false;
  image[a] = b;
  preimage[b] = a;
  return true;
}

/** `limits` are those of links: a limited link is the image of itself only. */
function sameRoute(
  a: Route | null,
  b: Route | null,
  { image, preimage, limits }: { image: Int32Array; preimage: Int32Array; limits: Float64Array },
): boolean {
  if (a === null || b === null) return a === b;
  if (a.latency !== b.latency || a.hops.length !== b.hops.length) return false;
  return a.hops.every((hop, i) => {
    const other = item(b.hops, i);
    return (
      hop.secondsPerByte === other.secondsPerByte &&
      hop.latency === other.latency &&
      hop.joulesPerByte === other.joulesPerByte &&
      (hop.link === other.link || (isFree(limits, hop.link) && isFree(limits, other.link))) &&
      matches(image, preimage, hop.resource, other.resource)
    );
  });
}

function isFree(limits: Float64Array, link: number): boolean {
  return (limits[link] ?? Number.POSITIVE_INFINITY) === Number.POSITIVE_INFINITY;
}

/** Whether exchanging devices a and b changes nothing: same columns, and routes that map onto each other with their resources. */
function interchangeable(problem: Problem, a: number, b: number): boolean {
  if ([problem.source, problem.sink].some((end) => end === a || end === b)) return false;
  if (!sameDevice(item(problem.devices, a), item(problem.devices, b))) return false;
  const swap = (device: number) => (device === a ? b : device === b ? a : device);
  const image = new Int32Array(problem.resourceCount).fill(-1);
  const preimage = new Int32Array(problem.resourceCount).fill(-1);
  const exchange = { image, preimage, limits: problem.linkMaxBytes };
  return problem.routes.every((routes, from) =>
    routes.every((route, to) => sameRoute(route, item(item(problem.routes, swap(from)), swap(to)), exchange)),
  );
}

/**
 * For each device, the device of lower number next before it among those it is interchangeable with, or -1: plans need
 * use a device only after that one, since any other plan equals one of those up to exchange.
 * O(devices^2 x (ops + devices^2 x hops)).
 */
export function devicesBefore(problem: Problem): Int32Array {
  const before = new Int32Array(problem.devices.length).fill(-1);
  for (let device = 1; device < before.length; device++) {
    for (let other = device - 1; other >= 0; other--) {
      if (!interchangeable(problem, other, device)) continue;
      before[device] = other;
      break;
    }
  }
  return before;
}
