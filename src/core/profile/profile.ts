/** Where a latency comes from, best first. */
export const PROVENANCES = [
  "measured",
  "imported",
  "user",
  "given",
  "scaled",
  "fitted",
  "estimated",
  "elided",
  "unknown",
] as const;
export type Provenance = (typeof PROVENANCES)[number];

/** Latency of every op of one graph on one device (load factor not applied). Columns indexed by op. */
export interface LatencyTable {
  /** Seconds; Infinity where the device cannot run the op. */
  readonly seconds: Float64Array;
  /** Band, seconds. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Index into PROVENANCES. */
  readonly provenance: Uint8Array;
  /**
   * Ops that the runtime runs as one (measured, or assumed by the estimate) share a number; the time stands on the
   * first of them and a cut between them breaks the fusion. -1 for an op that runs by itself.
   */
  readonly group: Int32Array;
  /** Human-readable origin per PROVENANCES entry that occurs: a citation or a file name. */
  readonly origins: ReadonlyMap<Provenance, string>;
}
