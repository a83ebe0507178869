import type { AppState, HistoryEntry, Session } from "./state.ts";

/** Steps kept for undo; older ones are forgotten. */
const DEPTH = 200;

type Timeline = Pick<AppState, "session" | "past" | "future">;

/** The state after a step: the present goes to the past, and what was undone before is forgotten. */
export function record(state: Timeline, label: string, session: Session): Timeline {
  const entry: HistoryEntry = { label, session: state.session };
  return { session, past: [...state.past, entry].slice(-DEPTH), future: [] };
}

/**
 * The same for a step that goes on with the last one, as a slider's does while it is dragged: both are undone together,
 * under the newer label.
 */
export function recordOn(state: Timeline, label: string, session: Session): Timeline {
  const last = state.past.at(-1);
  if (last === undefined) return record(state, label, session);
  return { session, past: [...state.past.slice(0, -1), { label, session: last.session }], future: [] };
}

/** One step back, or the same state where there is none. */
export function undo(state: Timeline): Timeline {
  const entry = state.past.at(-1);
  if (entry === undefined) return state;
  return {
    session: entry.session,
    past: state.past.slice(0, -1),
    future: [{ label: entry.label, session: state.session }, ...state.future],
  };
}

/** Several steps at once: back for a negative number, forward for a positive one, as far as there are any. */
export function travel(state: Timeline, steps: number): Timeline {
  const step = steps < 0 ? undo : redo;
  let present = state;
  for (let left = Math.abs(steps); left > 0; left--) present = step(present);
  return present;
}

/** One step forward again, or the same state where there is none. */
export function redo(state: Timeline): Timeline {
  const [entry, ...rest] = state.future;
  if (entry === undefined) return state;
  return {
    session: entry.session,
    past: [...state.past, { label: entry.label, session: state.session }],
    future: rest,
  };
}
