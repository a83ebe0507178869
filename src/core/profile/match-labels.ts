import { familyOf, isFamily } from "./op-families.ts";

/**
 * What runtimes make of op names when they fuse and rewrite a model, undone: names under which an entry's op may
 * stand in the original model, and whether two op types can be the same op.
 */

/** ONNX Runtime's NCHWc rewrites: the entry is named after a tensor of the original model. */
const TENSOR_LABEL = /^(?:InsertedPrecisionFreeCast_)?(.+?)(_bn|_mul|_add)?_nchwc(?:_token_\d+(?:_\d+)*)?$/;

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

/** A region that TensorRT compiled as one: everything between two nodes. */
export interface Region {
  readonly from: string;
  readonly to: string;
}

/** `text` cut at `separator` where no bracket is open. */
function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth = Math.max(0, depth - 1);
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i));
      start = i + separator.length;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** The names that a fused label is made of, in order: `a + PWN(PWN(b), c)` -> a, b, c. */
export function labelParts(label: string): readonly string[] {
  const parts: string[] = [];
  const open = [label];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const bare = text.trim().replace(/^\{(.*)\}$/, "$1");
    const sums = splitOutside(bare, " + ");
    const wrapped = /^PWN\((.*)\)$/.exec(bare)?.[1];
    // TensorRT joins the nodes of a layer by control characters.
    const joined = bare.split(SEPARATORS);
    if (sums.length > 1) open.push(...sums.toReversed());
    else if (wrapped !== undefined) open.push(...splitOutside(wrapped, ",").toReversed());
    else if (joined.length > 1) open.push(...joined.toReversed());
    else if (bare !== "") parts.push(bare);
  }
  return parts;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators are control characters.
const SEPARATORS = /[\u001e\u001f]/;

/** What ONNX Runtime puts before the names of half-precision nodes that it runs in single precision. */
const PRECISION_PREFIX = /^InsertedPrecisionFreeCast_/;
const FUSION_SUFFIX = /\/\w*Fusion\w*\/?$/;

/** Whether ONNX Runtime made the entry by a fusion and named it after one of the nodes: `x/QuickGeluFusion/`. */
export function isFusionLabel(label: string): boolean {
  return FUSION_SUFFIX.test(label);
}

/** Op names that a label with a runtime's fusion decoration may stand for, the first named op first. */
export function decoratedNames(label: string): readonly string[] {
  const names = labelParts(label).map((part) =>
    part
      .replace(/^fused /, "")
      .replace(PRECISION_PREFIX, "")
      .replace(/_token_\d+(?:_\d+)*$/, "")
      .replace(/_myl\d+_\d+$/, "")
      .replace(/ \[profile \d+\]$/, "")
      .replace(/^\[ONNX Layer: ([^\]|]*?)\s*(?:\|[^\]]*)?\]$/, "$1")
      .replace(FUSION_SUFFIX, ""),
  );
  return [...new Set(names)].filter((name) => name !== "" && name !== label);
}

/** `{ForeignNode[A...B]}`: the region's first and last node. */
export function regionOf(label: string): Region | null {
  for (const part of labelParts(label)) {
    const match = /^ForeignNode\[(.*)\.\.\.(.*)\]$/.exec(part);
    const [, from, to] = match ?? [];
    if (from !== undefined && to !== undefined) return { from, to };
  }
  return null;
}

/** The label that an inserted copy or view names as the one it serves: `... to Conv_3 + Relu_4`, `reshape_after_Gemm_5`. */
export function servedLabel(label: string): string | null {
  const copy = /^Reformatting CopyNode for (?:Input|Output) Tensor \d+ to (.*)$/.exec(label)?.[1];
  const base = copy ?? label;
  return (
    /^(?:copied_)?(?:un)?(?:reshape|squeeze|squeeze_node|transpose|shuffle)_(?:before|after)_(.*)$/.exec(base)?.[1] ??
    copy ??
    null
  );
}

/** A name as exporters and converters may have rewritten it: case and the signs between its parts do not count. */
export function sanitised(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
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
  ["Resize", ["Upsample"]],
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
  if (isFamily(ran))
    return familyOf(written) === ran || (RUNS_AS.get(written) ?? []).some((type) => familyOf(type) === ran);
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
