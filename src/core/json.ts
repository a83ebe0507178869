import { err, ok, type Result } from "./result.ts";

/**
 * Reading of JSON that other people wrote. `parseJson` turns text into a value; `Fields` takes the value apart
 * and notes, as one sentence each, everything that is not as expected. Names out of the file are only ever
 * looked up as own properties, so "__proto__" is data like any other.
 */

/** JSON text to a value. The sentence on failure starts with `what` ("rig.json"). O(length). */
export function parseJson(text: string, what: string): Result<unknown> {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const start = body.trimStart().slice(0, 1);
  if (start === "") return err(`${what} is empty; expected JSON.`);
  if (start === "<") return err(`${what} is an HTML or XML page; expected JSON.`);
  try {
    return ok(JSON.parse(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, " ").replace(/\.$/, "") : "unknown error";
    return err(`${what} is not valid JSON (${printable(reason)}).`);
  }
}

/** Control characters as visible escapes, so that a sentence stays one line. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** A value as it is named in a sentence: `"4 GB"`, `12`, `a list`, `missing`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `"${printable(value.length > 40 ? `${value.slice(0, 40)}...` : value)}"`;
  return String(value);
}

export interface NumberRange {
  /** Smallest value allowed. */
  readonly min?: number;
  /** Value that must be exceeded. */
  readonly above?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** "a number above 0", "a whole number of at least 1", "a number from 0 to 1". */
export function describeRange(range: NumberRange): string {
  const noun = range.integer === true ? "a whole number" : "a number";
  if (range.min !== undefined && range.max !== undefined) return `${noun} from ${range.min} to ${range.max}`;
  if (range.above !== undefined && range.max !== undefined) {
    return `${noun} above ${range.above} and at most ${range.max}`;
  }
  if (range.above !== undefined) return `${noun} above ${range.above}`;
  if (range.min !== undefined) return `${noun} of at least ${range.min}`;
  if (range.max !== undefined) return `${noun} of at most ${range.max}`;
  return noun;
}

export function inRange(value: number, range: NumberRange): boolean {
  return (
    Number.isFinite(value) &&
    (range.min === undefined || value >= range.min) &&
    (range.above === undefined || value > range.above) &&
    (range.max === undefined || value <= range.max) &&
    (range.integer !== true || Number.isInteger(value))
  );
}

/** An object of a JSON document, its path in it ("devices[0]"), and the document's list of problems. */
export class Fields {
  readonly path: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #problems: string[];

  /** `problems` collects one sentence per bad field over the whole document, in reading order. */
  constructor(value: unknown, path: string, problems: string[]) {
    this.path = path;
    this.#problems = problems;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      this.#values = new Map(Object.entries(value));
    } else {
      this.#values = new Map();
      problems.push(`${path} is ${describeValue(value)}; expected an object.`);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  names(): Iterable<string> {
    return this.#values.keys();
  }

  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** Notes a problem of field `name`. */
  reject(name: string, expected: string): void {
    this.#problems.push(`${this.at(name)} is ${describeValue(this.#values.get(name))}; expected ${expected}.`);
  }

  /** A number in range. A missing field is a problem unless `fallback` is given. */
  number(name: string, range: NumberRange, fallback?: number): number {
    const value = this.#values.get(name);
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "number" && inRange(value, range)) return value;
    this.reject(name, describeRange(range));
    return fallback ?? range.min ?? (range.above ?? 0) + 1;
  }

  /** Like `number`, null allowed. */
  numberOrNull(name: string, range: NumberRange, fallback?: number | null): number | null {
    const value = this.#values.get(name);
    if (value === null) return null;
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "number" && inRange(value, range)) return value;
    this.reject(name, `${describeRange(range)}, or null`);
    return null;
  }

  text(name: string, fallback?: string): string {
    const value = this.#values.get(name);
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "string") return value;
    this.reject(name, "a text");
    return fallback ?? "";
  }

  textOrNull(name: string, fallback?: string | null): string | null {
    const value = this.#values.get(name);
    if (value === null) return null;
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "string") return value;
    this.reject(name, "a text, or null");
    return null;
  }

  oneOf<const T extends string>(name: string, options: readonly [T, ...T[]], fallback?: T): T {
    const value = this.#values.get(name);
    if (value === undefined && fallback !== undefined) return fallback;
    const found = options.find((option) => option === value);
    if (found !== undefined) return found;
    this.reject(name, `one of ${options.map((option) => `"${option}"`).join(", ")}`);
    return fallback ?? options[0];
  }

  list(name: string, fallback?: readonly unknown[]): readonly unknown[] {
    const value = this.#values.get(name);
    if (value === undefined && fallback !== undefined) return fallback;
    if (Array.isArray(value)) return value;
    this.reject(name, "a list");
    return fallback ?? [];
  }

  textList(name: string, fallback?: readonly string[]): readonly string[] {
    return this.list(name, fallback).map((value, i) => {
      if (typeof value === "string") return value;
      this.#problems.push(`${this.at(name)}[${i}] is ${describeValue(value)}; expected a text.`);
      return "";
    });
  }

  numberList(name: string, range: NumberRange, fallback?: readonly number[]): readonly number[] {
    return this.list(name, fallback).map((value, i) => {
      if (typeof value === "number" && inRange(value, range)) return value;
      this.#problems.push(`${this.at(name)}[${i}] is ${describeValue(value)}; expected ${describeRange(range)}.`);
      return 0;
    });
  }

  object(name: string): Fields {
    return new Fields(this.#values.get(name), this.at(name), this.#problems);
  }

  /** Objects of a list, each with its place in the path. */
  objects(name: string, fallback?: readonly unknown[]): readonly Fields[] {
    return this.list(name, fallback).map((value, i) => new Fields(value, `${this.at(name)}[${i}]`, this.#problems));
  }
}
