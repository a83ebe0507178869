import { createPortal } from "react-dom";
import { movedOps } from "../../core/plan/assign.ts";
import { figureOf } from "../../core/predict/prediction.ts";
import { faultOf } from "../../state/commit-edit.ts";
import { planByIndex, predictionOf } from "../../state/derive.ts";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { objectiveFormat } from "../shared/figures.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { opsText } from "./op-menu.tsx";
import type { Point } from "./places.ts";

interface DragNoteProps {
  /** The plan as it would be. */
  readonly view: PlanView;
  readonly ops: readonly number[];
  /** The pointer, in the window. */
  readonly at: Point;
}

/** Beside the pointer: what is dragged, where to, what comes along and what it would cost. */
export function DragNote({ view, ops, at: pointer }: DragNoteProps) {
  const before = useApp((state) => state.session.plan);
  const objective = useApp((state) => state.objective);
  const { problem, setting, model, plan } = view;
  const now = planByIndex(plan, setting.rig);
  const old = planByIndex(before, setting.rig);
  const moved = movedOps(old, now);
  const device = now.stages[now.stageOf[ops[0] ?? 0] ?? 0] ?? 0;
  const fault = faultOf(model, setting, plan);
  const format = objectiveFormat(objective);
  const change = figureOf(view.prediction, objective) - figureOf(predictionOf(problem, before, setting.rig), objective);
  const along = moved - ops.filter((op) => old.stages[old.stageOf[op] ?? 0] !== device).length;
  const left = Math.min(pointer.x + 14, window.innerWidth - 300);
  // The network clips and holds what is fixed in it.
  return createPortal(
    <div className="drag-note" data-tone={fault === null ? "plain" : "bad"} style={{ left, top: pointer.y + 14 }}>
      <p>
        <DeviceBadge index={device} /> <strong>{opsText(view.graph, ops)}</strong>
      </p>
      {moved === 0 ? <p>Drag it over a split</p> : null}
      {moved > 0 && fault !== null ? <p>{fault}</p> : null}
      {moved > 0 && fault === null ? (
        <p>
          {format(figureOf(view.prediction, objective))} ({change < 0 ? "−" : "+"}
          {format(Math.abs(change))})
          {along > 0 ? ` · ${along} more ${along === 1 ? "op comes" : "ops come"} along` : ""}
        </p>
      ) : null}
    </div>,
    document.body,
  );
}
