import { at, item } from "../columns.ts";
import type { Device } from "../rig/rig.ts";
import type { Hop, Route } from "./problem.ts";

/** Size of the message for which routes are chosen: a typical cut tensor. */
const ROUTING_BYTES = 100_000;

export interface Routing {
  /** routes[from][to]; null where no links lead; the route of a device to itself has no hops. */
  readonly routes: readonly (readonly (Route | null)[])[];
  readonly resourceCount: number;
}

/** Every link in both directions, as hops, with the device numbers at their ends. */
interface Arc {
  readonly from: number;
  readonly to: number;
  readonly hop: Hop;
  readonly seconds: number;
}

/** What routes depend on. A direction with a rate of 0 does not exist. */
interface Network {
  readonly devices: readonly Pick<Device, "id">[];
  readonly links: readonly {
    readonly id: string;
    readonly a: string;
    readonly b: string;
    /** Bytes per second. */
    readonly aToB: number;
    readonly bToA: number;
    readonly latency: number;
    readonly aToBJoulesPerByte: number;
    readonly bToAJoulesPerByte: number;
    readonly medium: string | null;
  }[];
}

function arcsOf(network: Network, deviceIndex: ReadonlyMap<string, number>): { arcs: Arc[]; resourceCount: number } {
  const resources = new Map<string, number>();
  const resource = (key: string): number => {
    const known = resources.get(key);
    if (known !== undefined) return known;
    resources.set(key, resources.size);
    return resources.size - 1;
  };
  const arcs: Arc[] = [];
  for (const [link, { id, a, b, aToB, bToA, latency, medium, ...energy }] of network.links.entries()) {
    const ends = [deviceIndex.get(a), deviceIndex.get(b)];
    const [from, to] = ends;
    if (from === undefined || to === undefined) throw new Error(`link "${id}" ends at a device outside the rig`);
    for (const direction of ["aToB", "bToA"] as const) {
      const forward = direction === "aToB";
      const key = medium === null ? `link ${link} ${direction}` : `medium ${medium}`;
      const secondsPerByte = 1 / (forward ? aToB : bToA);
      if (secondsPerByte === Number.POSITIVE_INFINITY) continue;
      const joulesPerByte = forward ? energy.aToBJoulesPerByte : energy.bToAJoulesPerByte;
      arcs.push({
        from: forward ? from : to,
        to: forward ? to : from,
        hop: { link, direction, secondsPerByte, latency, joulesPerByte, resource: resource(key) },
        seconds: latency + ROUTING_BYTES * secondsPerByte,
      });
    }
  }
  return { arcs, resourceCount: resources.size };
}

function routeOver(hops: readonly Hop[]): Route {
  let latency = 0;
  let secondsPerByte = 0;
  for (const hop of hops) {
    latency += hop.latency;
    secondsPerByte += hop.secondsPerByte;
  }
  return { hops, latency, secondsPerByte };
}

/** Fewest seconds from `source` to every device (Dijkstra); ties by fewer hops, then by the link listed first. */
function routesFrom(source: number, deviceCount: number, arcs: readonly Arc[]): (Route | null)[] {
  const seconds = new Float64Array(deviceCount).fill(Number.POSITIVE_INFINITY);
  const hopCount = new Int32Array(deviceCount);
  const arrival: (Arc | null)[] = Array.from({ length: deviceCount }, () => null);
  const settled = new Uint8Array(deviceCount);
  seconds[source] = 0;
  for (;;) {
    let nearest = -1;
    for (let device = 0; device < deviceCount; device++) {
      if (settled[device] === 1 || at(seconds, device) === Number.POSITIVE_INFINITY) continue;
      if (nearest < 0 || at(seconds, device) < at(seconds, nearest)) nearest = device;
    }
    if (nearest < 0) break;
    settled[nearest] = 1;
    for (const arc of arcs) {
      if (arc.from !== nearest || settled[arc.to] === 1) continue;
      const there = at(seconds, nearest) + arc.seconds;
      const hops = at(hopCount, nearest) + 1;
      const before = at(seconds, arc.to);
      if (there < before || (there === before && hops < at(hopCount, arc.to))) {
        seconds[arc.to] = there;
        hopCount[arc.to] = hops;
        arrival[arc.to] = arc;
      }
    }
  }
  return arrival.map((_, device) => {
    if (device !== source && item(arrival, device) === null) return null;
    const hops: Hop[] = [];
    for (let arc = item(arrival, device); arc !== null; arc = item(arrival, arc.from)) hops.push(arc.hop);
    return routeOver(hops.reverse());
  });
}

/**
 * Routes between all pairs of devices of a valid rig, or of a network like one: the links over which a message of
 * `ROUTING_BYTES` takes the fewest seconds, store and forward. A hop's resource is its link and direction, or the
 * link's medium, which all links and directions with that medium share. O(devices^2 x (devices + links)).
 */
export function findRoutes(network: Network): Routing {
  const { devices } = network;
  const deviceIndex = new Map(devices.map((device, index) => [device.id, index]));
  const { arcs, resourceCount } = arcsOf(network, deviceIndex);
  const routes = devices.map((_, source) => routesFrom(source, devices.length, arcs));
  return { routes, resourceCount };
}
