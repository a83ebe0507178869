import type { Notice, Overlay, Selection } from "./state.ts";
import type { Access } from "./store.ts";

export interface ViewActions {
  select(selection: Selection): void;
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
