import type { OpenedModel } from "../core/graph/opened-model.ts";
import { ok, type Result } from "../core/result.ts";
import { openModel } from "../engine/open-model.ts";
import { openSource, sha256Of } from "./files.ts";

export interface OpenedFile {
  readonly model: OpenedModel;
  readonly sha256: string;
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/** Opens a model file with sizes for its symbolic dimensions; a size for a dimension that it does not have is refused. */
export async function openFile(path: string, dims: ReadonlyMap<string, number>): Promise<Result<OpenedFile>> {
  const source = openSource(path);
  if (!source.ok) return source;
  try {
    const opened = await openModel(source.value, { bindings: dims });
    if (!opened.ok) return opened;
    return ok({ model: opened.value, sha256: sha256Of(source.value) });
  } finally {
    source.value.close();
  }
}

/** Symbolic dimensions without a size, as a sentence that says how to give them; null where there are none. */
export function unboundDimensions(model: OpenedModel): string | null {
  const unbound = model.openDimensions.map(({ name }) => name).filter((name) => !model.bindings.has(name));
  if (unbound.length === 0) return null;
  const what = unbound.length === 1 ? "the dimension" : "the dimensions";
  const flags = unbound.map((name) => `--dim ${/[^\w.:-]/.test(name) ? `'${name}=N'` : `${name}=N`}`).join(" ");
  return `"${model.fileName}" leaves ${what} ${quoted(unbound)} open; give ${unbound.length === 1 ? "its size" : "their sizes"} by ${flags}.`;
}
