import type { Limits } from "../plan/objective.ts";
import type { Hop, Problem, Route } from "../plan/problem.ts";

/** A circumstance that a plan may depend on. */
export type Variation =
  /** Factor on a link's bandwidth, both directions. */
  | { readonly kind: "bandwidth"; readonly link: number; readonly value: number }
  /** One-way latency of a link, seconds. */
  | { readonly kind: "latency"; readonly link: number; readonly value: number }
  /** Factor on a device's op times. */
  | { readonly kind: "load"; readonly device: number; readonly value: number }
  /** Factor on what a device's port sends and receives per second. */
  | { readonly kind: "port"; readonly device: number; readonly value: number }
  /** Frames per second that arrive: the period must be short enough for them. */
  | { readonly kind: "arrivals"; readonly value: number };

/** A problem under other circumstances, and the limits that then hold. Routes stay as they are. */
export interface Circumstances {
  readonly problem: Problem;
  readonly limits: Limits;
}

function withHops(problem: Problem, change: (hop: Hop) => Hop): Problem {
  const changed = new Map<Route, Route>();
  const route = (before: Route): Route => {
    const known = changed.get(before);
    if (known !== undefined) return known;
    const hops = before.hops.map(change);
    const after = {
      hops,
      latency: hops.reduce((sum, hop) => sum + hop.latency, 0),
      secondsPerByte: hops.reduce((sum, hop) => sum + hop.secondsPerByte, 0),
    };
    changed.set(before, after);
    return after;
  };
  return {
    ...problem,
    routes: problem.routes.map((row) => row.map((entry) => (entry === null ? null : route(entry)))),
  };
}

function applied({ problem, limits }: Circumstances, variation: Variation): Circumstances {
  switch (variation.kind) {
    case "bandwidth": {
      const { link, value } = variation;
      const change = (hop: Hop) => (hop.link === link ? { ...hop, secondsPerByte: hop.secondsPerByte / value } : hop);
      return { problem: withHops(problem, change), limits };
    }
    case "latency": {
      const { link, value } = variation;
      const change = (hop: Hop) => (hop.link === link ? { ...hop, latency: value } : hop);
      return { problem: withHops(problem, change), limits };
    }
    case "load": {
      const { device: varied, value } = variation;
      const devices = problem.devices.map((device, index) =>
        index === varied ? { ...device, opSeconds: device.opSeconds.map((seconds) => seconds * value) } : device,
      );
      return { problem: { ...problem, devices }, limits };
    }
    case "port": {
      const { device: varied, value } = variation;
      const devices = problem.devices.map((device, index) => {
        if (index !== varied || device.port === null) return device;
        const { sendSecondsPerByte, receiveSecondsPerByte } = device.port;
        const port = {
          sendSecondsPerByte: sendSecondsPerByte / value,
          receiveSecondsPerByte: receiveSecondsPerByte / value,
        };
        return { ...device, port };
      });
      return { problem: { ...problem, devices }, limits };
    }
    case "arrivals": {
      const period = Math.min(limits.period ?? Number.POSITIVE_INFINITY, 1 / variation.value);
      return { problem, limits: { ...limits, period } };
    }
  }
}

/** A problem under several variations, one after the other. Values must be above 0, a latency at least 0. O(devices x ops + routes). */
export function varied(problem: Problem, limits: Limits, variations: readonly Variation[]): Circumstances {
  return variations.reduce(applied, { problem, limits });
}
