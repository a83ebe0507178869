import type { PlanDocument } from "../core/export/plan-document.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { ok, type Result } from "../core/result.ts";
import { openModel } from "../engine/open-model.ts";
import { openSource, sha256Of } from "./files.ts";

export interface OpenedFile {
  readonly model: OpenedModel;
  readonly sha256: string;
}

/** What the command line adds to what a model's file says. */
export interface ModelAdditions {
  readonly dims: ReadonlyMap<string, number>;
  /** Types of tensors, by name. */
  readonly shapes: ReadonlyMap<string, TensorType>;
}

/** Additions from the command line; of a kind of which it gives none, those of a plan file. */
export function additionsFor(given: ModelAdditions, file: PlanDocument | null): ModelAdditions {
  return {
    dims: given.dims.size > 0 || file === null ? given.dims : file.model.dims,
    shapes: given.shapes.size > 0 || file === null ? given.shapes : file.model.givenTypes,
  };
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/**
 * Opens a model file with sizes for its symbolic dimensions and types of tensors that nothing else tells; what does not
 * fit the model is refused.
 */
export async function openFile(path: string, { dims, shapes }: ModelAdditions): Promise<Result<OpenedFile>> {
  const source = openSource(path);
  if (!source.ok) return source;
  try {
    const opened = await openModel(source.value, { bindings: dims, givenTypes: shapes });
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
