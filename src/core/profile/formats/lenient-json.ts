import { err, ok, type Result } from "../../result.ts";

/** A string, or one of the words that printf writes for numbers that are none. */
const STRING_OR_NOT_A_NUMBER = /"(?:\\.|[^"\\])*"|-?\b(?:nan|inf(?:inity)?)\b/gi;

function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replaceAll(/[\u0000-\u001f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * JSON as C++ programs print it: raw control characters inside strings (TensorRT separates names by U+001E and
 * U+001F) keep their meaning, nan and inf become null. Undefined where it is no JSON even so. O(length).
 */
export function parseLenient(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    try {
      return JSON.parse(
        json.replaceAll(STRING_OR_NOT_A_NUMBER, (token) => (token.startsWith('"') ? escapeControls(token) : "null")),
      );
    } catch {
      return undefined;
    }
  }
}

/** `parseLenient` with a sentence on failure, which starts with `what` ("a.json"). */
export function parseLenientFile(text: string, what: string): Result<unknown> {
  const value = parseLenient(text);
  return value === undefined ? err(`${what} is not valid JSON; expected a whole file that was not cut.`) : ok(value);
}

export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own field, so that names such as `__proto__` are data. */
export function field(record: object, name: string): unknown {
  return Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined;
}

export function numberField(record: object, name: string): number | null {
  const value = field(record, name);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function textField(record: object, name: string): string | null {
  const value = field(record, name);
  return typeof value === "string" && value !== "" ? value : null;
}
