import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type Bench, type BenchAbsence, type BenchResult, medianMilliseconds } from "../testing/bench.ts";
import { PIPE_EDGE_MODELS } from "../testing/pipe-edge.ts";
import { MSR_PROBLEMS, publishedProblem } from "../testing/published.ts";
import { TRANSLATION_DOWN_SETS, translationNetwork } from "../testing/translation-network.ts";
import { solve } from "./solve.ts";

const clock = () => performance.now();
/** From the project's folder, in which benches run. */
const PUBLISHED = "../shared/bench";

function proven(problem: Problem): number {
  const { value, certificate } = unwrap(solve(problem, { objective: "period" }));
  if (certificate.status !== "optimal") throw new Error("not proven");
  return value;
}

const timed = (problem: Problem, runs: number) => medianMilliseconds(clock, () => proven(problem), runs);

/** Does something with a published problem as the command line imports it, where the files are there. */
function onPublished(
  files: readonly string[],
  measure: (problem: Problem) => BenchResult,
  model?: string,
): BenchResult | BenchAbsence {
  const missing = files.find((file) => !existsSync(join(PUBLISHED, file)));
  if (missing !== undefined) return { absent: `${join(PUBLISHED, missing)} is not there` };
  const read = files.map((file) => ({ name: file, text: readFileSync(join(PUBLISHED, file), "utf8") }));
  return measure(publishedProblem(read, model === undefined ? {} : { model }));
}

const msrBenches = MSR_PROBLEMS.flatMap(({ name, file, optimum, authorsSeconds, goal }): readonly Bench[] => {
  const files = [`msr/throughput/${file}`];
  const authors = authorsSeconds === null ? "" : `; the authors' own program takes ${authorsSeconds * 1e3} ms`;
  return [
    {
      name: `dnn-partitioning ${name}: proven max-load (published optimum ${optimum} ms)`,
      goal: `<= ${(optimum + 1e-4).toFixed(4)} ms`,
      run: () => onPublished(files, (problem) => ({ value: proven(problem) * 1e3, unit: "ms", digits: 7 })),
    },
    {
      name: `dnn-partitioning ${name}: time to find and prove it, median of 5 after as many${authors}`,
      goal: goal === null ? null : `<= ${goal} ms`,
      run: () => onPublished(files, (problem) => timed(problem, 5)),
    },
  ];
});

const PIPE_EDGE_FILES = ["models.yml", "device_types.yml", "devices.yml"].map((file) => `pipeedge/${file}`);

export const benches: readonly Bench[] = [
  ...msrBenches,
  {
    name: `period with ports, ${TRANSLATION_DOWN_SETS} down-sets, 6 accelerators and a CPU, proven, median of 3 after as many (GNMT, 17,914 down-sets: 11,200 ms by the authors' program)`,
    goal: "<= 700 ms",
    run: () => timed(translationNetwork(1), 3),
  },
  ...PIPE_EDGE_MODELS.map(
    ({ model }): Bench => ({
      name: `PipeEdge ${model} as imported, memory of the hosts included: time to find and prove it`,
      goal: null,
      run: () => onPublished(PIPE_EDGE_FILES, (problem) => timed(problem, 3), model),
    }),
  ),
];
