import type { Distribution } from "../distribution.ts";
import { distributionOf } from "../distribution.ts";
import { warmUpOf } from "./make.ts";

/** Samples that are kept of one op: 8,192 runs are exact, longer traces are thinned. */
const MOST_SAMPLES = 8192;
/** Runs that may turn out to be warm-up, known only once the number of runs is. */
const MAY_BE_WARM_UP = 3;

/**
 * Times of one op over the runs of a trace, in bounded memory (64 KiB at most). The first three runs are kept apart
 * because whether they count is known at the end. Of the rest every sample is kept until the column is full; then
 * every other one is dropped and from there on only every second (fourth, ...) run is kept: a systematic sample,
 * the same for the same file. Count, least and mean stay exact, quartiles rest on at least 4,096 evenly spaced runs.
 */
export class SampleColumn {
  readonly #early: { readonly run: number; readonly seconds: number }[] = [];
  #kept = new Float64Array(16);
  #length = 0;
  #seen = 0;
  #stride = 1;
  #sum = 0;
  #least = Number.POSITIVE_INFINITY;

  add(run: number, seconds: number): void {
    if (run < MAY_BE_WARM_UP) {
      this.#early.push({ run, seconds });
      return;
    }
    this.#sum += seconds;
    this.#least = Math.min(this.#least, seconds);
    if (this.#seen++ % this.#stride === 0) this.#keep(seconds);
  }

  #keep(seconds: number): void {
    if (this.#length === MOST_SAMPLES) {
      for (let i = 0; 2 * i < MOST_SAMPLES; i++) this.#kept[i] = this.#kept[2 * i] ?? 0;
      this.#length = MOST_SAMPLES / 2;
      this.#stride *= 2;
      // The sample at hand is of the wider stride too: MOST_SAMPLES is a power of two.
    }
    if (this.#length === this.#kept.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#kept);
      this.#kept = wider;
    }
    this.#kept[this.#length++] = seconds;
  }

  /** Distribution over the runs after warm-up, `recorded` being the runs of the whole trace; null where none is left. */
  distribution(recorded: number): Distribution | null {
    const dropped = warmUpOf(recorded);
    const early = this.#early.filter(({ run }) => run >= dropped).map(({ seconds }) => seconds);
    const count = early.length + this.#seen;
    if (count === 0) return null;
    const samples = new Float64Array(early.length + this.#length);
    samples.set(early);
    samples.set(this.#kept.subarray(0, this.#length), early.length);
    const summary = distributionOf(samples);
    if (this.#stride === 1) return summary;
    const total = early.reduce((sum, value) => sum + value, this.#sum);
    return { ...summary, count, min: Math.min(this.#least, ...early), mean: total / count };
  }
}
