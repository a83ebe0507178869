import { FIGURES } from "../../core/plan/objective.ts";
import { Select } from "../shared/controls.tsx";
import { FIGURE_TEXTS } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { mixOf, references } from "./mix-shares.ts";

const MIX = "mix";
const OPTIONS = [
  ...FIGURES.map((figure) => ({ value: figure, text: FIGURE_TEXTS[figure].name })),
  { value: MIX, text: "Weighted mix" },
] as const;

/** What is made small: one figure, or a mix that begins with latency and energy in equal shares. */
export function ObjectiveSelect({ view, hideLabel }: { readonly view: PlanView | null; readonly hideLabel: boolean }) {
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  return (
    <Select
      label="Objective"
      hideLabel={hideLabel}
      value={typeof objective === "string" ? objective : MIX}
      options={view === null ? OPTIONS.filter(({ value }) => value !== MIX) : OPTIONS}
      onChange={(value) => {
        if (value !== MIX) store.getState().setObjective(value);
        else if (view !== null) {
          const shares = { latency: 50, period: 0, energy: 50, traffic: 0 };
          store.getState().setObjective({ mix: mixOf(shares, references(view.baselines)) });
        }
      }}
    />
  );
}
