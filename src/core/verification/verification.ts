import type { WireFormat } from "../plan/wire.ts";
import type { OptimisationLevel } from "../profile/optimisation-level.ts";
import type { RandomOp } from "./random-ops.ts";

/** How an output of the chained segments differs from that of the whole model. */
export interface OutputDifference {
  readonly name: string;
  readonly elementType: string;
  readonly dims: readonly number[];
  readonly bitEqual: boolean;
  /** Largest absolute difference of two elements; 0 for equal texts, Infinity where shape, type or text differ. */
  readonly maxAbsolute: number;
  /** `maxAbsolute` over the largest absolute value of the whole model's output. */
  readonly maxRelative: number;
}

export interface VerifiedStage {
  readonly stage: number;
  readonly fileName: string;
  readonly bytes: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly loadSeconds: number;
  /** Of one run, the first. */
  readonly runSeconds: number;
}

/** What passed a boundary in the run: tensors as sent, relayed ones included. */
export interface VerifiedTransfer {
  readonly from: number;
  readonly to: number;
  readonly tensors: readonly string[];
  readonly bytes: number;
}

/** "close": not bit-equal, but no output differs by more than the tolerance. */
export type Verdict = "bit-equal" | "close" | "different";

/** What the runs of a whole model and of the segments that a plan makes of it came to. */
export interface Verification {
  readonly verdict: Verdict;
  /** Of `maxRelative` of an output. */
  readonly tolerance: number;
  /** "onnxruntime-web 1.30.0 WASM" */
  readonly runtime: string;
  readonly level: OptimisationLevel;
  /** Of the made-up inputs; null where every input was given. */
  readonly seed: number | null;
  /** Inputs that were given, and the files that they came from. */
  readonly given: readonly { readonly name: string; readonly file: string }[];
  readonly outputs: readonly OutputDifference[];
  /** An op that draws random numbers, which explains the outputs that differ; null where none does. */
  readonly random: RandomOp | null;
  /**
   * For a plan that sends tensors in another form: how outputs differ when they are. The verdict is about tensors sent
   * as they are stored, which is what shows whether the segments are right; null where nothing is sent otherwise.
   */
  readonly encoded: {
    readonly input: WireFormat;
    readonly cut: WireFormat;
    readonly outputs: readonly OutputDifference[];
  } | null;
  /** Of the whole model. */
  readonly whole: { readonly loadSeconds: number; readonly runSeconds: number };
  /** As they are sent: with encoding where the plan has it. */
  readonly stages: readonly VerifiedStage[];
  readonly transfers: readonly VerifiedTransfer[];
}

/** The largest difference among outputs, relative to each output's largest value. */
export function largestDifference(outputs: readonly OutputDifference[]): number {
  return outputs.reduce((largest, { maxRelative }) => Math.max(largest, maxRelative), 0);
}
