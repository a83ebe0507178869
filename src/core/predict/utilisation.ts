import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";
import type { Lane } from "./timeline.ts";

/** Which resource of the problem a direction of a link takes turns on, -1 for one that no message passes. */
function resourceOf({ routes }: Problem, { transfers }: Prediction, link: number, direction: string): number {
  for (const { fromDevice, toDevice } of transfers) {
    for (const hop of routes[fromDevice]?.[toDevice]?.hops ?? []) {
      if (hop.link === link && hop.direction === direction) return hop.resource;
    }
  }
  return -1;
}

/** Seconds per frame for which a resource is busy, all links and directions on it together. */
function resourceSeconds({ routes }: Problem, { transfers }: Prediction, resource: number): number {
  let seconds = 0;
  for (const { fromDevice, toDevice, bytes } of transfers) {
    for (const hop of routes[fromDevice]?.[toDevice]?.hops ?? []) {
      if (hop.resource === resource) seconds += bytes * hop.secondsPerByte;
    }
  }
  return seconds;
}

/**
 * The share of the time for which a device computes (sends and receives too, where nothing overlaps), or for which what a
 * link's direction takes turns on is busy, when so many frames per second are born: 1 = always, above 1 = it cannot
 * keep up. Links on one medium have one share. O(messages).
 */
export function utilisation(problem: Problem, prediction: Prediction, lane: Lane, framesPerSecond: number): number {
  if (lane.kind === "link") {
    const resource = resourceOf(problem, prediction, lane.link, lane.direction);
    return framesPerSecond * resourceSeconds(problem, prediction, resource);
  }
  const { computeSeconds = 0, sendSeconds = 0, receiveSeconds = 0 } = prediction.devices[lane.device] ?? {};
  return framesPerSecond * (computeSeconds + (problem.overlap ? 0 : sendSeconds + receiveSeconds));
}

/**
 * Frames that are born and not finished grow by at least so many every second; 0 where the plan keeps up. By no more
 * where no frame comes back to the bottleneck. O(1).
 */
export function queueGrowth({ periodSeconds }: Prediction, framesPerSecond: number): number {
  const capacity = 1 / periodSeconds;
  return framesPerSecond > capacity * (1 + 1e-9) ? framesPerSecond - capacity : 0;
}
