import { normalDomain } from "../onnx/subgraphs.ts";
import { attentions, operandAttentions, otherAttentions, quantisedAttentions } from "./attention.ts";
import { convolutions, transposedConvolutions } from "./convolution.ts";
import type { OpFamily } from "./family.ts";
import { einsums, mixtures, multiplications } from "./matrix.ts";
import { recurrences } from "./recurrent.ts";
import { weightlessFamilies } from "./weightless.ts";

/** Every family of ops whose work is described. A type belongs to one family. */
export const OP_FAMILIES: readonly OpFamily[] = [
  convolutions,
  transposedConvolutions,
  multiplications,
  mixtures,
  einsums,
  attentions,
  quantisedAttentions,
  operandAttentions,
  otherAttentions,
  recurrences,
  ...weightlessFamilies,
];

/** Domains whose types the families describe; a type of the same name elsewhere may be anything. */
const DOMAINS: ReadonlySet<string> = new Set(["", "com.microsoft", "com.ms.internal.nhwc"]);

const BY_TYPE: ReadonlyMap<string, OpFamily> = new Map(
  OP_FAMILIES.flatMap((family) => family.types.map((type) => [type, family] as const)),
);

/** The family of an op; undefined for one that nobody has described. O(1). */
export function familyOf(op: { readonly opType: string; readonly domain: string }): OpFamily | undefined {
  return DOMAINS.has(normalDomain(op.domain)) ? BY_TYPE.get(op.opType) : undefined;
}
