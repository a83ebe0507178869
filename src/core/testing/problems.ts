import { at } from "../columns.ts";
import {
  type Conditions,
  freeConditions,
  type Hop,
  type Port,
  type Problem,
  type ProblemDevice,
  type Route,
} from "../plan/problem.ts";
import { type TextGraph, textGraph } from "./text-graph.ts";

/** A device of a test problem; times and sizes in the problem's units. */
export interface TestDevice {
  /** Work per second, default 1. */
  readonly speed?: number;
  /** Seconds of single ops by name, instead of work / speed. */
  readonly seconds?: Readonly<Record<string, number>>;
  /** Names of ops that it cannot run. */
  readonly unsupported?: readonly string[];
  readonly overhead?: number;
  readonly activeWatts?: number;
  readonly idleWatts?: number;
  readonly port?: Port;
  /** Names of ops that a constraint keeps off it. */
  readonly barred?: readonly string[];
  readonly memory?: number;
  readonly onChip?: { readonly bytes: number; readonly secondsPerByte: number };
}

/** One direction of a link between devices, by number. */
export interface TestLink {
  readonly from: number;
  readonly to: number;
  readonly secondsPerByte: number;
  readonly latency?: number;
  readonly joulesPerByte?: number;
  /** Links with the same medium take turns; default: the link has a resource of its own. */
  readonly medium?: string;
}

export interface TestProblem {
  readonly devices: readonly TestDevice[];
  readonly links: readonly TestLink[];
  /** Default: the first and the last device. */
  readonly source?: number;
  readonly sink?: number;
  readonly conditions?: Partial<Conditions>;
}

/** The same link in both directions between each device and the next. */
export function chainLinks(devices: number, link: { secondsPerByte: number; latency?: number }): TestLink[] {
  return Array.from({ length: Math.max(0, devices - 1) }, (_, i) => [
    { ...link, from: i, to: i + 1 },
    { ...link, from: i + 1, to: i },
  ]).flat();
}

/**
 * Problem columns from a graph (or its text art), devices and links. A route is the path with the fewest hops, of
 * equals the one over the links listed first. O(devices^2 x links).
 */
export function testProblem(source: string | TextGraph, setting: TestProblem): Problem {
  const { graph, work } = typeof source === "string" ? textGraph(source) : source;
  const { routes, resourceCount } = fewestHops(setting);
  const known = Uint8Array.from(graph.tensorBytes, (bytes) => (Number.isNaN(bytes) ? 0 : 1));
  const bytes = graph.tensorBytes.map((size) => (Number.isNaN(size) ? 0 : size));
  const devices = setting.devices.map((device, number): ProblemDevice => {
    const unsupported = new Set(device.unsupported);
    const opSeconds = graph.opNames.map((name, op) =>
      unsupported.has(name) ? Number.POSITIVE_INFINITY : (device.seconds?.[name] ?? at(work, op) / (device.speed ?? 1)),
    );
    return {
      id: `device-${number}`,
      memoryBytes: device.memory ?? Number.MAX_VALUE,
      onChipBytes: device.onChip?.bytes ?? 0,
      streamingSecondsPerByte: device.onChip?.secondsPerByte ?? 0,
      stageOverheadSeconds: device.overhead ?? 0,
      opSeconds: Float64Array.from(opSeconds),
      weightBytes: graph.constantBytes,
      barred: Uint8Array.from(graph.opNames, (name) => (device.barred?.includes(name) === true ? 1 : 0)),
      activeWatts: device.activeWatts ?? 0,
      idleWatts: device.idleWatts ?? 0,
      port: device.port ?? null,
    };
  });
  return {
    opCount: graph.opCount,
    tensorCount: graph.tensorCount,
    opInputs: graph.opInputs,
    opOutputs: graph.opOutputs,
    opWeights: graph.opConstants,
    tensorProducer: graph.tensorProducer,
    tensorConsumers: graph.tensorConsumers,
    tensorMemoryBytes: bytes,
    tensorWireBytes: bytes,
    uncuttable: known.map((isKnown) => 1 - isKnown),
    inputs: graph.inputs,
    outputs: graph.outputs,
    devices,
    routes,
    resourceCount,
    source: setting.source ?? 0,
    sink: setting.sink ?? devices.length - 1,
    ...freeConditions(graph.opCount, setting.links.length),
    ...setting.conditions,
  };
}

/** Routes by breadth-first search, and the number of resources. */
function fewestHops({ devices, links }: TestProblem): { routes: (Route | null)[][]; resourceCount: number } {
  const resources = new Map<string, number>();
  const hops = links.map(({ from, to, secondsPerByte, latency = 0, joulesPerByte = 0, medium }, link): Hop => {
    const key = medium ?? `link ${link}`;
    const resource = resources.get(key) ?? resources.size;
    resources.set(key, resource);
    return { link, direction: from < to ? "aToB" : "bToA", secondsPerByte, latency, joulesPerByte, resource };
  });
  const routes = devices.map((_, start) => {
    const reached: (Route | null)[] = devices.map(() => null);
    const queue = [start];
    reached[start] = { hops: [], latency: 0, secondsPerByte: 0 };
    for (const device of queue) {
      const here = reached[device];
      for (const [number, { from, to }] of links.entries()) {
        const hop = hops[number];
        if (from !== device || reached[to] !== null || hop === undefined || !here) continue;
        reached[to] = {
          hops: [...here.hops, hop],
          latency: here.latency + hop.latency,
          secondsPerByte: here.secondsPerByte + hop.secondsPerByte,
        };
        queue.push(to);
      }
    }
    return reached;
  });
  return { routes, resourceCount: resources.size };
}
