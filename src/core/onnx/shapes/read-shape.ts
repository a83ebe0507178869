import { err, ok, type Result } from "../../result.ts";

/** Sizes that a person may state are at most this. */
const LARGEST_SIZE = 1_000_000_000;

/**
 * Sizes as a person writes them: "1, 3, 224, 224", "1x3x224x224" or "[1 3 224 224]"; "[]" is a scalar. Errors: a word
 * that is no whole number from 0. O(length).
 */
export function readShape(text: string): Result<readonly number[]> {
  const bare = text
    .trim()
    .replace(/^[[(]/, "")
    .replace(/[\])]$/, "")
    .trim();
  if (text.trim() === "") return err('No sizes are given; "1, 3, 224, 224" or, for a scalar, "[]" was expected.');
  if (bare === "") return ok([]);
  const words = bare.split(/\s*[,x×*]\s*|\s+/);
  const sizes = words.map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
  const wrong = words.find((_, axis) => !((sizes[axis] ?? -1) >= 0 && (sizes[axis] ?? 0) <= LARGEST_SIZE));
  if (wrong === undefined) return ok(sizes);
  return err(`"${wrong}" is no size; whole numbers such as "1, 3, 224, 224" were expected.`);
}
