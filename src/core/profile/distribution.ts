/** Distribution of a latency over runs, in seconds. */
export interface Distribution {
  /** Runs that it was taken over. */
  readonly count: number;
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly mean: number;
}

/** Quantile `q` of ascending `sorted` by linear interpolation (type 7 of Hyndman and Fan, 1996); NaN when empty. O(1). */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Where only one figure is known: `value` seconds over `count` runs. */
export function constantDistribution(value: number, count: number): Distribution {
  return { count, min: value, p25: value, median: value, p75: value, p95: value, mean: value };
}

/** All figures times `factor` (a change of unit). */
export function scaleDistribution(latency: Distribution, factor: number): Distribution {
  return {
    count: latency.count,
    min: latency.min * factor,
    p25: latency.p25 * factor,
    median: latency.median * factor,
    p75: latency.p75 * factor,
    p95: latency.p95 * factor,
    mean: latency.mean * factor,
  };
}

/** Two latencies one after the other, as far as quantiles add up: exact for the mean, near for quantiles that go together. */
export function addDistributions(one: Distribution, other: Distribution): Distribution {
  return {
    count: Math.min(one.count, other.count),
    min: one.min + other.min,
    p25: one.p25 + other.p25,
    median: one.median + other.median,
    p75: one.p75 + other.p75,
    p95: one.p95 + other.p95,
    mean: one.mean + other.mean,
  };
}

/** Summary of a sample of at least one latency. O(n log n). */
export function distributionOf(samples: ArrayLike<number>): Distribution {
  const sorted = Float64Array.from(samples).sort();
  return {
    count: sorted.length,
    min: quantile(sorted, 0),
    p25: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    p75: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  };
}
