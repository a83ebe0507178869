/** What the build puts into the service worker: the app's own files, relative to its folder. */
export interface AppFiles {
  /** Digest of all of them: another build keeps its files apart. */
  readonly version: string;
  /** What the app needs to start and for most of its work, kept at once; the page itself first. */
  readonly first: readonly string[];
  /** Large files that every opened model needs: kept once a model has been opened, when they are at hand anyway. */
  readonly withModel: readonly string[];
  /** Other files that do not change, kept when they are asked for. */
  readonly whenUsed: readonly string[];
}

const CACHE_PREFIX = "splitscope-";

export const cacheName = ({ version }: AppFiles): string => CACHE_PREFIX + version;

/** Caches of other builds, of this app only. */
export function staleCaches(files: AppFiles, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== cacheName(files));
}

/**
 * How a request is answered. "page": from the network, and from what is kept where that does not answer. "file": from
 * what is kept, else from the network and kept then. null: not ours, the browser does as it would.
 */
export type Rule = "page" | "file" | null;

/** The rule for a GET of `address`, in an app that lies in the folder `scope`. */
export function ruleFor(files: AppFiles, scope: string, address: string, isNavigation: boolean): Rule {
  if (!address.startsWith(scope)) return null;
  const path = address.slice(scope.length).replace(/[?#].*$/, "");
  if (isNavigation) return path === "" || path === "index.html" ? "page" : null;
  const isKnown = [files.first, files.withModel, files.whenUsed].some((list) => list.includes(path));
  return isKnown && path !== "index.html" ? "file" : null;
}
