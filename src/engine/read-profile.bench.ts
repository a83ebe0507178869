import type { Bench, BenchResult } from "../core/testing/bench.ts";
import { createRandom } from "../core/testing/random.ts";
import { type BlobLike, readProfileBlobs } from "./read-profile.ts";

const OPS = 40;
const MEGABYTE = 1e6;

/** One run of a trace as ONNX Runtime 1.30 writes it: 40 ops and the run's end, about 26 kB. */
function runText(seed: number): string {
  const random = createRandom(seed);
  const events = Array.from({ length: OPS }, (_, op) => {
    const shape = [1, 64 + op, 55, 55];
    const memory = (name: string) => `"${name}":"${random.integer(1e6, 9e6)}"`;
    const args = [
      `"op_name":"Conv","provider":"CPUExecutionProvider","node_index":"${op}","activation_size":"602112"`,
      `"parameter_size":"7168","output_size":"3154176","thread_scheduling_stats":""`,
      `"input_type_shape":[{"float":[${shape}]},{"float":[${64 + op},64,3,3]},{"float":[${64 + op}]}]`,
      `"output_type_shape":[{"float":[${shape}]}]`,
      ["mem_bytes_in_use", "mem_in_use_delta", "mem_in_use_peak", "mem_arena_held", "mem_arena_peak"]
        .map(memory)
        .join(),
    ];
    return `{"cat":"Node","pid":20416,"tid":20416,"dur":${random.integer(100, 300)},"ts":${op * 300},"ph":"X","name":"res${op}/branch2a_nchwc_kernel_time","args":{${args.join()}}},\n`;
  });
  const end = `{"cat":"Session","pid":1,"tid":1,"dur":8000,"ts":0,"ph":"X","name":"model_run","args":{}},\n`;
  return events.join("") + end;
}

/** A trace of at least `bytes` bytes that is made as it is read: 16 different runs in turn. */
function trace(bytes: number): BlobLike {
  const encoder = new TextEncoder();
  const runs = Array.from({ length: 16 }, (_, seed) => encoder.encode(runText(seed + 1)));
  const head = encoder.encode(
    '[\n{"cat":"Session","dur":9,"ts":1,"ph":"X","name":"session_initialization","args":{}},\n',
  );
  const pieces = [head];
  let size = head.length;
  for (let i = 0; size < bytes; i++) {
    const run = runs[i % runs.length] ?? head;
    pieces.push(run);
    size += run.length;
  }
  return {
    size,
    slice: (start, end) => ({ arrayBuffer: async () => head.slice(start, end).buffer }),
    stream: () => {
      let next = 0;
      return new ReadableStream({
        pull: (controller) => {
          const piece = pieces[next++];
          if (piece === undefined) controller.close();
          else controller.enqueue(piece);
        },
      });
    },
  };
}

async function read(blob: BlobLike, onProgress: () => void): Promise<number> {
  const start = performance.now();
  const [file] = await readProfileBlobs([{ name: "trace.json", blob }], { onProgress });
  const taken = performance.now() - start;
  const profile = file?.reading.ok && file.reading.value.kind === "profile" ? file.reading.value.profile : null;
  if (profile?.entries.length !== OPS) throw new Error("the trace was not read whole");
  return taken;
}

async function medianTime(bytes: number, times: number): Promise<BenchResult> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) taken.push(await read(trace(bytes), () => undefined));
  taken.sort((a, b) => a - b);
  return { value: taken[times >> 1] ?? 0, unit: "ms" };
}

/** Growth of the process's memory at its worst while a trace is read. */
async function peakMemory(bytes: number): Promise<BenchResult> {
  const blob = trace(bytes);
  const before = process.memoryUsage().rss;
  let peak = before;
  await read(blob, () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  });
  return { value: (peak - before) / MEGABYTE, unit: "MB" };
}

export const benches: readonly Bench[] = [
  {
    name: "import of an ONNX Runtime trace, 200 runs, 5 MB",
    goal: "<= 250 ms",
    run: () => medianTime(5 * MEGABYTE, 7),
  },
  {
    name: "import of an ONNX Runtime trace, 200 MB: memory",
    goal: "<= 150 MB",
    run: () => peakMemory(200 * MEGABYTE),
  },
  {
    name: "import of an ONNX Runtime trace, 200 MB: time",
    goal: "<= 5000 ms",
    run: () => medianTime(200 * MEGABYTE, 1),
  },
];
