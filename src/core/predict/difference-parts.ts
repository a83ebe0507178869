import { FIGURES, type Objective } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import type { Rig } from "../rig/rig.ts";
import { explainFigure, type Planned } from "./explain-figure.ts";
import { figure, figureOf } from "./prediction.ts";
import { termText } from "./term-text.ts";
import { FIGURE_NAMES, figureText } from "./violation-text.ts";

/** A part of the difference between two plans' values of an objective. */
export interface DifferencePart {
  /** "compute on Raspberry Pi 4"; of a weighted mix a figure, "energy". */
  readonly name: string;
  /** In the objective's unit: positive where the second plan spends more. The parts add up to the difference. */
  readonly amount: number;
  /** With its sign and unit; of a weighted mix in the unit of the figure. */
  readonly text: string;
}

/** An amount with its sign, which is a minus and not a hyphen. */
export const signed = (amount: number, format: (value: number) => string): string =>
  `${amount < 0 ? "−" : "+"}${format(Math.abs(amount))}`;

/**
 * Why plan `to` is better or worse than plan `from` for an objective, the largest part first: the terms of a figure, or
 * what each figure adds to a weighted mix. Null where one of the plans cannot run. O(edges + messages).
 */
export function differenceParts(
  problem: Problem,
  rig: Rig,
  { from, to }: { readonly from: Planned; readonly to: Planned },
  objective: Objective,
): readonly DifferencePart[] | null {
  if (typeof objective === "string") {
    const terms = explainFigure(problem, from, to, objective);
    return (
      terms?.map((term) => ({
        name: termText(term, rig),
        amount: term.amount,
        text: signed(term.amount, (value) => figureText(objective, value)),
      })) ?? null
    );
  }
  const isPossible = [from, to].every(({ prediction }) => figureOf(prediction, objective) < Number.POSITIVE_INFINITY);
  if (!isPossible) return null;
  return FIGURES.flatMap((name): DifferencePart[] => {
    const weight = objective.mix[name] ?? 0;
    const difference = figure(to.prediction, name) - figure(from.prediction, name);
    if (weight === 0 || difference === 0) return [];
    const text = signed(difference, (value) => figureText(name, value));
    return [{ name: FIGURE_NAMES[name], amount: weight * difference, text }];
  }).sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
}
