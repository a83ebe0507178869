/**
 * Classes of ops that hardware treats alike. They choose the coefficient of a fitted model and the efficiency
 * of a roofline. "view" ops move no data (Reshape, Squeeze, Identity, Dropout at inference).
 */
export const OP_CLASSES = [
  "conv1x1",
  "convKxK",
  "depthwise",
  "gemm",
  "attention",
  "recurrent",
  "elementwise",
  "pool",
  "normalization",
  "movement",
  "view",
  "other",
] as const;
export type OpClass = (typeof OP_CLASSES)[number];

/** Work of each op of a Graph, as columns indexed by op. Unknown sizes are NaN, never guessed. */
export interface OpCosts {
  /** Multiply-accumulates. */
  readonly macs: Float64Array;
  /** Activation bytes read. */
  readonly inputBytes: Float64Array;
  /** Activation bytes written. */
  readonly outputBytes: Float64Array;
  /** Constant bytes read (as stored). */
  readonly weightBytes: Float64Array;
  /** Elements of the floating-point and quantised constants read. */
  readonly parameters: Float64Array;
  /** Index into OP_CLASSES. */
  readonly opClass: Uint8Array;
}

export interface ModelTotals {
  readonly ops: number;
  readonly macs: number;
  /** Each constant once, however many ops read it. */
  readonly parameters: number;
  readonly weightBytes: number;
}
