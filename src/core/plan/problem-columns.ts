import { type Csr, csrFrom, i32, item } from "../columns.ts";
import { topologicalOrder } from "../onnx/topological-order.ts";
import { err, ok, type Result } from "../result.ts";
import type { AbstractPort, AbstractProblem } from "./abstract-problem.ts";
import { type Conditions, type Port, type Problem, type ProblemDevice, plainDevice, type Route } from "./problem.ts";
import { findRoutes } from "./routes.ts";

/** Numbers of ids in their order; an id that occurs twice is an error. */
function numbersOf(kind: string, list: readonly { readonly id: string }[]): Result<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>();
  for (const [number, { id }] of list.entries()) {
    if (numbers.has(id)) return err(`Two ${kind}s have the id "${id}"; expected different ids.`);
    numbers.set(id, number);
  }
  return ok(numbers);
}

interface Wiring {
  /** By tensor: number of the op that writes it, -1 for an input. */
  readonly producers: readonly number[];
  /** By tensor: numbers of the ops that read it. */
  readonly consumers: readonly (readonly number[])[];
}

function wire({ tensors }: AbstractProblem, opNumbers: ReadonlyMap<string, number>): Result<Wiring> {
  const producers: number[] = [];
  const consumers: number[][] = [];
  for (const { id, producer, consumers: readers } of tensors) {
    const from = producer === null ? -1 : opNumbers.get(producer);
    if (from === undefined) return err(`Tensor "${id}" is written by op "${producer}"; expected the id of an op.`);
    producers.push(from);
    const numbers = new Set<number>();
    for (const reader of readers) {
      const to = opNumbers.get(reader);
      if (to === undefined) return err(`Tensor "${id}" is read by op "${reader}"; expected the id of an op.`);
      numbers.add(to);
    }
    consumers.push([...numbers]);
  }
  return ok({ producers, consumers });
}

/** For each op what `of` gives for it, as lists of tensors. */
function byOp(opCount: number, tensorCount: number, of: (tensor: number) => readonly number[]): number[][] {
  const lists: number[][] = Array.from({ length: opCount }, () => []);
  for (let tensor = 0; tensor < tensorCount; tensor++) for (const op of of(tensor)) item(lists, op).push(tensor);
  return lists;
}

/** Routes over the links that are used one way, and to and from a place outside all devices, if there is one. */
function routesOf(
  { devices, links, source, sink }: AbstractProblem,
  withOutside: boolean,
): Pick<Problem, "routes" | "resourceCount"> {
  const { routes, resourceCount } = findRoutes({
    devices,
    links: links.map(({ from, to, bytesPerSecond, latencySeconds, medium, joulesPerByte }, link) => ({
      id: `${link}`,
      a: from,
      b: to,
      aToB: bytesPerSecond ?? Number.POSITIVE_INFINITY,
      bToA: 0,
      latency: latencySeconds,
      aToBJoulesPerByte: joulesPerByte ?? 0,
      bToAJoulesPerByte: 0,
      medium,
    })),
  });
  if (!withOutside) return { routes, resourceCount };
  const free: Route = { hops: [], latency: 0, secondsPerByte: 0 };
  const outward = sink === null ? free : null;
  const inward = source === null ? free : null;
  return {
    routes: [...routes.map((row) => [...row, outward]), [...devices.map(() => inward), free]],
    resourceCount,
  };
}

function portOf(port: AbstractPort | null): Port | null {
  if (port === null) return null;
  const perByte = (rate: number | null) => (rate === null ? 0 : 1 / rate);
  return {
    sendSecondsPerByte: perByte(port.sendBytesPerSecond),
    receiveSecondsPerByte: perByte(port.receiveBytesPerSecond),
  };
}

function devicesOf({ devices, ops }: AbstractProblem, order: readonly number[], withOutside: boolean): ProblemDevice[] {
  const weightBytes = Float64Array.from(order, (op) => item(ops, op).weightBytes);
  const common = { onChipBytes: 0, streamingSecondsPerByte: 0, weightBytes, ...plainDevice(order.length) };
  const inside = devices.map(({ id, memoryBytes, stageOverheadSeconds, activeWatts, idleWatts, port }, device) => ({
    ...common,
    id,
    memoryBytes: memoryBytes ?? Number.MAX_VALUE,
    stageOverheadSeconds,
    activeWatts: activeWatts ?? 0,
    idleWatts: idleWatts ?? 0,
    port: portOf(port ?? null),
    barred: Uint8Array.from(order, (op) => ((item(ops, op).device ?? id) === id ? 0 : 1)),
    opSeconds: Float64Array.from(order, (op) => item(ops, op).seconds[device] ?? Number.POSITIVE_INFINITY),
  }));
  if (!withOutside) return inside;
  const outside: ProblemDevice = {
    ...common,
    id: OUTSIDE,
    memoryBytes: Number.MAX_VALUE,
    stageOverheadSeconds: 0,
    opSeconds: new Float64Array(order.length).fill(Number.POSITIVE_INFINITY),
  };
  return [...inside, outside];
}

/** Whether there is a place outside all devices: the last one of the columns. */
export const hasOutside = ({ source, sink }: AbstractProblem): boolean => source === null || sink === null;

/** Id of the device that runs nothing, where inputs are born or outputs arrive at no cost; no id of a file is empty. */
export const OUTSIDE = "";

/** What does not hold together in a problem's devices and links, as one sentence; null when all is well. */
function deviceProblem(
  { devices, links, ops, source, sink }: AbstractProblem,
  numbers: ReadonlyMap<string, number>,
): string | null {
  if (devices.length === 0) return "The problem has no device; expected at least one.";
  if (ops.length === 0) return "The problem has no op; expected at least one.";
  if (numbers.has(OUTSIDE)) return 'A device has the id ""; expected at least one letter.';
  const known = devices.map(({ id }) => `"${id}"`).join(", ");
  for (const [end, id] of [
    ["source", source],
    ["sink", sink],
  ] as const) {
    if (id !== null && !numbers.has(id)) return `The ${end} device is "${id}"; expected null or one of ${known}.`;
  }
  for (const { from, to } of links) {
    const stray = [from, to].find((id) => !numbers.has(id));
    if (stray !== undefined) return `A link leads from "${from}" to "${to}"; expected two of ${known}.`;
    if (from === to) return `A link leads from device "${from}" to itself; expected two devices.`;
  }
  const orphan = ops.find(({ seconds }) => seconds.every((value) => value === null));
  if (orphan !== undefined) return `Op "${orphan.id}" can run on no device; expected seconds for at least one.`;
  return pinProblem(ops, numbers, known) ?? groupProblem(ops);
}

function pinProblem(ops: AbstractProblem["ops"], numbers: ReadonlyMap<string, number>, known: string): string | null {
  for (const { id, device, seconds } of ops) {
    if (device === undefined || device === null) continue;
    const number = numbers.get(device);
    if (number === undefined) return `Op "${id}" is kept on device "${device}"; expected null or one of ${known}.`;
    if ((seconds[number] ?? null) === null) return `Op "${id}" is kept on device "${device}", which cannot run it.`;
  }
  return null;
}

/** A group that no device can run as a whole. O(ops x devices). */
function groupProblem(ops: AbstractProblem["ops"]): string | null {
  const members = new Map<string, AbstractProblem["ops"][number][]>();
  for (const op of ops) {
    const group = op.group ?? null;
    if (group === null) continue;
    const list = members.get(group);
    if (list === undefined) members.set(group, [op]);
    else list.push(op);
  }
  for (const [group, list] of members) {
    const pins = new Set(list.flatMap(({ device }) => device ?? []));
    const [one, two] = pins;
    if (two !== undefined)
      return `Ops of group "${group}" are kept on devices "${one}" and "${two}"; expected one of them.`;
    if (!item(list, 0).seconds.some((_, device) => list.every(({ seconds }) => (seconds[device] ?? null) !== null))) {
      return `No device can run all ${list.length} ops of group "${group}"; expected one that has seconds for each.`;
    }
  }
  return null;
}

/** What the problem asks of every plan, as columns. */
function conditionsOf({ ops, links, ...problem }: AbstractProblem, order: readonly number[]): Conditions {
  const groups = new Map<string, number>();
  const groupOf = Int32Array.from(order, (op) => {
    const group = item(ops, op).group ?? null;
    if (group === null) return -1;
    const number = groups.get(group) ?? groups.size;
    groups.set(group, number);
    return number;
  });
  return {
    groupOf,
    maxStages: problem.maxStages ?? Number.POSITIVE_INFINITY,
    linkMaxBytes: Float64Array.from(links, ({ maxBytes }) => maxBytes ?? Number.POSITIVE_INFINITY),
    delivery: problem.delivery ?? "relayed",
    overlap: problem.overlap ?? true,
    queuedFrames: problem.queuedFrames ?? 0,
  };
}

/**
 * The columns of an abstract problem, ops renumbered to a topological order. Routes over several links are those of
 * `findRoutes`. Fails with one sentence on ids that occur twice or are not there, on an op that no device can run and on
 * a cycle. O(ops x devices + edges log ops + routes).
 */
export function problemColumns(
  abstract: AbstractProblem,
): Result<{ readonly problem: Problem; readonly opNames: readonly string[] }> {
  const { devices, ops, tensors, source, sink } = abstract;
  const deviceNumbers = numbersOf("device", devices);
  if (!deviceNumbers.ok) return deviceNumbers;
  const wrong = deviceProblem(abstract, deviceNumbers.value);
  if (wrong !== null) return err(wrong);
  const opNumbers = numbersOf("op", ops);
  if (!opNumbers.ok) return opNumbers;
  const tensorNumbers = numbersOf("tensor", tensors);
  if (!tensorNumbers.ok) return tensorNumbers;
  const wiring = wire(abstract, opNumbers.value);
  if (!wiring.ok) return wiring;
  const { producers, consumers } = wiring.value;

  const reads = byOp(ops.length, tensors.length, (tensor) => item(consumers, tensor));
  const order = topologicalOrder(
    reads.map((inputs) => inputs.map((tensor) => item(producers, tensor)).filter((op) => op >= 0)),
  );
  if (!order.ok) return err(`Op "${item(ops, order.error).id}" depends on itself; expected a graph without cycles.`);
  const numberOf = new Int32Array(ops.length);
  for (const [number, op] of order.value.entries()) numberOf[op] = number;

  const tensorConsumers = consumers.map((list) => list.map((op) => i32(numberOf, op)).sort((a, b) => a - b));
  const tensorProducer = producers.map((op) => (op < 0 ? -1 : i32(numberOf, op)));
  const columns = (of: (tensor: number) => readonly number[]): Csr => csrFrom(byOp(ops.length, tensors.length, of));
  const bytes = Float64Array.from(tensors, (tensor) => tensor.bytes ?? 0);
  const withOutside = hasOutside(abstract);
  const place = (id: string | null) => (id === null ? devices.length : (deviceNumbers.value.get(id) ?? -1));
  const routing = routesOf(abstract, withOutside);
  const isPort = abstract.delivery === "port";
  if (!isPort && source !== null && sink !== null && item(item(routing.routes, place(source)), place(sink)) === null) {
    return err(`No links lead from the source device "${source}" to the sink device "${sink}".`);
  }
  return ok({
    opNames: order.value.map((op) => item(ops, op).id),
    problem: {
      opCount: ops.length,
      tensorCount: tensors.length,
      opInputs: columns((tensor) => item(tensorConsumers, tensor)),
      opOutputs: columns((tensor) => tensorProducer.slice(tensor, tensor + 1).filter((op) => op >= 0)),
      opWeights: csrFrom(order.value.map((op, number) => (item(ops, op).weightBytes > 0 ? [number] : []))),
      tensorProducer: Int32Array.from(tensorProducer),
      tensorConsumers: csrFrom(tensorConsumers),
      tensorMemoryBytes: Float64Array.from(tensors, (tensor) => tensor.memoryBytes ?? tensor.bytes ?? 0),
      tensorWireBytes: bytes,
      uncuttable: Uint8Array.from(tensors, (tensor) => (tensor.bytes === null ? 1 : 0)),
      inputs: [...tensorProducer.keys()].filter((tensor) => item(tensorProducer, tensor) < 0),
      outputs: [...tensors.keys()].filter((tensor) => item(tensors, tensor).output),
      devices: devicesOf(abstract, order.value, withOutside),
      ...routing,
      source: place(source),
      sink: place(sink),
      ...conditionsOf(abstract, order.value),
    },
  });
}
