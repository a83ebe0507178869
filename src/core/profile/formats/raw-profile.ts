import type { PipeEdgeFile } from "../../plan/imports/pipe-edge.ts";
import type { Result } from "../../result.ts";
import type { Distribution } from "../distribution.ts";
import type { Provenance } from "../profile.ts";

/** How an entry's time came about: measured runs, or what a profile of another origin says of itself. */
type ProfileKind = Extract<Provenance, "measured" | "imported" | "user" | "fitted" | "estimated">;
export const PROFILE_KINDS = ["measured", "imported", "user", "fitted", "estimated"] as const;

export const ENTRY_KINDS = ["op", "overhead", "subgraph", "elided", "total"] as const;

/**
 * One timed thing of a profile. "op": a node, or several that the runtime fused under one name. "overhead": inserted
 * by the runtime (layout change, copy, cast). "subgraph": a compiled part of the model that the runtime reports as
 * one. "elided": named by the runtime as optimised away, its time is that of another entry. "total": a whole
 * inference, the only entry of a profile that times no ops.
 */
export interface RawEntry {
  readonly kind: (typeof ENTRY_KINDS)[number];
  /** Name as the profile has it, without the format's own decoration; "" where the profile has none. */
  readonly label: string;
  /** ONNX op type, or a family of them (op-families.ts) where the runtime's own type does not say more. */
  readonly opType: string | null;
  /** The runtime's number of the node. */
  readonly nodeIndex: number | null;
  /** Names of the ops that the entry stands for, where the profile says so. */
  readonly nodes: readonly string[] | null;
  /** Names of tensors that it may have written, the likeliest first, where the profile or a companion has them. */
  readonly outputs: readonly string[] | null;
  /** Number of inputs with data, constants included. */
  readonly inputCount: number | null;
  /** Bytes of inputs that are not constant; 0 marks work on constants alone. */
  readonly activationBytes: number | null;
  readonly outputShape: readonly number[] | null;
  readonly provider: string | null;
  readonly latency: Distribution;
  /** The node of the optimised model that was timed, where that model came with the profile. */
  readonly node?: Pick<OptimisedNode, "inputs" | "outputs">;
}

/** A tensor of an optimised model. */
export interface OptimisedTensor {
  /** What it may be called in the original model, the likeliest first. */
  readonly names: readonly string[];
  /** Name of the node that writes it, where it tells more than the tensor's own; null otherwise. */
  readonly producer: string | null;
}

/** A node of the model that ONNX Runtime writes after its optimisations. */
export interface OptimisedNode {
  readonly name: string;
  readonly opType: string;
  /** Without constants. */
  readonly inputs: readonly OptimisedTensor[];
  readonly outputs: readonly OptimisedTensor[];
}

/** The machine that a profile was measured on, as far as it can be asked. */
export interface Hardware {
  readonly processor: string | null;
  /** Logical ones that the runtime may use. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  /** System, architecture and program around the runtime: "linux arm64, Node 20.20.2", or a browser's user agent. */
  readonly platform: string | null;
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
  readonly device: { readonly name: string | null; readonly runtime: string | null; readonly hardware?: Hardware };
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

/** One layer of a TensorRT engine: what its name alone does not say. */
export interface EngineLayer {
  readonly name: string;
  readonly outputs: readonly string[];
  readonly outputShape: readonly number[] | null;
  /** Names of the ONNX nodes that it was made of, where the engine was built to say so. */
  readonly nodes: readonly string[];
  /** Inserted by the builder: a change of layout or type. */
  readonly isReformat: boolean;
}

/** Power of a device over a log, in watts. */
export interface PowerLog {
  readonly samples: number;
  /** The rail that feeds the whole module, or the sum of all where there is none. */
  readonly rail: string;
  /** 5th and 95th percentile: at rest and at work, if the log holds both. */
  readonly idleWatts: number;
  readonly activeWatts: number;
  readonly meanWatts: number;
  readonly warnings: readonly string[];
}

/** What a file turned out to hold. */
export type Reading =
  | { readonly kind: "profile"; readonly profile: RawProfile }
  /** Figures without a unit, kept as though they were seconds: see `inUnit`. */
  | { readonly kind: "unitless"; readonly profile: RawProfile }
  /** Companion of a TensorRT profile: the engine's layers. */
  | { readonly kind: "layers"; readonly layers: readonly EngineLayer[] }
  /** Companion of a TensorRT profile: whole inferences, and the copies to and from the device, in seconds. */
  | {
      readonly kind: "times";
      readonly endToEnd: Distribution;
      readonly toDevice: Distribution;
      readonly fromDevice: Distribution;
    }
  /** Companion of a TensorRT profile: the device it was measured on. */
  | { readonly kind: "device"; readonly name: string; readonly endToEnd: Distribution | null }
  /** Companion of an ONNX Runtime trace: the nodes that really ran. */
  | { readonly kind: "optimised"; readonly nodes: readonly OptimisedNode[] }
  /** Companion of SNPE layer times: which layer each number is. */
  | { readonly kind: "layerNames"; readonly names: readonly { readonly number: string; readonly label: string }[] }
  /** A chain of layers that no model's ops can be found by: part of a placement problem of its own. */
  | { readonly kind: "chain"; readonly file: PipeEdgeFile }
  | { readonly kind: "power"; readonly power: PowerLog };

/** Takes a file's text in chunks; `end` gives what it holds, or one sentence that names the file. Used once. */
export interface ProfileReader {
  push(chunk: string): void;
  end(): Result<Reading>;
}

/** A reader of one format. `sniff` sees the first 64 Ki characters and decides by content alone. */
export interface ProfileFormat {
  readonly id: string;
  /** Completes "expected ..., or ...". */
  readonly label: string;
  readonly sniff: (head: string) => boolean;
  readonly open: (fileName: string) => ProfileReader;
}
