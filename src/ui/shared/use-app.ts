import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { AppStore, Store } from "../../state/store.ts";

const StoreContext = createContext<AppStore | null>(null);
export const StoreProvider = StoreContext.Provider;

/** The store itself, for subscriptions outside React (dragging) and for actions in handlers. */
export function useAppStore(): AppStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("useAppStore is used outside StoreProvider");
  return store;
}

/** A part of the state; the component renders again when that part changes. */
export function useApp<T>(select: (state: Store) => T): T {
  return useStore(useAppStore(), select);
}
