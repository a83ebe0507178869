import { isMap, isPair, isScalar, parseDocument, visit } from "yaml";
import { err, ok, type Result } from "../../result.ts";

/**
 * The parser takes some hundred bytes per character, and more time per character the deeper a text is nested. Files of
 * schedules and of layers' times are tens of kB, four levels deep.
 */
const MOST_CHARACTERS = 256 * 1024;
const MOST_LEVELS = 60;
const MOST_INDENT = 400;
/** Anchors, aliases and tags: the parser compares each with those before. */
const MOST_MARKS = 200;

/**
 * YAML text to a value of objects, lists, texts and numbers. The sentence on failure starts with `what` ("models.yml").
 * Control characters, duplicate keys, several documents, aliases that would multiply and nesting beyond
 * `MOST_LEVELS` are refused. O(length).
 */
export function parseYaml(text: string, what: string): Result<unknown> {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === "") return err(`${what} is empty; expected YAML.`);
  if (body.length > MOST_CHARACTERS) {
    return err(`${what} has ${body.length} characters; expected at most ${MOST_CHARACTERS} of YAML.`);
  }
  const control = /[^\P{Cc}\t\n\r]/u.exec(body);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
    return err(`${what} has the control character \\x${code} at ${control.index}; expected YAML text.`);
  }
  if (isDeep(body)) return err(`${what} is not valid YAML here: it is nested more than ${MOST_LEVELS} levels deep.`);
  // The parser takes time with the square of the number of such errors.
  const slip = /,\s*,|[\]}][ \t]*[[{]/.exec(body);
  if (slip !== null) return err(`${what} is not valid YAML (line ${lineAt(body, slip.index)}: a value is missing).`);
  const marks = [...body.matchAll(/[&*!]+/g)].length;
  if (marks > MOST_MARKS) return err(`${what} has ${marks} anchors, aliases and tags; expected at most ${MOST_MARKS}.`);
  try {
    // The parser's own check for unique keys compares all pairs, and it copies the text once per error.
    const parsed = parseDocument(body, { logLevel: "error", uniqueKeys: false, prettyErrors: false });
    const [problem] = parsed.errors;
    if (problem !== undefined) {
      return err(`${what} is not valid YAML (line ${lineAt(body, problem.pos[0])}: ${firstLine(problem.message)}).`);
    }
    const twice = repeatedKey(parsed);
    if (twice !== null) return err(`${what} has the key "${twice}" twice in one map; expected different keys.`);
    return ok(parsed.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    // Aliases beyond their limit.
    return err(`${what} is not valid YAML (${firstLine(error instanceof Error ? error.message : String(error))}).`);
  }
}

/** Whether brackets, indents or indicators in a row nest deeply; brackets in texts count too. O(length). */
function isDeep(body: string): boolean {
  let level = 0;
  for (const [bracket] of body.matchAll(/[[\]{}]/g)) {
    level = Math.max(0, level + (bracket === "[" || bracket === "{" ? 1 : -1));
    if (level > MOST_LEVELS) return true;
  }
  for (const [start] of body.matchAll(/^[ \t?:-]*/gm)) {
    if (start.length > MOST_INDENT || start.replaceAll(/[ \t]/g, "").length > MOST_LEVELS) return true;
  }
  return false;
}

/** The first key that a map of the document has twice. O(nodes). */
function repeatedKey(parsed: ReturnType<typeof parseDocument>): string | null {
  let twice: string | null = null;
  visit(parsed, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const pair of isMap(map) ? map.items : []) {
        const key: unknown = isPair(pair) && isScalar(pair.key) ? pair.key.value : null;
        if (seen.has(key)) {
          twice = String(key);
          return visit.BREAK;
        }
        seen.add(key);
      }
      return undefined;
    },
  });
  return twice;
}

function lineAt(body: string, index: number): number {
  return body.slice(0, index).split("\n").length;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").trim().replace(/[.:]$/, "");
}
