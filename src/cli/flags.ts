import { err, ok, type Result } from "../core/result.ts";

const LARGEST_COUNT = 10_000;

/** `NAME=VALUE` options as a map; the name may hold "=" itself. */
export function pairs(flag: string, values: readonly string[], expected: string): Result<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const text of values) {
    const middle = flag === "--dim" || flag === "--shape" ? text.lastIndexOf("=") : text.indexOf("=");
    if (middle <= 0 || middle === text.length - 1) return err(`${flag} is "${text}"; expected ${expected}.`);
    const name = text.slice(0, middle);
    if (found.has(name)) return err(`${flag} gives "${name}" twice; expected it once.`);
    found.set(name, text.slice(middle + 1));
  }
  return ok(found);
}

/** The texts that a flag gives under each name, in their order; a name may come again for a further one. */
export function lists(
  flag: string,
  values: readonly string[],
  expected: string,
): Result<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const text of values) {
    const pair = pairs(flag, [text], expected);
    if (!pair.ok) return pair;
    for (const [name, value] of pair.value) {
      const before = found.get(name) ?? [];
      if (before.includes(value)) return err(`${flag} gives "${name}=${value}" twice; expected it once.`);
      found.set(name, [...before, value]);
    }
  }
  return ok(found);
}

/** The text of a flag that is given once; null where it is not given. */
export const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
/** The texts of a flag that may be repeated. */
export const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** One of the values that a flag takes, null where it is not given. */
export function choice<T extends string>(flag: string, given: string | null, options: readonly T[]): Result<T | null> {
  const found = options.find((option) => option === given);
  if (given === null || found !== undefined) return ok(found ?? null);
  return err(`${flag} is "${given}"; expected ${options.map((option) => `"${option}"`).join(" or ")}.`);
}

/** A count that a flag takes, null where it is not given. */
export function count(flag: string, given: string | null): Result<number | null> {
  if (given === null) return ok(null);
  if (/^[1-9]\d*$/.test(given) && Number(given) <= LARGEST_COUNT) return ok(Number(given));
  return err(`${flag} is "${given}"; expected a whole number from 1 to ${LARGEST_COUNT}.`);
}

/** The flag's value, or the sentence on a command that needs it. */
export function needed(name: string, flag: string, value: unknown, placeholder: string): Result<string> {
  const given = text(value);
  if (given !== null) return ok(given);
  return err(`"splitscope ${name}" needs ${flag} ${placeholder}; see "splitscope ${name} --help".`);
}
