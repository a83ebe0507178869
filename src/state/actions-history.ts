import { record, recordOn, redo, travel, undo } from "./history.ts";
import type { Session } from "./state.ts";
import type { Access } from "./store.ts";

export interface HistoryActions {
  /**
   * Replaces the session as one undoable step. Steps of one control that follow each other closely are one: `control`
   * tells which it is.
   */
  commit(label: string, session: Session, control?: string): void;
  undo(): void;
  redo(): void;
  /** Undoes (negative) or redoes (positive) several steps. */
  travel(steps: number): void;
}

/** Milliseconds of rest after which a control begins a step of its own. */
const REST = 1000;

export function createHistoryActions({ get, set }: Access): HistoryActions {
  let last: { readonly control: string; readonly session: Session; readonly time: number } | null = null;
  return {
    commit: (label, session, control) => {
      const time = performance.now();
      // Where something else was done, undone or opened since, the session is another one.
      const goesOn = last?.control === control && last?.session === get().session && time - last.time < REST;
      set({ ...(goesOn ? recordOn : record)(get(), label, session), draft: null });
      last = control === undefined ? null : { control, session, time };
    },
    undo: () => set({ ...undo(get()), draft: null }),
    redo: () => set({ ...redo(get()), draft: null }),
    travel: (steps) => set({ ...travel(get(), steps), draft: null }),
  };
}
