import type { BodyStep, Notice, Overlay, Selection } from "./state.ts";
import type { Access } from "./store.ts";

export interface ViewActions {
  select(selection: Selection): void;
  /** Shows the body at the end of a path in the place of the network. */
  lookInto(path: readonly BodyStep[]): void;
  /** Goes back out until so many bodies are entered; 0 is the network. The op that was looked into is selected. */
  lookOut(depth: number): void;
  selectInside(op: number | null): void;
  setOverlay(overlay: Overlay): void;
  setArrivals(perSecond: number | null): void;
  /** Shows one sentence until it is dismissed; the same sentence is not shown twice. */
  notify(tone: Notice["tone"], text: string): void;
  dismiss(id: number): void;
}

export function createViewActions({ get, set }: Access): ViewActions {
  let lastNotice = 0;
  return {
    select: (selection) => set({ selection }),
    lookInto: (path) => {
      const [outermost] = path;
      if (outermost === undefined) return;
      set({ selection: { kind: "op", op: outermost.op }, inside: { path, selected: null } });
    },
    lookOut: (depth) => {
      const { path } = get().inside;
      const left = path[depth];
      if (left !== undefined) set({ inside: { path: path.slice(0, depth), selected: depth === 0 ? null : left.op } });
    },
    selectInside: (selected) => set({ inside: { ...get().inside, selected } }),
    setOverlay: (overlay) => set({ overlay }),
    setArrivals: (arrivalsPerSecond) => set({ arrivalsPerSecond }),
    notify: (tone, text) => {
      const others = get().notices.filter((notice) => notice.text !== text);
      lastNotice += 1;
      set({ notices: [...others, { id: lastNotice, tone, text }].slice(-4) });
    },
    dismiss: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
  };
}
