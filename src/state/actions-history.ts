import { record, redo, travel, undo } from "./history.ts";
import type { Session } from "./state.ts";
import type { Access } from "./store.ts";

export interface HistoryActions {
  /** Replaces the session as one undoable step. */
  commit(label: string, session: Session): void;
  undo(): void;
  redo(): void;
  /** Undoes (negative) or redoes (positive) several steps. */
  travel(steps: number): void;
}

export function createHistoryActions({ get, set }: Access): HistoryActions {
  return {
    commit: (label, session) => set({ ...record(get(), label, session), draft: null }),
    undo: () => set({ ...undo(get()), draft: null }),
    redo: () => set({ ...redo(get()), draft: null }),
    travel: (steps) => set({ ...travel(get(), steps), draft: null }),
  };
}
