import type { TypeDifference } from "../../graph/opened-model.ts";
import type { Dimension, TensorType } from "../model.ts";
import { isResolved } from "./interpret.ts";
import { typeText } from "./type-text.ts";

/** What our own inference and a runtime say together. */
export interface Reconciled {
  readonly types: ReadonlyMap<string, TensorType>;
  /** Tensors of which both say something and not the same; the runtime's word is in `types`. */
  readonly differences: readonly TypeDifference[];
  /** Tensors that our own inference left open and the runtime has told. */
  readonly added: readonly string[];
  /** True where `types` says something that `own` does not. */
  readonly changed: boolean;
}

/**
 * Lays what a runtime infers over what we inferred. Where they contradict each other the runtime's word holds, because
 * it is what runs, and the difference is listed; where one says more, both count. Types in `given` were stated by a
 * person and stay as they are. O(tensors x rank).
 */
export function reconcile(
  own: ReadonlyMap<string, TensorType>,
  runtime: ReadonlyMap<string, TensorType>,
  given: ReadonlyMap<string, TensorType> = new Map(),
): Reconciled {
  const types = new Map(own);
  const differences: TypeDifference[] = [];
  const added: string[] = [];
  let changed = false;
  for (const [tensor, said] of runtime) {
    if (given.has(tensor)) continue;
    const ours = own.get(tensor);
    // What we do not speak of are constants, which tell their types themselves.
    if (ours === undefined) continue;
    const both = combined(ours, said);
    if (both === null) differences.push({ tensor, own: ours, runtime: said });
    else if (both === ours) continue;
    else if (!isResolved(ours) && isResolved(both)) added.push(tensor);
    types.set(tensor, both ?? said);
    changed = true;
  }
  return { types, differences, added, changed };
}

/** What two types say together: `ours` itself where `said` adds nothing, null where they contradict each other. */
function combined(ours: TensorType, said: TensorType): TensorType | null {
  if (ours.kind !== said.kind) return ours.elementType === "undefined" && ours.shape === null ? said : null;
  if (said.kind === "other") return ours;
  const elementType = ours.elementType === "undefined" ? said.elementType : ours.elementType;
  if (said.elementType !== "undefined" && said.elementType !== elementType) return null;
  const shape = ours.shape === null ? said.shape : said.shape === null ? ours.shape : meet(ours.shape, said.shape);
  if (shape === null && ours.shape !== null) return null;
  return elementType === ours.elementType && shape === ours.shape ? ours : { kind: "tensor", elementType, shape };
}

/** Each size as far as one of both knows it; `ours` itself where nothing is added, null where they contradict. */
function meet(ours: readonly Dimension[], said: readonly Dimension[]): readonly Dimension[] | null {
  if (ours.length !== said.length) return null;
  let adds = false;
  const sizes: Dimension[] = [];
  for (const [axis, size] of ours.entries()) {
    const other = said[axis] ?? null;
    const known = typeof size === "number" ? size : typeof other === "number" ? other : (size ?? other);
    if (typeof other === "number" && other !== known) return null;
    adds ||= known !== size;
    sizes.push(known);
  }
  return adds ? sizes : ours;
}

const NAMED = 3;

/** Says which tensors differ and how; null where none do. O(NAMED). */
export function differencesText(fileName: string, differences: readonly TypeDifference[]): string | null {
  if (differences.length === 0) return null;
  const named = differences
    .slice(0, NAMED)
    .map(({ tensor, own, runtime }) => `"${tensor}" is ${typeText(runtime)}, not ${typeText(own)}`);
  const more = differences.length > NAMED ? ` (and ${differences.length - NAMED} more)` : "";
  const many = differences.length === 1 ? "one tensor" : `${differences.length} tensors`;
  return (
    `"${fileName}": onnxruntime tells another type of ${many} than the first drawing had; ` +
    `its word holds: ${named.join("; ")}${more}.`
  );
}

/** Says which tensors the runtime could tell more about; null where there are none. O(NAMED). */
export function addedText(fileName: string, added: readonly string[]): string | null {
  if (added.length === 0) return null;
  const named = added.slice(0, NAMED).map((name) => `"${name}"`);
  const more = added.length > NAMED ? ` and ${added.length - NAMED} more` : "";
  return `"${fileName}": onnxruntime has told the types of tensors that were open before: ${named.join(", ")}${more}.`;
}
