import { useState } from "react";
import { runnersOf } from "../../state/derive.ts";
import { PopupMenu } from "../direct/popup-menu.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** Beside a stage of the pipeline: another stage behind it, and its end. */
export function StageButtons({ view, stage }: { readonly view: PlanView; readonly stage: number }) {
  const store = useAppStore();
  const [corner, setCorner] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const { plan, setting, problem } = view;
  const neighbours = [plan.devices[stage], plan.devices[stage + 1]];
  const others = runnersOf(problem, setting.rig).filter(({ id }) => !neighbours.includes(id));
  return (
    <span className="pipeline-buttons">
      {others.length === 0 ? null : (
        <button
          type="button"
          className="pipeline-button"
          aria-label={`Add a stage after stage ${stage + 1}`}
          aria-haspopup="menu"
          title="Add a stage here"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            setCorner({ x: box.left, y: box.bottom + 4 });
          }}
        >
          +
        </button>
      )}
      {stage === 0 ? null : (
        <button
          type="button"
          className="pipeline-button"
          aria-label={`Remove stage ${stage + 1}`}
          title="Remove this stage: its ops join the stage before"
          onClick={() => store.getState().removeStage(stage)}
        >
          −
        </button>
      )}
      {corner === null ? null : (
        <PopupMenu
          label={`Stage after stage ${stage + 1}`}
          x={corner.x}
          y={corner.y}
          groups={[
            {
              title: `Add a stage after stage ${stage + 1}, on`,
              items: others.map(({ id, name }) => ({
                key: id,
                text: name,
                detail: "takes over the later half of its ops",
                onChoose: () => store.getState().insertStage(stage, id),
              })),
            },
          ]}
          onClose={() => setCorner(null)}
        />
      )}
    </span>
  );
}
