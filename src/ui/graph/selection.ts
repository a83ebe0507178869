import { at } from "../../core/columns.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import type { Selection } from "../../state/state.ts";
import { boxOf } from "./elements.ts";
import type { Drawing } from "./use-filmstrip.ts";

/** The ops that a selection is of, ascending; none where the model does not have them (any more). */
export function opsOfSelection({ graph, modules }: OpenedModel, selection: Selection): readonly number[] {
  switch (selection?.kind) {
    case "op":
      return selection.op < graph.opCount ? [selection.op] : [];
    case "ops":
      return selection.ops.filter((op) => op < graph.opCount);
    case "module": {
      if (selection.module >= modules.count) return [];
      const from = at(modules.firstOp, selection.module);
      return Array.from({ length: at(modules.endOp, selection.module) - from }, (_, place) => from + place);
    }
    default:
      return [];
  }
}

/** What a click on the box of an op selects: the op, or the closed module that the box is. */
export function boxSelection({ layout, view }: Drawing, op: number): Selection {
  const box = boxOf(layout, op);
  if (layout.nodes.folded[box] !== 1) return { kind: "op", op };
  return { kind: "module", module: at(view.moduleOf, at(layout.nodes.blockOf, box)) };
}

/** The op by whose box a selection is shown; null for a module that is open: no one box is it. */
export function shownAsOne({ layout, view }: Drawing, selection: Selection, op: number | null): number | null {
  if (selection?.kind !== "module" || op === null) return op;
  const box = boxOf(layout, op);
  const isClosed = layout.nodes.folded[box] === 1;
  return isClosed && view.moduleOf[at(layout.nodes.blockOf, box)] === selection.module ? op : null;
}
