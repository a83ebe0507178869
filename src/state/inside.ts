import type { OpBodies, OpenedBody, OpenedGraph } from "../core/graph/opened-model.ts";
import { memo } from "./memo.ts";
import type { BodyStep, InsideView } from "./state.ts";

export const NETWORK_ITSELF: InsideView = { path: [], selected: null };

/** One body on the way in. */
export interface EnteredBody extends BodyStep {
  /** The graph that the op is in. */
  readonly around: OpenedGraph;
  readonly held: OpBodies;
  readonly entered: OpenedBody;
}

/** The bodies along a path, outermost first; null where the model has none there, and where nothing is entered. */
export const bodiesAlong = memo((model: OpenedGraph, path: readonly BodyStep[]): readonly EnteredBody[] | null => {
  const found: EnteredBody[] = [];
  let around: OpenedGraph | null = model;
  for (const step of path) {
    const held: OpBodies | undefined = around?.bodies.get(step.op);
    const entered: OpenedBody | undefined = held?.bodies[step.body];
    if (around === null || held === undefined || entered === undefined) return null;
    found.push({ ...step, around, held, entered });
    around = entered.inside;
  }
  return found.length === 0 ? null : found;
}, 4);
