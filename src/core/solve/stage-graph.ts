import { at, type Csr, csrFrom, f64, i32, item, row, u8 } from "../columns.ts";
import type { Wiring } from "../plan/order.ts";
import type { Problem } from "../plan/problem.ts";
import { components, Partition } from "./quotient.ts";

/** Devices among which nothing decides, as one kind; what a stage costs there. Ops are those of a `StageGraph`. */
export interface DeviceKind {
  readonly devices: readonly number[];
  /** Per op, Infinity where it cannot run. */
  readonly seconds: Float64Array;
  /** Per op, its share of the weights that it reads: a weight in equal parts among its readers. */
  readonly weightBytes: Float64Array;
  readonly memoryBytes: number;
  readonly onChipBytes: number;
  readonly streamingSecondsPerByte: number;
  readonly overheadSeconds: number;
  readonly sendSecondsPerByte: number;
  readonly receiveSecondsPerByte: number;
}

/** A problem whose ops are sets of ops of the original that stay on one device. */
export interface StageGraph {
  /** Whether tensors are relayed from stage to stage over links that are all alike; else each device has one port. */
  readonly relayed: boolean;
  readonly wiring: Wiring;
  /** Op here of each op of the original. */
  readonly partOf: Int32Array;
  readonly kinds: readonly DeviceKind[];
}

const sum = (values: Float64Array, members: Iterable<number>): number => {
  let total = 0;
  for (const member of members) total += f64(values, member);
  return total;
};

function secondsOn(problem: Problem, device: number): Float64Array {
  const { opSeconds, barred } = item(problem.devices, device);
  return opSeconds.map((seconds, op) => (barred[op] === 1 ? Number.POSITIVE_INFINITY : seconds));
}

/** Devices by kind; source and sink are kinds of their own. Devices that can run nothing are left out. */
function kindsOf(problem: Problem, linkSecondsPerByte: number | null): DeviceKind[] {
  const readers = new Float64Array(item(problem.devices, 0).weightBytes.length);
  for (const weight of problem.opWeights.values) readers[weight] = f64(readers, weight) + 1;
  const kinds: { kind: DeviceKind; devices: number[] }[] = [];
  for (const [number, device] of problem.devices.entries()) {
    const seconds = secondsOn(problem, number);
    const isEnd = number === problem.source || number === problem.sink;
    if (!isEnd && seconds.every((value) => value === Number.POSITIVE_INFINITY)) continue;
    const shares = device.weightBytes.map((bytes, weight) => bytes / Math.max(1, f64(readers, weight)));
    const devices = [number];
    // Ways from and to outside take no time.
    const linkRate = linkSecondsPerByte !== null && isEnd ? 0 : linkSecondsPerByte;
    const kind: DeviceKind = {
      devices,
      seconds,
      weightBytes: seconds.map((_, op) => sum(shares, row(problem.opWeights, op))),
      memoryBytes: device.memoryBytes,
      onChipBytes: device.onChipBytes,
      streamingSecondsPerByte: device.streamingSecondsPerByte,
      overheadSeconds: device.stageOverheadSeconds,
      sendSecondsPerByte: linkRate ?? device.port?.sendSecondsPerByte ?? 0,
      receiveSecondsPerByte: linkRate ?? device.port?.receiveSecondsPerByte ?? 0,
    };
    const known = isEnd
      ? undefined
      : kinds.find((other) => !other.devices.some(isEndOf(problem)) && sameKind(other.kind, kind));
    if (known === undefined) kinds.push({ kind, devices });
    else known.devices.push(number);
  }
  return kinds.map(({ kind }) => kind);
}

const isEndOf = (problem: Problem) => (device: number) => device === problem.source || device === problem.sink;

function sameKind(a: DeviceKind, b: DeviceKind): boolean {
  const scalars = [
    "memoryBytes",
    "onChipBytes",
    "streamingSecondsPerByte",
    "overheadSeconds",
    "sendSecondsPerByte",
    "receiveSecondsPerByte",
  ] as const;
  return (
    scalars.every((name) => a[name] === b[name]) &&
    a.seconds.every((seconds, op) => seconds === b.seconds[op]) &&
    a.weightBytes.every((bytes, op) => bytes === b.weightBytes[op])
  );
}

/**
 * Seconds per byte of a link where tensors are relayed and all links are alike: any two devices that can run something
 * are joined both ways by a link of their own of that rate, and what is outside them by ways that take no time. Else null.
 * O(devices^2).
 */
export function commonLinkRate(problem: Problem): number | null {
  const { devices, routes, delivery, linkMaxBytes, source, sink } = problem;
  if (delivery !== "relayed" || linkMaxBytes.some((bytes) => bytes < Number.POSITIVE_INFINITY)) return null;
  const ends = new Set([source, sink]);
  const runsNothing = (device: number) =>
    item(devices, device).opSeconds.every((seconds) => seconds === Number.POSITIVE_INFINITY);
  if (![...ends].every(runsNothing)) return null;
  const inside = [...devices.keys()].filter((device) => !ends.has(device));
  const isFree = (from: number, to: number) => {
    const route = item(item(routes, from), to);
    return route !== null && route.latency === 0 && route.secondsPerByte === 0;
  };
  if (!inside.every((device) => isFree(source, device) && isFree(device, sink))) return null;
  const resources = new Set<number>();
  let rate: number | null = null;
  for (const from of inside) {
    for (const to of inside) {
      const route = from === to ? undefined : item(item(routes, from), to);
      if (route === undefined) continue;
      const [hop, second] = route?.hops ?? [];
      if (hop === undefined || second !== undefined || resources.has(hop.resource)) return null;
      if (rate !== null && rate !== hop.secondsPerByte) return null;
      resources.add(hop.resource);
      rate = hop.secondsPerByte;
    }
  }
  return rate;
}

/** The problem's ops as they are, but with the groups that must share a device put together. O(ops x devices + edges). */
export function stageGraph(problem: Problem): StageGraph {
  const partition = new Partition(problem.opCount);
  const firstOf = new Map<number, number>();
  for (const [op, group] of problem.groupOf.entries()) {
    if (group < 0) continue;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, op);
    else partition.join(first, op);
  }
  const identity = Int32Array.from({ length: problem.opCount }, (_, op) => op);
  const relayed = problem.delivery === "relayed";
  const kinds = kindsOf(problem, relayed ? commonLinkRate(problem) : null);
  const graph: StageGraph = { relayed, wiring: problem, partOf: identity, kinds };
  return contract(withFixedInputs(graph, problem), partition);
}

/** Inputs of unknown size cannot leave the source: ops that read them run there. */
function withFixedInputs(graph: StageGraph, problem: Problem): StageGraph {
  const fixed = problem.inputs.filter((tensor) => problem.uncuttable[tensor] === 1);
  if (fixed.length === 0) return graph;
  const readers = new Set(fixed.flatMap((tensor) => [...row(problem.tensorConsumers, tensor)]));
  const bar = (kind: DeviceKind): DeviceKind =>
    kind.devices.includes(problem.source)
      ? kind
      : { ...kind, seconds: kind.seconds.map((value, op) => (readers.has(op) ? Number.POSITIVE_INFINITY : value)) };
  return { ...graph, kinds: graph.kinds.map(bar) };
}

/**
 * The graph with the ops of each set of the partition as one, sets that lie on a common cycle put together too: since
 * the stage never falls along an edge, they share one. Tensors within a set are gone; those from one set to the same
 * others are one tensor. O((ops + edges) x kinds).
 */
function contract({ relayed, wiring, partOf, kinds }: StageGraph, partition: Partition): StageGraph {
  const arcs = { from: [] as number[], to: [] as number[] };
  for (let tensor = 0; tensor < wiring.tensorCount; tensor++) {
    const producer = at(wiring.tensorProducer, tensor);
    if (producer < 0) continue;
    for (const consumer of row(wiring.tensorConsumers, tensor)) {
      arcs.from.push(partition.find(producer));
      arcs.to.push(partition.find(consumer));
    }
  }
  // Roots that stand for other ops too are nodes; the rest of the ops hang on them so as to be numbered with them.
  for (let op = 0; op < wiring.opCount; op++) {
    const root = partition.find(op);
    if (root === op) continue;
    arcs.from.push(op, root);
    arcs.to.push(root, op);
  }
  const { count, of } = components(wiring.opCount, arcs);
  const members: number[][] = Array.from({ length: count }, () => []);
  for (const [op, part] of of.entries()) item(members, part).push(op);
  return {
    relayed,
    wiring: contractedWiring(wiring, of, count, relayed),
    partOf: partOf.map((op) => i32(of, op)),
    kinds: kinds.map((kind) => ({
      ...kind,
      seconds: Float64Array.from(members, (ops) => sum(kind.seconds, ops)),
      weightBytes: Float64Array.from(members, (ops) => sum(kind.weightBytes, ops)),
    })),
  };
}

interface PartTensor {
  readonly producer: number;
  readonly consumers: readonly number[];
  readonly isOutput: boolean;
  readonly uncuttable: 0 | 1;
  bytes: number;
}

function contractedWiring(wiring: Wiring, of: Int32Array, opCount: number, relayed: boolean): Wiring {
  const isOutput = new Uint8Array(wiring.tensorCount);
  for (const tensor of wiring.outputs) isOutput[tensor] = 1;
  const byEnds = new Map<string, PartTensor>();
  for (let tensor = 0; tensor < wiring.tensorCount; tensor++) {
    const from = at(wiring.tensorProducer, tensor);
    const producer = from < 0 ? -1 : i32(of, from);
    const consumers = [...new Set([...row(wiring.tensorConsumers, tensor)].map((op) => i32(of, op)))]
      .filter((part) => part !== producer)
      .sort((a, b) => a - b);
    if (consumers.length === 0 && isOutput[tensor] === 0) continue;
    // An output of unknown size goes to the sink all the same; where it is relayed, it cannot pass other stages.
    const isSent = consumers.length > 0 || relayed;
    const uncuttable = wiring.uncuttable[tensor] === 1 && producer >= 0 && isSent ? 1 : 0;
    const key = `${producer}>${consumers.join()}${isOutput[tensor] === 1 ? "!" : ""}${uncuttable === 1 ? "?" : ""}`;
    const known = byEnds.get(key);
    const bytes = at(wiring.tensorWireBytes, tensor);
    if (known !== undefined) known.bytes += bytes;
    else byEnds.set(key, { producer, consumers, isOutput: isOutput[tensor] === 1, uncuttable, bytes });
  }
  const tensors = [...byEnds.values()];
  const lists = (of: (tensor: PartTensor) => readonly number[]): Csr => {
    const rows: number[][] = Array.from({ length: opCount }, () => []);
    for (const [number, tensor] of tensors.entries()) for (const op of of(tensor)) item(rows, op).push(number);
    return csrFrom(rows);
  };
  const numbersOf = (keep: (tensor: PartTensor) => boolean) =>
    tensors.flatMap((tensor, number) => (keep(tensor) ? [number] : []));
  return {
    opCount,
    tensorCount: tensors.length,
    opInputs: lists(({ consumers }) => consumers),
    opOutputs: lists(({ producer }) => (producer < 0 ? [] : [producer])),
    tensorProducer: Int32Array.from(tensors, ({ producer }) => producer),
    tensorConsumers: csrFrom(tensors.map(({ consumers }) => consumers)),
    tensorWireBytes: Float64Array.from(tensors, ({ bytes }) => bytes),
    uncuttable: Uint8Array.from(tensors, ({ uncuttable }) => uncuttable),
    inputs: numbersOf(({ producer }) => producer < 0),
    outputs: numbersOf((tensor) => tensor.isOutput),
  };
}

/** Whether any limit on memory, or the streaming of what exceeds it, can depend on where weights are. */
export function weightsMatter({ kinds }: StageGraph): boolean {
  return kinds.some(({ weightBytes, memoryBytes, onChipBytes, streamingSecondsPerByte }) => {
    const all = weightBytes.reduce((total, bytes) => total + bytes, 0);
    return all > memoryBytes || (streamingSecondsPerByte > 0 && all > onChipBytes);
  });
}

/**
 * Puts ops that take no time and hold no weights together with a neighbour where no cut between the two is better than
 * one beside them: with the only op that reads what they write if they read no more bytes than they write, with the only
 * op whose outputs they read if they alone read those and write no more. The optimum stays the same: of the two devices
 * neither sends nor receives more, and with links all alike no boundary carries more. O(rounds x edges).
 */
export function withoutIdleOps(graph: StageGraph): StageGraph {
  const free = !weightsMatter(graph);
  for (let current = graph; ; ) {
    const partition = new Partition(current.wiring.opCount);
    let merged = false;
    for (let op = 0; op < current.wiring.opCount; op++) {
      const target = neighbourToJoin(current, op, free);
      if (target >= 0 && partition.join(op, target)) merged = true;
    }
    if (!merged) return current;
    current = contract(current, partition);
  }
}

function neighbourToJoin({ wiring, kinds }: StageGraph, op: number, weightsAreFree: boolean): number {
  const idle = kinds.every(({ seconds, weightBytes }) => {
    const time = f64(seconds, op);
    return (time === 0 || time === Number.POSITIVE_INFINITY) && (weightsAreFree || f64(weightBytes, op) === 0);
  });
  if (!idle) return -1;
  const runsWhere = (other: number) =>
    kinds.every(({ seconds }) => f64(seconds, other) === Number.POSITIVE_INFINITY || f64(seconds, op) === 0);
  const bytesOf = (tensors: Iterable<number>) => sum(wiring.tensorWireBytes, tensors);
  const canCut = (tensors: Int32Array) => tensors.every((tensor) => u8(wiring.uncuttable, tensor) === 0);
  const isOutput = (tensor: number) => wiring.outputs.includes(tensor);
  const reads = row(wiring.opInputs, op);
  const writes = row(wiring.opOutputs, op);
  const readers = new Set([...writes].flatMap((tensor) => [...row(wiring.tensorConsumers, tensor)]));
  const [reader] = readers;
  if (reader !== undefined && readers.size === 1 && !writes.some(isOutput)) {
    if (runsWhere(reader) && canCut(reads) && bytesOf(reads) <= bytesOf(writes)) return reader;
  }
  const producers = new Set([...reads].map((tensor) => i32(wiring.tensorProducer, tensor)));
  const [producer] = producers;
  if (producer === undefined || producer < 0 || producers.size !== 1) return -1;
  if (!runsWhere(producer) || !canCut(writes)) return -1;
  const freed = [...reads].filter((tensor) => !isOutput(tensor) && row(wiring.tensorConsumers, tensor).length === 1);
  return bytesOf(writes) <= bytesOf(freed) ? producer : -1;
}

/**
 * Puts ops together that no plan with every device busy for less than `limit` keeps apart: there are no two devices of
 * which one could run the producer and send the tensor in time, the other receive it and run the reader.
 * O(rounds x edges x kinds^2).
 */
export function withoutDearCuts(graph: StageGraph, overlap: boolean, limit: number): StageGraph {
  for (let current = graph; ; ) {
    const { wiring } = current;
    const partition = new Partition(wiring.opCount);
    let merged = false;
    for (let tensor = 0; tensor < wiring.tensorCount; tensor++) {
      const producer = i32(wiring.tensorProducer, tensor);
      if (producer < 0) continue;
      for (const consumer of row(wiring.tensorConsumers, tensor)) {
        if (canPart(current, overlap, limit, { producer, consumer, tensor })) continue;
        if (partition.join(producer, consumer)) merged = true;
      }
    }
    if (!merged) return current;
    current = contract(current, partition);
  }
}

interface Edge {
  readonly producer: number;
  readonly consumer: number;
  readonly tensor: number;
}

function canPart({ wiring, kinds }: StageGraph, overlap: boolean, limit: number, edge: Edge): boolean {
  if (u8(wiring.uncuttable, edge.tensor) === 1) return false;
  const bytes = f64(wiring.tensorWireBytes, edge.tensor);
  const fits = (kind: DeviceKind, op: number, perByte: number) => {
    const compute = f64(kind.seconds, op) + kind.overheadSeconds;
    return overlap ? Math.max(compute, bytes * perByte) < limit : compute + bytes * perByte < limit;
  };
  return kinds.some(
    (one) =>
      fits(one, edge.producer, one.sendSecondsPerByte) &&
      kinds.some(
        (two) => (two !== one || one.devices.length > 1) && fits(two, edge.consumer, two.receiveSecondsPerByte),
      ),
  );
}
