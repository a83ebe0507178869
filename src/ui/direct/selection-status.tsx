import { at, item } from "../../core/columns.ts";
import { figureOf } from "../../core/predict/prediction.ts";
import { objectiveFormat } from "../shared/figures.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { opsText } from "./op-menu.tsx";

/** Reads the selected ops out, with where they run and the plan's figure, whenever one of these changes. */
export function SelectionStatus({ view, ops }: { readonly view: PlanView; readonly ops: readonly number[] }) {
  const objective = useApp((state) => state.objective);
  const isDragging = useApp((state) => state.draft !== null);
  const { graph, plan, setting, prediction } = view;
  const names = new Set(
    ops.map((op) => {
      const stage = at(plan.stageOf, op);
      const device = setting.rig.devices.find(({ id }) => id === plan.devices[stage]);
      return `stage ${stage + 1} on ${device?.name ?? "no device"}`;
    }),
  );
  const type = ops.length === 1 ? `${item(graph.opTypes, ops[0] ?? 0)} ` : "";
  const figure = objectiveFormat(objective)(figureOf(prediction, objective));
  return (
    <p className="visually-hidden" role="status" data-testid="selection-status">
      {ops.length === 0 || isDragging ? "" : `${type}${opsText(graph, ops)}, ${[...names].join(", ")}, ${figure}`}
    </p>
  );
}
