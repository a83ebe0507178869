import type { WireFormat } from "../plan/wire.ts";
import type { OutputDifference, Verification } from "./verification.ts";

/** Forms that tensors are sent in, in the words of the controls. */
const WIRE_TEXTS: Readonly<Record<Exclude<WireFormat, "as-stored">, string>> = {
  f16: "float 16",
  u8: "8 bit",
};

/** Outputs that a sentence names; tables list them all. */
const NAMED = 3;

type Encoded = NonNullable<Verification["encoded"]>;

/** True where an output holds no number, or has another shape, where that of the whole model does not. */
const isBeyond = ({ maxAbsolute }: OutputDifference) => !Number.isFinite(maxAbsolute);

/** True where the segments, or what they send in another form, do not give what the whole gives. O(outputs). */
export function isFailure({ verdict, encoded }: Verification): boolean {
  return verdict === "different" || (encoded?.outputs.some(isBeyond) ?? false);
}

/** A share in percent with two digits that count: "0.052 %", "3.1 %". */
export function shareText(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** "inputs sent as float 16, cut tensors as 8 bit", "inputs and cut tensors sent as float 16". */
export function encodingText({ input, cut }: Pick<Encoded, "input" | "cut">): string {
  const asWords = (format: WireFormat) => `as ${format === "as-stored" ? "the model has them" : WIRE_TEXTS[format]}`;
  return input === cut
    ? `inputs and cut tensors sent ${asWords(cut)}`
    : `inputs sent ${asWords(input)}, cut tensors ${asWords(cut)}`;
}

/** "a", "a and b", "a, b, c and 4 more". */
function listed(texts: readonly string[]): string {
  const rest = texts.length - NAMED;
  const shown = rest > 0 ? [...texts.slice(0, NAMED), `${rest} more`] : texts;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** The formats other than the model's own, in words. */
const formatsText = ({ input, cut }: Encoded) =>
  [...new Set([input, cut])].flatMap((format) => (format === "as-stored" ? [] : [WIRE_TEXTS[format]])).join(" or ");

/** By how much an output is off: relative to the whole model's, or in itself where all of that is zero. */
const offText = ({ maxAbsolute, maxRelative }: OutputDifference) =>
  Number.isFinite(maxRelative) ? shareText(maxRelative) : `${maxAbsolute.toPrecision(2)} (all of it is 0)`;

/** What the encoding costs each output, the largest first; outputs that it makes impossible to compare come alone. */
export function encodingCost(encoded: Encoded): string {
  const sent = `with ${encodingText(encoded)}`;
  const beyond = encoded.outputs.filter(isBeyond);
  if (beyond.length > 0) {
    const names = listed(beyond.map(({ name }) => `"${name}"`));
    return `${sent}, ${beyond.length === 1 ? "output" : "outputs"} ${names} cannot be compared: ${formatsText(encoded)} cannot hold what is sent; send it as the model has it`;
  }
  const off = encoded.outputs.filter(({ bitEqual }) => !bitEqual).sort((a, b) => b.maxRelative - a.maxRelative);
  if (off.length === 0) return `${sent}, every output is bit-equal too`;
  const costs = listed(off.map((output) => `"${output.name}" by up to ${offText(output)}`));
  return `${sent}, outputs are off, relative to their largest value: ${costs}`;
}

/** Why equality cannot be shown where an op draws random numbers; null where none explains the difference. */
export function chanceText({ random }: Pick<Verification, "random">): string | null {
  if (random === null) return null;
  return `op "${random.name}" (${random.opType}) draws random numbers, so that two runs of the same model differ and equality cannot be shown`;
}
