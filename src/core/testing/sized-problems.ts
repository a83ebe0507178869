import { csrFrom, item } from "../columns.ts";
import { freeConditions, type Problem, type ProblemDevice, plainDevice, type Route } from "../plan/problem.ts";
import { createRandom } from "./random.ts";

/** Problems of a given size for measurements: seeded, so that every run measures the same. */

interface BenchOp {
  readonly inputs: readonly number[];
  /** Multiply-accumulates, bytes of the one output, bytes of weights. */
  readonly work: number;
  readonly bytes: number;
  readonly weightBytes: number;
}

interface BenchDevice {
  readonly macsPerSecond: number;
  readonly overhead: number;
  /** Relative spread of op times around work / speed. */
  readonly spread?: number;
}

function problemOf(
  ops: readonly BenchOp[],
  inputBytes: number,
  devices: readonly BenchDevice[],
  route: (from: number, to: number) => { readonly latency: number; readonly secondsPerByte: number },
  seed: number,
): Problem {
  const random = createRandom(seed);
  const input = ops.length;
  const consumers: number[][] = Array.from({ length: ops.length + 1 }, () => []);
  for (const [op, { inputs }] of ops.entries()) for (const tensor of inputs) item(consumers, tensor).push(op);
  for (const [op, { inputs }] of ops.entries()) if (inputs.length === 0) item(consumers, input).push(op);
  const bytes = Float64Array.from([...ops.map((op) => op.bytes), inputBytes]);
  const outputs = ops.flatMap((_, op) => (item(consumers, op).length === 0 ? [op] : []));
  let resources = 0;
  const routes = devices.map((_, from) =>
    devices.map((_, to): Route => {
      if (from === to) return { hops: [], latency: 0, secondsPerByte: 0 };
      const { latency, secondsPerByte } = route(from, to);
      const hop = {
        link: resources,
        direction: "aToB" as const,
        latency,
        secondsPerByte,
        joulesPerByte: 0,
        resource: resources++,
      };
      return { hops: [hop], latency, secondsPerByte };
    }),
  );
  return {
    opCount: ops.length,
    tensorCount: ops.length + 1,
    opInputs: csrFrom(ops.map(({ inputs }) => (inputs.length === 0 ? [input] : inputs))),
    opOutputs: csrFrom(ops.map((_, op) => [op])),
    opWeights: csrFrom(ops.map(({ weightBytes }, op) => (weightBytes > 0 ? [op] : []))),
    tensorProducer: Int32Array.from([...ops.keys(), -1]),
    tensorConsumers: csrFrom(consumers),
    tensorMemoryBytes: bytes,
    tensorWireBytes: bytes,
    uncuttable: new Uint8Array(ops.length + 1),
    inputs: [input],
    outputs,
    devices: devices.map(
      ({ macsPerSecond, overhead, spread = 0 }, index): ProblemDevice => ({
        id: `device-${index}`,
        memoryBytes: 2 ** 40,
        onChipBytes: 0,
        streamingSecondsPerByte: 0,
        stageOverheadSeconds: overhead,
        opSeconds: Float64Array.from(
          ops,
          ({ work }) => (work / macsPerSecond) * (1 + spread * (2 * random.next() - 1)),
        ),
        weightBytes: Float64Array.from(ops, ({ weightBytes }) => weightBytes),
        ...plainDevice(ops.length),
      }),
    ),
    routes,
    resourceCount: resources,
    source: 0,
    sink: 0,
    ...freeConditions(ops.length, resources),
  };
}

/** The first of: a Raspberry Pi, an embedded GPU, a mini PC, a server, a phone. */
function benchDevices(count: number): BenchDevice[] {
  return [
    { macsPerSecond: 7e9, overhead: 1e-4, spread: 0.3 },
    { macsPerSecond: 6e10, overhead: 1e-3, spread: 0.3 },
    { macsPerSecond: 1.2e11, overhead: 2e-4, spread: 0.3 },
    { macsPerSecond: 2e12, overhead: 1e-3, spread: 0.3 },
    { macsPerSecond: 3e10, overhead: 5e-4, spread: 0.3 },
  ].slice(0, count);
}

/** Wi-Fi to and from the first device, wires between the others. */
function benchRoute(from: number, to: number): { latency: number; secondsPerByte: number } {
  return from === 0 || to === 0
    ? { latency: 2e-3, secondsPerByte: 8 / 5e7 }
    : { latency: 1.5e-4, secondsPerByte: 8 / 9.4e8 };
}

/** ResNet-50 at 224 x 224 as 122 ops, on the first of: a Raspberry Pi, an embedded GPU, a mini PC, a server, a phone. */
export function resnet50(deviceCount: number): Problem {
  const ops: BenchOp[] = [];
  const add = (inputs: number[], work: number, elements: number, weights = 0): number =>
    ops.push({ inputs, work, bytes: 4 * elements, weightBytes: 4 * weights }) - 1;
  const conv = (from: number[], size: number, input: number, output: number, kernel: number) => {
    const weights = input * output * kernel * kernel;
    return add(from, size * size * weights, size * size * output, weights);
  };
  let last = add([add([], 112 * 112 * 64 * 147, 112 * 112 * 64, 64 * 147)], 8e5, 112 * 112 * 64);
  last = add([last], 2e6, 56 * 56 * 64);
  let width = 64;
  for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
    const size = 56 >> stage;
    const inner = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const elements = size * size * inner;
      const squeezed = add([conv([last], size, width, inner, 1)], elements, elements);
      const middle = add([conv([squeezed], size, inner, inner, 3)], elements, elements);
      const expanded = conv([middle], size, inner, 4 * inner, 1);
      const shortcut = block === 0 ? conv([last], size, width, 4 * inner, 1) : last;
      const sum = add(
        [expanded, shortcut].sort((a, b) => a - b),
        4 * elements,
        4 * elements,
      );
      last = add([sum], 4 * elements, 4 * elements);
      width = 4 * inner;
    }
  }
  const pooled = add([last], 1e5, 2048);
  add([add([pooled], 2048 * 1000, 1000, 2048 * 1000)], 1000, 1000);
  return problemOf(ops, 224 * 224 * 3, benchDevices(deviceCount), benchRoute, 50);
}

/** Tokens, width, width within a layer and words of BERT-base (Devlin et al. 2019). */
const TOKENS = 128;
const WIDTH = 768;
const INNER = 4 * WIDTH;
const WORDS = 30522;
const HEADS = 12;

/**
 * BERT-base on 128 tokens as 783 ops, as exporters write it that know neither LayerNorm nor GELU: 12 layers of 64 ops,
 * those that work out shapes included, after 15 that embed. On the same devices as `resnet50`, and a phone.
 */
export function bertBase(deviceCount: number): Problem {
  const ops: BenchOp[] = [];
  const add = (inputs: readonly number[], work: number, elements: number, weights = 0): number =>
    ops.push({ inputs: [...inputs].sort((a, b) => a - b), work, bytes: 4 * elements, weightBytes: 4 * weights }) - 1;
  const each = (inputs: readonly number[], elements = TOKENS * WIDTH): number => add(inputs, elements, elements);
  const matMul = (from: number, input: number, output: number): number =>
    each([add([from], TOKENS * input * output, TOKENS * output, input * output)], TOKENS * output);
  const normalise = (from: number): number => {
    const centred = each([from, each([from], TOKENS)]);
    const deviation = each([each([each([each([centred])], TOKENS)], TOKENS)], TOKENS);
    return each([each([each([centred, deviation])])]);
  };
  const shapeOf = (from: number): number => each([each([each([each([from], 3)], 1)], 1)], 4);
  const embed = (rows: number) => add([], TOKENS * WIDTH, TOKENS * WIDTH, rows * WIDTH);
  const mask = add([], TOKENS, TOKENS);
  let last = normalise(each([each([embed(WORDS), embed(2)]), embed(512)]));
  for (let layer = 0; layer < 12; layer++) {
    const [query = 0, key = 0, value = 0] = [0, 1, 2].map(() => {
      const projected = matMul(last, WIDTH, WIDTH);
      return each([each([projected, shapeOf(projected)])]);
    });
    const squares = HEADS * TOKENS * TOKENS;
    const scores = add([query, key], TOKENS * TOKENS * WIDTH, squares);
    const attention = each([each([each([scores], squares), mask], squares)], squares);
    const context = each([add([attention, value], TOKENS * TOKENS * WIDTH, TOKENS * WIDTH)]);
    const joined = each([context, each([each([context], 3)], 3)]);
    last = normalise(each([last, matMul(joined, WIDTH, WIDTH)]));
    const grown = matMul(last, WIDTH, INNER);
    const half = each([each([each([grown], TOKENS * INNER)], TOKENS * INNER)], TOKENS * INNER);
    const active = each([each([grown, half], TOKENS * INNER)], TOKENS * INNER);
    last = normalise(each([last, matMul(active, INNER, WIDTH)]));
  }
  return problemOf(ops, 4 * TOKENS, benchDevices(deviceCount), benchRoute, 52);
}

/**
 * A random network: a chain of ops with branches and skips over up to 20 ops, op times and sizes spread over two orders of
 * magnitude, devices of like speed on average but each better at other ops: the hard case for a minimum cut.
 */
export function randomNetwork(opCount: number, deviceCount: number, seed: number): Problem {
  const random = createRandom(seed);
  const ops: BenchOp[] = [];
  for (let op = 0; op < opCount; op++) {
    const inputs = new Set<number>();
    if (op > 0) inputs.add(random.chance(0.8) ? op - 1 : random.integer(Math.max(0, op - 9), op - 1));
    if (op > 0 && random.chance(0.25)) inputs.add(random.integer(Math.max(0, op - 20), op - 1));
    const spread = (low: number, high: number) => low * (high / low) ** random.next();
    ops.push({
      inputs: [...inputs].sort((a, b) => a - b),
      work: spread(1e6, 1e8),
      bytes: spread(1e3, 1.5e5),
      weightBytes: spread(1e3, 1e6),
    });
  }
  const speeds = Array.from({ length: deviceCount }, () => 1e10 * 4 ** (random.next() - 0.5));
  const rates = Array.from({ length: deviceCount ** 2 }, () => 2e-8 * 20 ** (random.next() - 0.5));
  return problemOf(
    ops,
    1e5,
    speeds.map((macsPerSecond) => ({ macsPerSecond, overhead: 0, spread: 0.9 })),
    (from, to) => ({ latency: 1e-4, secondsPerByte: rates[from * deviceCount + to] ?? 0 }),
    seed,
  );
}

/** Convolutions of an Inception block: branches of [output channels, kernel area], pooled branches without any first. */
type Branch = readonly (readonly [channels: number, area: number])[];

/** Branches of Inception v3's five kinds of blocks (Szegedy et al. 2016, as torchvision lays them out). */
const INCEPTION_BLOCKS: readonly { readonly size: number; readonly branches: readonly Branch[] }[] = [
  ...[32, 64, 64].map((pool) => ({
    size: 35,
    branches: [
      [[64, 1]],
      [
        [48, 1],
        [64, 25],
      ],
      [
        [64, 1],
        [96, 9],
        [96, 9],
      ],
      [[pool, 1]],
    ] as readonly Branch[],
  })),
  {
    size: 17,
    branches: [
      [[384, 9]],
      [
        [64, 1],
        [96, 9],
        [96, 9],
      ],
      [],
    ],
  },
  ...[128, 160, 160, 192].map((inner) => ({
    size: 17,
    branches: [
      [[192, 1]],
      [
        [inner, 1],
        [inner, 7],
        [192, 7],
      ],
      [
        [inner, 1],
        [inner, 7],
        [inner, 7],
        [inner, 7],
        [192, 7],
      ],
      [[192, 1]],
    ] as readonly Branch[],
  })),
  {
    size: 8,
    branches: [
      [
        [192, 1],
        [320, 9],
      ],
      [
        [192, 1],
        [192, 7],
        [192, 7],
        [192, 9],
      ],
      [],
    ],
  },
  ...[0, 1].map(() => ({
    size: 8,
    branches: [
      [[320, 1]],
      [
        [384, 1],
        [384, 3],
        [384, 3],
      ],
      [
        [448, 1],
        [384, 9],
        [384, 3],
        [384, 3],
      ],
      [[192, 1]],
    ] as readonly Branch[],
  })),
];

/** Inception v3 at 299 x 299, convolutions and activations apart, on the same devices as `resnet50`. */
export function inceptionV3(deviceCount: number): Problem {
  const ops: BenchOp[] = [];
  const add = (inputs: readonly number[], work: number, elements: number, weights = 0): number =>
    ops.push({ inputs: [...inputs].sort((a, b) => a - b), work, bytes: 4 * elements, weightBytes: 4 * weights }) - 1;
  const conv = (from: number, size: number, input: number, output: number, area: number): number => {
    const weights = input * output * area;
    const elements = size * size * output;
    const op = add(from < 0 ? [] : [from], size * size * weights, elements, weights);
    return add([op], elements, elements);
  };
  let last = -1;
  let channels = 3;
  for (const [size, output, area] of [
    [149, 32, 9],
    [147, 32, 9],
    [147, 64, 9],
    [73, 80, 1],
    [71, 192, 9],
  ] as const) {
    last = conv(last, size, channels, output, area);
    channels = output;
  }
  for (const { size, branches } of INCEPTION_BLOCKS) {
    const ends: number[] = [];
    let width = 0;
    for (const branch of branches) {
      // The last branch pools first, and may do nothing else.
      let from = branch === branches.at(-1) ? add([last], size * size * channels * 9, size * size * channels) : last;
      let input = channels;
      for (const [output, area] of branch) {
        from = conv(from, size, input, output, area);
        input = output;
      }
      ends.push(from);
      width += input;
    }
    channels = width;
    last = add(ends, size * size * channels, size * size * channels);
  }
  const pooled = add([last], 64 * channels, channels);
  add([add([pooled], channels * 1000, 1000, channels * 1000)], 1000, 1000);
  return problemOf(ops, 299 * 299 * 3, benchDevices(deviceCount), benchRoute, 51);
}
