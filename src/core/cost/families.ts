import { attentions, operandAttentions } from "./attention.ts";
import { convolutions, transposedConvolutions } from "./convolution.ts";
import type { OpFamily } from "./family.ts";
import { einsums, multiplications, packedMultiplications } from "./matrix.ts";
import { recurrences } from "./recurrent.ts";
import { weightlessFamilies } from "./weightless.ts";

/** Every family of ops whose work is known. A type belongs to one family. */
export const OP_FAMILIES: readonly OpFamily[] = [
  convolutions,
  transposedConvolutions,
  multiplications,
  packedMultiplications,
  einsums,
  attentions,
  operandAttentions,
  recurrences,
  ...weightlessFamilies,
];

const BY_TYPE: ReadonlyMap<string, OpFamily> = new Map(
  OP_FAMILIES.flatMap((family) => family.types.map((type) => [type, family] as const)),
);

/** The family of an op type; undefined for types that nobody has described. O(1). */
export function familyOf(type: string): OpFamily | undefined {
  return BY_TYPE.get(type);
}
