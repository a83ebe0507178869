import type { OpClass } from "./cost.ts";
import type { OpView } from "./op-view.ts";

/** Work of one op: multiply-accumulates (NaN where a needed size is unknown), and its class. */
export interface Work {
  readonly macs: number;
  readonly opClass: OpClass;
}

/** One family of ops: the types that it covers and its formula. */
export interface OpFamily {
  readonly types: readonly string[];
  readonly work: (op: OpView) => Work;
}
