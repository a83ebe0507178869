import { useMemo } from "react";
import { isSamePlan } from "../../core/plan/plan-difference.ts";
import type { Objective } from "../../core/solve/solver.ts";
import type { Session } from "../../state/state.ts";
import { type Change, type Suggestion, suggestionsOf } from "../../state/suggestions.ts";
import { schemeRows } from "../schemes/scheme-rows.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useCommittedPlan } from "../shared/use-plan.ts";
import { useSettled } from "../shared/use-settled.ts";

/** What would have to change for another plan to win, each one click (and one undo) away. */
export function Suggestions() {
  const store = useAppStore();
  const { found, isOld } = useSuggestions();
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
      <ul className="suggestions" aria-labelledby="what-if" aria-busy={isOld}>
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

/** What suggestions are made from. */
interface Subject {
  readonly view: PlanView | null;
  readonly objective: Objective;
  readonly schemes: Session["schemes"];
}

interface Found {
  readonly found: readonly Named[];
  /** Whether they are of a moment ago, and others are about to take their place. */
  readonly isOld: boolean;
}

/** Of what has stayed for a moment: a slider that moves does not wait for them. */
function useSuggestions(): Found {
  const view = useCommittedPlan();
  const objective = useApp((state) => state.objective);
  const schemes = useApp((state) => state.session.schemes);
  const present = useMemo(() => ({ view, objective, schemes }), [view, objective, schemes]);
  const settled = useSettled(present);
  const found = useMemo(() => suggestionsFor(settled), [settled]);
  return { found, isOld: present !== settled };
}

function suggestionsFor({ view, objective, schemes }: Subject): readonly Named[] {
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
}
