import fc from "fast-check";
import { expect, test } from "vitest";
import { record, redo, undo } from "./history.ts";
import type { HistoryEntry, Session } from "./state.ts";

const session = (n: number) => ({ schemes: [{ id: n }] }) as unknown as Session;
const start = { session: session(0), past: [] as readonly HistoryEntry[], future: [] as readonly HistoryEntry[] };

test("undoing everything gives the start back, redoing everything the end", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("step", "undo", "redo"), { maxLength: 60 }), (moves) => {
      let state = start;
      let next = 0;
      for (const move of moves) {
        next += 1;
        if (move === "step") state = record(state, `step ${next}`, session(next));
        else state = move === "undo" ? undo(state) : redo(state);
      }
      const here = state.session;
      const steps = state.past.length;
      for (let i = 0; i < steps; i++) state = undo(state);
      expect(state.session).toBe(start.session);
      for (let i = 0; i < steps; i++) state = redo(state);
      expect(state.session).toBe(here);
    }),
  );
});

test("a new step forgets what was undone", () => {
  const undone = undo(record(start, "a", session(1)));
  expect(undone.future).toHaveLength(1);
  expect(record(undone, "b", session(2)).future).toHaveLength(0);
});
