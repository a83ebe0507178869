import { err, ok, type Result } from "../../result.ts";
import { constantDistribution, type Distribution, distributionOf } from "../distribution.ts";
import type { ProfileFormat, ProfileReader, RawEntry, RawProfile, Reading } from "./raw-profile.ts";

/** Parts that most readers are made of. */

/** Fewer runs than this make medians shaky on a busy machine. */
const ENOUGH_RUNS = 10;
/** Runs that are dropped from the front: memory and caches are not warm yet. */
const WARM_UP = 3;
/** Formats that must be parsed as a whole are tables of ops: a few MB at most. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** How many of `recorded` runs to leave out as warm-up: three, at most half. */
export function warmUpOf(recorded: number): number {
  return Math.min(WARM_UP, Math.floor(recorded / 2));
}

/** Sentences about the number of runs that a profile rests on. */
export function runWarnings(runs: number): readonly string[] {
  if (runs >= ENOUGH_RUNS) return [];
  return [`Only ${runs === 1 ? "1 run" : `${runs} runs`} after warm-up: low confidence; 50 or more are better.`];
}

/** An entry about which no more is known than is given. */
export function rawEntry(label: string, latency: Distribution, more: Partial<RawEntry> = {}): RawEntry {
  return {
    kind: "op",
    label,
    opType: null,
    nodeIndex: null,
    nodes: null,
    outputs: null,
    inputCount: null,
    activationBytes: null,
    outputShape: null,
    provider: null,
    latency,
    ...more,
  };
}

/** A measured profile; the entries' sum is set against whole runs where these are known. */
export function rawProfile(
  format: string,
  fileName: string,
  entries: readonly RawEntry[],
  more: Partial<RawProfile> = {},
): RawProfile {
  const total = entries.reduce((sum, entry) => sum + entry.latency.median, 0);
  const whole = more.endToEnd?.median ?? 0;
  return {
    format,
    fileName,
    source: null,
    kind: "measured",
    model: { name: null, sha256: null },
    device: { name: null, runtime: null },
    runs: 1,
    warmupDropped: 0,
    endToEnd: null,
    additivity: whole > 0 ? total / whole : null,
    entries,
    warnings: [],
    ...more,
  };
}

/** A profile that times whole inferences and no ops. */
export function totalProfile(
  format: string,
  fileName: string,
  total: Distribution,
  more: Partial<RawProfile> = {},
): RawProfile {
  const entries = [rawEntry("whole inference", total, { kind: "total" })];
  return rawProfile(format, fileName, entries, { runs: total.count, endToEnd: total, ...more, additivity: null });
}

/**
 * Samples per entry over runs, for files that repeat their table once a run: an entry that comes round again opens
 * the next run. Entries keep the order of their first appearance; names that repeat within a run are told apart by
 * `key`, which the caller makes of everything that identifies a row.
 */
export class RunTable<T> {
  readonly #rows = new Map<string, { readonly first: T; readonly seconds: number[] }>();

  add(key: string, row: T, seconds: number): void {
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, { first: row, seconds: [seconds] });
    else known.seconds.push(seconds);
  }

  get runs(): number {
    let runs = 0;
    for (const { seconds } of this.#rows.values()) runs = Math.max(runs, seconds.length);
    return runs;
  }

  /** Rows in order with their distribution after warm-up. */
  rows(dropped: number): readonly { readonly row: T; readonly latency: Distribution }[] {
    return [...this.#rows.values()].map(({ first, seconds }) => {
      const kept = seconds.slice(Math.min(dropped, seconds.length - 1));
      const [only] = kept;
      return {
        row: first,
        latency: kept.length === 1 && only !== undefined ? constantDistribution(only, 1) : distributionOf(kept),
      };
    });
  }
}

/** A reader of a format that is parsed as one text. */
export function wholeText(fileName: string, parse: (text: string, fileName: string) => Result<Reading>): ProfileReader {
  let chunks: string[] = [];
  let length = 0;
  return {
    push(chunk) {
      length += chunk.length;
      if (length <= MOST_CHARACTERS) chunks.push(chunk);
      else chunks = [];
    },
    end() {
      if (length > MOST_CHARACTERS) {
        return err(
          `${fileName} has ${length} characters; expected at most ${MOST_CHARACTERS} in a file of this format.`,
        );
      }
      return parse(chunks.join(""), fileName);
    },
  };
}

/** A format that is recognised to say why it cannot be used. `reason` completes "NAME is ...". */
export function refusedFormat(id: string, sniff: (head: string) => boolean, reason: string): ProfileFormat {
  return {
    id,
    label: "",
    sniff,
    open: (fileName) => ({ push: () => undefined, end: () => err(`${fileName} is ${reason}`) }),
  };
}

export function profileReading(profile: RawProfile): Result<Reading> {
  return ok({ kind: "profile", profile });
}
