import type { Conditions, Problem } from "../plan/problem.ts";
import { assembleGraph, type OpSpec, tensorOfBytes } from "./graph-assembly.ts";
import { type TestDevice, type TestLink, testProblem } from "./problems.ts";
import { createRandom, type Random } from "./random.ts";
import type { TextGraph } from "./text-graph.ts";

export interface RandomGraphOptions {
  readonly ops: number;
  /** Largest number of earlier tensors that an op reads, default 3. */
  readonly maxInputs?: number;
  /** How far back an op reads, in tensors; the smaller, the more chain-like. Default: anywhere. */
  readonly reach?: number;
  /** Graph inputs, default 1 to 3. */
  readonly inputs?: number;
  /** Share of ops that write two tensors. Default 0.15. */
  readonly twoOutputs?: number;
  /** Share of tensors of unknown size. Default 0. */
  readonly unknownSizes?: number;
  /** Constants, each read by one to three ops. Default 0. */
  readonly constants?: number;
}

export interface RandomProblemOptions extends RandomGraphOptions {
  readonly devices: number;
  /** Share of (op, device) pairs that cannot run; the source can run everything. Default 0. */
  readonly unsupported?: number;
  /** "mesh": a link between any two devices; "chain": only between neighbours, longer ways are relayed. */
  readonly topology?: "mesh" | "chain";
  /** Share of links that use one common medium. Default 0. */
  readonly sharedMedium?: number;
  /** Fixed time per stage, up to this many seconds. Default 0. */
  readonly overhead?: number;
  /** Some devices other than the source have little on-chip memory and stream the rest. Default false. */
  readonly spill?: boolean;
  readonly source?: number;
  readonly sink?: number;
  /** Devices draw power, links take energy. Default false. */
  readonly power?: boolean;
  /** Devices have ports of unlike rates. Default false. */
  readonly ports?: boolean;
  /** Share of ops that are pinned to a device that can run them. Default 0. */
  readonly pinned?: number;
  /** Groups of two or three ops. Default 0. */
  readonly groupCount?: number;
  /** Share of links that may carry a limited number of bytes. Default 0. */
  readonly limitedLinks?: number;
  readonly conditions?: Partial<Conditions>;
}

/**
 * A random directed acyclic graph: tensors read by several ops, ops that write two tensors, several graph inputs and
 * outputs, an output that is read too. Sizes and work are small integers, so that ties occur. Every op reads a
 * tensor; every tensor is read or a graph output.
 */
export function randomGraph(seed: number, options: RandomGraphOptions): TextGraph {
  const random = createRandom(seed);
  const { ops: count, maxInputs = 3, reach = Number.MAX_SAFE_INTEGER, twoOutputs = 0.15, unknownSizes = 0 } = options;
  const inputCount = options.inputs ?? random.integer(1, 3);
  const readers: number[] = Array.from({ length: inputCount }, () => 0);
  const ops: OpSpec[] = [];
  for (let op = 0; op < count; op++) {
    const inputs = new Set<number>();
    const oldest = Math.max(0, readers.length - reach);
    const unread = readers.findIndex((reads, tensor) => reads === 0 && tensor < inputCount);
    if (unread >= 0) inputs.add(unread);
    for (let i = random.integer(1, maxInputs); i > 0; i--) inputs.add(random.integer(oldest, readers.length - 1));
    for (const tensor of inputs) readers[tensor] = (readers[tensor] ?? 0) + 1;
    const outputs = [readers.push(0) - 1];
    if (random.chance(twoOutputs)) outputs.push(readers.push(0) - 1);
    ops.push({ name: `op${op}`, type: "Op", inputs: [...inputs], outputs, constants: [] });
  }
  const isOutput = readers.map((reads, tensor) => reads === 0 || (tensor >= inputCount && random.chance(0.05)));
  const used = readers.flatMap((reads, tensor) => (reads > 0 || tensor >= inputCount ? [tensor] : []));
  const renumbered = new Map(used.map((tensor, number) => [tensor, number]));
  const numbers = (tensors: readonly number[]) => tensors.map((tensor) => renumbered.get(tensor) ?? -1);
  const constants = Array.from({ length: options.constants ?? 0 }, (_, i) =>
    tensorOfBytes(`w${i}`, random.integer(1, 40)),
  );
  const reads = readersOfConstants(random, count, constants.length);
  const size = () => (random.chance(unknownSizes) ? Number.NaN : random.integer(0, 20));
  return {
    graph: assembleGraph({
      ops: ops.map((op, number) => ({
        ...op,
        inputs: numbers(op.inputs),
        outputs: numbers(op.outputs),
        constants: reads[number] ?? [],
      })),
      tensors: used.map((tensor) => tensorOfBytes(`t${tensor}`, size())),
      constants,
      outputs: numbers(used.filter((tensor) => isOutput[tensor])),
    }),
    work: Float64Array.from({ length: count }, () => random.integer(0, 12)),
  };
}

/** Constants read by each op. */
function readersOfConstants(random: Random, ops: number, constants: number): number[][] {
  const reads: Set<number>[] = Array.from({ length: ops }, () => new Set());
  for (let constant = 0; constant < constants; constant++) {
    for (let i = random.integer(1, 3); i > 0; i--) reads[random.integer(0, ops - 1)]?.add(constant);
  }
  return reads.map((set) => [...set].sort((a, b) => a - b));
}

/** A random problem over `randomGraph`: devices of unlike speed, links of unlike rate and latency per direction. */
export function randomProblem(seed: number, options: RandomProblemOptions): Problem {
  const random = createRandom(seed ^ 0x5eed);
  const graph = randomGraph(seed, options);
  const source = options.source ?? 0;
  const devices = Array.from({ length: options.devices }, (_, device): TestDevice => {
    const cannotRun = (): boolean => device !== source && random.chance(options.unsupported ?? 0);
    return {
      seconds: Object.fromEntries(
        graph.graph.opNames.map((name, op) => [name, (graph.work[op] ?? 0) / random.integer(1, 2 + 2 * device)]),
      ),
      unsupported: graph.graph.opNames.filter(cannotRun),
      overhead: options.overhead === undefined ? 0 : random.next() * options.overhead,
      ...(options.spill === true && device !== source
        ? { onChip: { bytes: random.integer(0, 60), secondsPerByte: random.integer(0, 4) / 8 } }
        : {}),
    };
  });
  const links = randomLinks(random, options);
  const sink = options.sink ?? random.integer(0, options.devices - 1);
  // Drawn last, so that problems without these stay what they are.
  const extras = createRandom(seed ^ 0xe87a);
  const powered = devices.map((device) => ({ ...device, ...randomSupply(extras, options) }));
  const conditions = { ...randomConditions(extras, links.length, options), ...options.conditions };
  const problem = testProblem(graph, {
    devices: powered,
    links: options.power === true ? links.map((link) => ({ ...link, joulesPerByte: extras.integer(0, 6) / 4 })) : links,
    source,
    sink,
    conditions,
  });
  return withPins(extras, problem, options.pinned ?? 0);
}

function randomSupply(random: Random, { power = false, ports = false }: RandomProblemOptions): Partial<TestDevice> {
  const watts = power ? { activeWatts: random.integer(0, 8) / 2, idleWatts: random.integer(0, 2) / 4 } : {};
  const rate = () => random.integer(0, 8) / 8;
  return { ...watts, ...(ports ? { port: { sendSecondsPerByte: rate(), receiveSecondsPerByte: rate() } } : {}) };
}

function randomConditions(
  random: Random,
  linkCount: number,
  { ops, groupCount = 0, limitedLinks = 0 }: RandomProblemOptions,
): Partial<Conditions> {
  const groupOf = new Int32Array(ops).fill(-1);
  for (let group = 0; group < groupCount; group++)
    for (let member = random.integer(2, 3); member > 0; member--) groupOf[random.integer(0, ops - 1)] = group;
  const limit = () => (random.chance(limitedLinks) ? random.integer(0, 50) : Number.POSITIVE_INFINITY);
  return { groupOf, linkMaxBytes: Float64Array.from({ length: linkCount }, limit) };
}

/** Keeps some ops off all devices but one. */
function withPins(random: Random, problem: Problem, share: number): Problem {
  if (share === 0) return problem;
  const pins = Int32Array.from({ length: problem.opCount }, () =>
    random.chance(share) ? random.integer(0, problem.devices.length - 1) : -1,
  );
  const devices = problem.devices.map((device, number) => ({
    ...device,
    barred: Uint8Array.from(pins, (pin) => (pin >= 0 && pin !== number ? 1 : 0)),
  }));
  return { ...problem, devices };
}

function randomLinks(random: Random, options: RandomProblemOptions): TestLink[] {
  const { devices, topology = "mesh", sharedMedium = 0 } = options;
  const links: TestLink[] = [];
  for (let from = 0; from < devices; from++) {
    for (let to = 0; to < devices; to++) {
      if (from === to || (topology === "chain" && Math.abs(from - to) > 1)) continue;
      const link = { from, to, secondsPerByte: random.integer(1, 16) / 8, latency: random.integer(0, 8) / 4 };
      links.push(random.chance(sharedMedium) ? { ...link, medium: "air" } : link);
    }
  }
  return links;
}
