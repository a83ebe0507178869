import type { ModelSource } from "../state.ts";
import type { KeptFiles } from "./project-store.ts";

/** Files of a model up to this size together are kept in the browser, in bytes. */
const MOST_KEPT_BYTES = 512 * 1024 * 1024;

/**
 * The files to keep beside a project: the model and then its data files, as far as they fit together. Data files that
 * are left out, the network is still there without; without the model's own file, it is asked for again.
 */
export function filesToKeep(source: ModelSource, room = MOST_KEPT_BYTES): KeptFiles {
  if (source.kind === "sample") return { files: [] };
  let left = room;
  const files = source.files.filter(({ blob }) => {
    left -= blob.size;
    return left >= 0;
  });
  return { files: files[0] === source.files[0] ? files : [] };
}
