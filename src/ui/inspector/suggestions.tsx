import { useDeferredValue, useMemo } from "react";
import { isSamePlan } from "../../core/plan/plan-difference.ts";
import { type Change, type Suggestion, suggestionsOf } from "../../state/suggestions.ts";
import { schemeRows } from "../schemes/scheme-rows.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { useCommittedPlan } from "../shared/use-plan.ts";

/** What would have to change for another plan to win, each one click (and one undo) away. */
export function Suggestions() {
  const store = useAppStore();
  const found = useSuggestions();
  if (found.length === 0) return null;
  const apply = (change: Change) => {
    const state = store.getState();
    switch (change.kind) {
      case "link":
        return state.updateLink(change.id, change.change);
      case "device":
        return state.updateDevice(change.id, change.change);
      case "encoding":
        return state.setEncoding(change.encoding);
      case "constraints":
        return state.setConstraints(change.label, change.constraints);
    }
  };
  return (
    <>
      <h3 id="what-if">What would have to change</h3>
      <ul className="suggestions" aria-labelledby="what-if">
        {found.map(({ suggestion, name }) => (
          <li key={`${suggestion.where} ${suggestion.action}`}>
            <span>
              {suggestion.where}
              {suggestion.now === "" ? "" : ` (now ${suggestion.now})`}: <strong>{name}</strong> wins
            </span>
            <Button
              label={`${suggestion.action}: ${suggestion.where}, ${name} wins`}
              onClick={() => apply(suggestion.change)}
            >
              {suggestion.action}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

interface Named {
  readonly suggestion: Suggestion;
  /** Of the plan that wins. */
  readonly name: string;
}

/** Of the last finished step, and after what has to follow at once. */
function useSuggestions(): readonly Named[] {
  const view = useDeferredValue(useCommittedPlan());
  const objective = useDeferredValue(useApp((state) => state.objective));
  const schemes = useDeferredValue(useApp((state) => state.session.schemes));
  return useMemo(() => {
    if (view === null) return [];
    const [own, ...others] = schemeRows(view, schemes, null);
    if (own === undefined || own.prediction.latencySeconds === Number.POSITIVE_INFINITY) return [];
    const stagesOf = ({ plan }: typeof own) => ({ stages: plan.devices, stageOf: plan.stageOf });
    const rivals = others.filter((row) => !isSamePlan(stagesOf(row), stagesOf(own)));
    const { model, setting, problem } = view;
    const names = ["This plan", ...rivals.map((row) => row.name)];
    return suggestionsOf({ model, setting, problem, objective, plans: [own, ...rivals] }).map((suggestion) => ({
      suggestion,
      name: names[suggestion.winner] ?? "",
    }));
  }, [view, objective, schemes]);
}
