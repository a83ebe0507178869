import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createHistoryActions } from "./actions-history.ts";
import { record, redo, undo } from "./history.ts";
import type { HistoryEntry, Session } from "./state.ts";
import type { Access, Store } from "./store.ts";

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

describe("steps of one control", () => {
  /** A store's part that history works on, with the actions over it. */
  function timeline() {
    let state = start;
    const get = () => state as unknown as Store;
    const set = (change: Partial<Store>) => {
      state = { ...state, ...change };
    };
    return { actions: createHistoryActions({ get, set } as Access), past: () => state.past, now: () => state.session };
  }

  afterEach(() => {
    vi.useRealTimers();
  });

  test("are undone together while they follow each other closely", () => {
    vi.useFakeTimers();
    const { actions, past, now } = timeline();
    for (let n = 1; n <= 5; n++) {
      actions.commit(`to ${n}`, session(n), "slider");
      vi.advanceTimersByTime(200);
    }
    expect(past().map(({ label }) => label)).toEqual(["to 5"]);
    actions.undo();
    expect(now()).toBe(start.session);
  });

  test("begin anew after a rest, another control, another step, or an undo", () => {
    vi.useFakeTimers();
    const { actions, past } = timeline();
    const labels = () => past().map(({ label }) => label);
    actions.commit("a", session(1), "slider");
    vi.advanceTimersByTime(2000);
    actions.commit("b", session(2), "slider");
    actions.commit("c", session(3), "other slider");
    actions.commit("d", session(4), "slider");
    actions.commit("e", session(5));
    actions.commit("f", session(6));
    actions.commit("g", session(7), "slider");
    expect(labels()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
    actions.undo();
    actions.commit("h", session(8), "slider");
    expect(labels()).toEqual(["a", "b", "c", "d", "e", "f", "h"]);
  });
});
