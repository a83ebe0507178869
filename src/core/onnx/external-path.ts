import { err, ok, type Result } from "../result.ts";

/**
 * The path of an external-data file below the model's folder, normalised; an error for one that leads elsewhere
 * (absolute, with "..", a drive letter or a NUL), which a model from the net must never reach.
 */
export function externalPath(model: string, location: string): Result<string> {
  const parts = location.split(/[\\/]/);
  const clean = parts.filter((part) => part !== "" && part !== ".");
  const leaves = /^[\\/]|^[A-Za-z]:|\0/.test(location) || parts.includes("..") || clean.length === 0;
  if (!leaves) return ok(clean.join("/"));
  return err(
    `"${model}" refers to its weights as "${location}"; a relative path inside the model's own folder was expected.`,
  );
}

/** The file of a path below the model's folder, told by the path or else by its last part. O(files). */
export function namedFile<T extends { readonly name: string }>(path: string, files: readonly T[]): T | undefined {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return files.find(({ name }) => name === path) ?? files.find(({ name }) => name === base);
}

/** Of some files those that a model means by names of external data, each once. O(locations x files). */
export function dataFilesAmong<T extends { readonly name: string }>(
  locations: readonly string[],
  files: readonly T[],
): readonly T[] {
  const found = locations.flatMap((location) => {
    const path = externalPath("", location);
    return path.ok ? (namedFile(path.value, files) ?? []) : [];
  });
  return [...new Set(found)];
}
