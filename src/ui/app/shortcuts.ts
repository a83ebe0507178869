import { type RefObject, useEffect } from "react";
import type { Store } from "../../state/store.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { StageHandle } from "./stage.tsx";

/** Inputs without text, whose steps are undone like any other. */
const WITHOUT_TEXT = new Set(["range", "checkbox", "radio", "button", "file"]);

/** Whether keys with Ctrl are the element's own: it undoes what was typed into it. */
function isTyping(target: EventTarget | null): boolean {
  return (
    (target instanceof HTMLInputElement && !WITHOUT_TEXT.has(target.type)) || target instanceof HTMLTextAreaElement
  );
}

/** Whether letters are: a list goes to the entry that begins with them. */
function takesLetters(target: EventTarget | null): boolean {
  return isTyping(target) || target instanceof HTMLSelectElement;
}

/** Lets go of what is selected; inside a body with nothing selected, goes one step out. */
function letGo({ inside, select, selectInside, lookOut }: Store): void {
  const depth = inside.path.length;
  if (depth === 0) select(null);
  else if (inside.selected !== null) selectInside(null);
  else lookOut(depth - 1);
}

/** Keys that work anywhere: Ctrl+O open, Ctrl+Z undo, Ctrl+Shift+Z or Ctrl+Y redo, f fit, / search, ? help, Escape. */
export function useShortcuts(stage: RefObject<StageHandle | null>, onHelp: () => void): void {
  const store = useAppStore();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const { undo, redo, cancelDrag } = store.getState();
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
      } else if (takesLetters(event.target)) {
        return;
      } else if (!command && key === "?") onHelp();
      else if (!command && key === "f") stage.current?.fit();
      else if (!command && key === "/") {
        event.preventDefault();
        document.getElementById("op-search")?.focus();
      } else if (key === "escape" && document.querySelector("dialog[open]") === null) {
        cancelDrag();
        letGo(store.getState());
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [store, stage, onHelp]);
}
