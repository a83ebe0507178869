import { FIGURES, type Mix } from "../../core/plan/objective.ts";
import { Slider } from "../shared/controls.tsx";
import { FIGURE_TEXTS } from "../shared/figures.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { mixOf, references, sharesOf, withShare } from "./mix-shares.ts";

/** How much each figure counts in a mix. */
export function MixSliders({ view, mix }: { readonly view: PlanView; readonly mix: Mix }) {
  const store = useAppStore();
  const reference = references(view.baselines);
  const shares = sharesOf(mix, reference);
  return (
    <fieldset className="goals-group">
      <legend>Shares of the mix</legend>
      {FIGURES.map((name) => (
        <Slider
          key={name}
          label={FIGURE_TEXTS[name].name}
          text={`${Math.round(shares[name])} %`}
          value={shares[name]}
          min={0}
          max={100}
          onChange={(share) => store.getState().setObjective({ mix: mixOf(withShare(shares, name, share), reference) })}
        />
      ))}
      <p className="goals-hint">Each figure counts in units of what the best device alone needs.</p>
    </fieldset>
  );
}
