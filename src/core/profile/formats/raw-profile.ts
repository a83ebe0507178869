import type { Result } from "../../result.ts";
import type { Distribution } from "../distribution.ts";
import type { Provenance } from "../profile.ts";

/** How an entry's time came about: measured runs, or what a profile of another origin says of itself. */
type ProfileKind = Extract<Provenance, "measured" | "imported" | "user" | "fitted" | "estimated">;
export const PROFILE_KINDS = ["measured", "imported", "user", "fitted", "estimated"] as const;

/**
 * One timed thing of a profile. "op": a node, or several that the runtime fused under one name. "overhead": inserted
 * by the runtime (layout change, copy, cast). "subgraph": a compiled part of the model that the runtime reports as one.
 */
export interface RawEntry {
  readonly kind: "op" | "overhead" | "subgraph";
  /** Name as the profile has it, without the format's own decoration; "" where the profile has none. */
  readonly label: string;
  readonly opType: string | null;
  /** The runtime's number of the node. */
  readonly nodeIndex: number | null;
  /** Names of the ops that the entry stands for, where the profile says so. */
  readonly nodes: readonly string[] | null;
  /** Number of inputs with data, constants included. */
  readonly inputCount: number | null;
  /** Bytes of inputs that are not constant; 0 marks work on constants alone. */
  readonly activationBytes: number | null;
  readonly outputShape: readonly number[] | null;
  readonly provider: string | null;
  readonly latency: Distribution;
}

/** A profile as read from a file, before it is matched to a model. Entries stand in order of execution. */
export interface RawProfile {
  /** Id of the format it was read from. */
  readonly format: string;
  readonly fileName: string;
  /** File and format that the figures were converted from, null where this file is the first. */
  readonly source: { readonly fileName: string; readonly format: string } | null;
  readonly kind: ProfileKind;
  /** Names as far as the file has them. */
  readonly model: { readonly name: string | null; readonly sha256: string | null };
  readonly device: { readonly name: string | null; readonly runtime: string | null };
  /** Runs that the figures rest on, and runs left out before them. */
  readonly runs: number;
  readonly warmupDropped: number;
  /** Whole inference, where the file has it. */
  readonly endToEnd: Distribution | null;
  /** Sum of the entries' medians / median of whole runs; near 1 on a quiet machine. */
  readonly additivity: number | null;
  readonly entries: readonly RawEntry[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** A reader of one format. `sniff` sees the first 64 Ki characters and decides by content alone. */
export interface ProfileFormat {
  readonly id: string;
  readonly label: string;
  readonly sniff: (head: string) => boolean;
  readonly parse: (text: string, fileName: string) => Result<RawProfile>;
}
