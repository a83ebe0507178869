import { item } from "../../columns.ts";
import { constantDistribution, type Distribution, distributionOf } from "../distribution.ts";

/** Programs of all runs that are kept: 200 a run over 10,000 runs. */
const MOST_EVENTS = 2_000_000;

/**
 * Times of programs on a GPU, which a trace lists behind all of its runs: per op the sum over its programs, run by run.
 * Whatever a program's number of events is a multiple of the runs by, is how often it runs each time.
 */
export class GpuTimes {
  readonly #programs = new Map<string, Map<string, number[]>>();
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(label: string, program: string, seconds: number): void {
    if (this.#count >= MOST_EVENTS) return;
    this.#count++;
    const programs = this.#programs.get(label) ?? new Map<string, number[]>();
    this.#programs.set(label, programs);
    const times = programs.get(program);
    if (times === undefined) programs.set(program, [seconds]);
    else times.push(seconds);
  }

  /**
   * Seconds of an op over `runs` runs, of which the first `dropped` are left out; zero where none of its programs ran.
   * Null where programs were lost, so that they cannot be told apart by run. O(events of the op).
   */
  latencyOf(label: string, runs: number, dropped: number): Distribution | null {
    const programs = this.#programs.get(label);
    if (programs === undefined) return constantDistribution(0, runs - dropped);
    const sums = new Array<number>(runs).fill(0);
    for (const times of programs.values()) {
      if (times.length % runs !== 0) return null;
      const each = times.length / runs;
      for (const [i, seconds] of times.entries()) {
        const run = Math.floor(i / each);
        sums[run] = item(sums, run) + seconds;
      }
    }
    return distributionOf(sums.slice(dropped));
  }
}
