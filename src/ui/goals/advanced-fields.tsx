import { Select } from "../shared/controls.tsx";
import { NumberField } from "../shared/number-fields.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { LinkLimits } from "./limit-fields.tsx";

const DELIVERY = [
  { value: "relayed", text: "once, passed on" },
  { value: "direct", text: "straight to each reader" },
] as const;
const OVERLAP = [
  { value: "yes", text: "while it sends" },
  { value: "no", text: "or sends, in turn" },
] as const;

/** How tensors travel and wait: most rigs never need another choice. */
export function AdvancedFields({ isProblem }: { readonly isProblem: boolean }) {
  const store = useAppStore();
  const constraints = useApp((state) => state.session.setting.constraints);
  const { setConstraints } = store.getState();
  return (
    <details className="goals-advanced">
      <summary>Links, delivery and queues</summary>
      <div className="goals-group">
        <LinkLimits />
        {isProblem ? (
          <p className="goals-hint">
            How tensors travel, and whether a device computes while it sends, is as the problem file says.
          </p>
        ) : (
          <>
            <Select
              label="Tensors are sent"
              value={constraints.delivery}
              options={DELIVERY}
              onChange={(delivery) => setConstraints("Change delivery", { ...constraints, delivery })}
            />
            <Select
              label="A device computes"
              value={constraints.overlap ? "yes" : "no"}
              options={OVERLAP}
              onChange={(value) => setConstraints("Change overlap", { ...constraints, overlap: value === "yes" })}
            />
          </>
        )}
        <NumberField
          label="Frames waiting per stage"
          unit=""
          value={constraints.queuedFrames}
          min={0}
          max={1000}
          onChange={(count) => setConstraints("Change queues", { ...constraints, queuedFrames: Math.round(count) })}
        />
      </div>
    </details>
  );
}
