import { scaleDistribution } from "../distribution.ts";
import type { RawProfile } from "./raw-profile.ts";

/** Units that a file without one can be in. */
export const TIME_UNITS = ["ms", "us", "s"] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const SECONDS: Readonly<Record<TimeUnit, number>> = { ms: 1e-3, us: 1e-6, s: 1 };

/** A "unitless" profile with its bare figures taken to be in `unit`. O(entries). */
export function inUnit(profile: RawProfile, unit: TimeUnit): RawProfile {
  const factor = SECONDS[unit];
  return {
    ...profile,
    endToEnd: profile.endToEnd === null ? null : scaleDistribution(profile.endToEnd, factor),
    entries: profile.entries.map((entry) => ({ ...entry, latency: scaleDistribution(entry.latency, factor) })),
  };
}

/** Unit that a column's name states ("latency_ms", "time (us)"), null where it states none. */
export function unitOf(column: string): TimeUnit | null {
  if (/(?:^|[^a-z])(?:ms|milliseconds?|msec)(?:$|[^a-z])/i.test(column)) return "ms";
  if (/(?:^|[^a-z])(?:us|µs|μs|microseconds?|usec)(?:$|[^a-z])/i.test(column)) return "us";
  return /(?:^|[^a-z])(?:s|sec|seconds?)(?:$|[^a-z])/i.test(column) ? "s" : null;
}
