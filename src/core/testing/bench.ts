/**
 * Figures that `npm run bench` prints. A file `x.bench.ts` beside the source exports
 * `benches: readonly Bench[]`; nothing else is needed for it to appear in the table.
 */
export interface BenchResult {
  readonly value: number;
  readonly unit: string;
  /** Significant digits that are shown; 3 unless given. */
  readonly digits?: number;
}

/** In place of a figure: which input, that is no part of the project, is not there. */
export interface BenchAbsence {
  readonly absent: string;
}

export interface Bench {
  /** What was done to what: "predict, one plan of ResNet-50". */
  readonly name: string;
  /** Limit in the unit of the result, "<= 0.3 ms" or ">= 2 x"; null for a figure without a limit. */
  readonly goal: string | null;
  readonly run: () => BenchResult | BenchAbsence | Promise<BenchResult | BenchAbsence>;
}

/**
 * Median time of one call of `work` in ms, after as many unmeasured calls as measured ones up to 5.
 * `clock` gives ms (`() => performance.now()`): core itself reads no clock.
 */
export function medianMilliseconds(clock: () => number, work: () => void, runs = 15): BenchResult {
  for (let i = 0; i < Math.min(runs, 5); i++) work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = clock();
    work();
    times.push(clock() - start);
  }
  times.sort((a, b) => a - b);
  return { value: times[times.length >> 1] ?? 0, unit: "ms" };
}
