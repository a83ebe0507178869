import { type RefObject, useEffect } from "react";
import { useAppStore } from "../shared/use-app.ts";
import type { StageHandle } from "./stage.tsx";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}

/** Keys that work anywhere: Ctrl+O open, Ctrl+Z undo, Ctrl+Shift+Z or Ctrl+Y redo, f fit, / search, ? help, Escape. */
export function useShortcuts(stage: RefObject<StageHandle | null>, onHelp: () => void): void {
  const store = useAppStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const { undo, redo, select, cancelDrag } = store.getState();
      if (command && key === "o") {
        event.preventDefault();
        document.getElementById("model-file")?.click();
      } else if (isTyping(event.target)) {
        return;
      } else if (command && key === "z") {
        event.preventDefault();
        if (event.shiftKey) redo();
        else undo();
      } else if (command && key === "y") {
        event.preventDefault();
        redo();
      } else if (!command && key === "?") onHelp();
      else if (!command && key === "f") stage.current?.fit();
      else if (!command && key === "/") {
        event.preventDefault();
        document.getElementById("op-search")?.focus();
      } else if (key === "escape") {
        cancelDrag();
        select(null);
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [store, stage, onHelp]);
}
