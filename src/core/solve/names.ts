/** What people call the ops and links of a problem, by number; told by number where nobody gave the names. */
export interface ProblemNames {
  readonly ops: readonly string[];
  readonly links: readonly string[];
}

/** How a sentence calls an op. */
export function opText(names: ProblemNames | undefined, op: number): string {
  const name = names?.ops[op];
  return name === undefined ? `op number ${op}` : `op "${name}"`;
}

/** How a sentence calls a link. */
export function linkText(names: ProblemNames | undefined, link: number): string {
  const name = names?.links[link];
  return name === undefined ? `link number ${link}` : `link "${name}"`;
}

/** Ops shown by name in one sentence. */
const SHOWN = 6;

/** How a sentence calls several ops: the first few, and how many more. */
export function opsText(names: ProblemNames | undefined, ops: readonly number[]): string {
  const shown = ops.slice(0, SHOWN).map((op) => names?.ops[op]);
  const list = shown.map((name, index) => (name === undefined ? String(ops[index]) : `"${name}"`)).join(", ");
  const more = ops.length > SHOWN ? ` and ${ops.length - SHOWN} more` : "";
  return `ops ${names === undefined ? "number " : ""}${list}${more}`;
}

/** A sentence's first letter as a capital. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
