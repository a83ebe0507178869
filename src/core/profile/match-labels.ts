/**
 * What runtimes make of op names when they fuse and rewrite a model, undone: names under which an entry's op may
 * stand in the original model, and whether two op types can be the same op.
 */

/** ONNX Runtime's NCHWc rewrites: the entry is named after a tensor of the original model. */
const TENSOR_LABEL = /^(.+?)(_bn|_mul|_add)?_nchwc(?:_token_\d+(?:_\d+)*)?$/;

export interface TensorLabel {
  readonly tensor: string;
  /** Type of the op that a `_bn`, `_mul` or `_add` turned into a convolution, null for the op of the entry's type. */
  readonly rewritten: string | null;
}

const REWRITTEN: ReadonlyMap<string, string> = new Map([
  ["_bn", "BatchNormalization"],
  ["_mul", "Mul"],
  ["_add", "Add"],
]);

/** Readings of a label as the name of an output tensor, the likelier first; none for labels of other kinds. */
export function tensorLabels(label: string): readonly TensorLabel[] {
  const match = TENSOR_LABEL.exec(label);
  const base = match?.[1];
  if (base === undefined) return [];
  const suffix = match?.[2];
  if (suffix === undefined) return [{ tensor: base, rewritten: null }];
  // A tensor's own name may end in "_bn".
  return [
    { tensor: base, rewritten: REWRITTEN.get(suffix) ?? null },
    { tensor: base + suffix, rewritten: null },
  ];
}

/** Op names that a label with ONNX Runtime's fusion decoration may stand for, the first named op first. */
export function decoratedNames(label: string): readonly string[] {
  const parts = label.split(" + ").map((part) =>
    part
      .trim()
      .replace(/^fused /, "")
      .replace(/_token_\d+(?:_\d+)*$/, "")
      .replace(/\/\w*Fusion\w*$/, ""),
  );
  return [...new Set(parts)].filter((name) => name !== "" && name !== label);
}

/** Op types that a runtime may run one op type as, beyond the same type with a prefix. */
const RUNS_AS: ReadonlyMap<string, readonly string[]> = new Map([
  ["BatchNormalization", ["Conv"]],
  ["Mul", ["Conv", "QuickGelu"]],
  ["Add", ["Conv", "Gemm", "SkipLayerNormalization", "BiasGelu"]],
  ["Sum", ["Add"]],
  ["MatMul", ["Gemm", "MatMulNBits", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "Attention"]],
  ["Gemm", ["MatMul"]],
  ["Pad", ["Conv", "MaxPool", "AveragePool"]],
  ["Erf", ["Gelu", "BiasGelu", "FastGelu"]],
  ["ReduceMean", ["LayerNormalization", "SimplifiedLayerNormalization", "GlobalAveragePool"]],
  ["Flatten", ["Reshape"]],
  ["Squeeze", ["Reshape"]],
  ["Unsqueeze", ["Reshape"]],
  ["Reshape", ["Attention"]],
]);

/** A runtime's op type without the prefixes that say how it runs: NhwcFusedConv, QLinearConv -> Conv. */
export function baseType(opType: string): string {
  return opType.replace(/^Nhwc/, "").replace(/^(Fused|QLinear)/, "");
}

/**
 * Whether an entry of type `ran` can be an op of type `written`. An entry of unknown type can be anything; names
 * alone do not do, because exporters number the ops of every model alike ("n0", "Conv_3").
 */
export function canRunAs(written: string, ran: string | null): boolean {
  if (ran === null) return true;
  const type = baseType(ran);
  return type === written || ran === written || (RUNS_AS.get(written)?.includes(type) ?? false);
}

/** Inputs that an op type has at most when nothing is fused into it; one more is a fused sum. */
const MOST_INPUTS: ReadonlyMap<string, number> = new Map([["Conv", 3]]);

/** Whether an entry reads one tensor more than its op can: the other operand of an addition fused into it. */
export function hasFusedSum(opType: string | null, inputCount: number | null): boolean {
  const most = opType === null ? undefined : MOST_INPUTS.get(baseType(opType));
  return most !== undefined && inputCount !== null && inputCount > most;
}
