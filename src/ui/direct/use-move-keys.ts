import { type RefObject, useEffect, useRef } from "react";
import { at } from "../../core/columns.ts";

interface MoveKeys {
  readonly surface: RefObject<HTMLElement | null>;
  readonly stageCount: number;
  readonly stageOf: Int32Array;
  readonly selected: readonly number[];
  readonly onMove: (stage: number) => void;
  readonly onMenu: () => void;
}

/**
 * Keys for the selected ops, while the network or no control has the focus: Shift with an arrow moves them to the next
 * stage or the one before, the menu key or Shift+F10 opens their menu.
 */
export function useMoveKeys(keys: MoveKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { surface, stageCount, stageOf, selected, onMove, onMenu } = latest.current;
      if (event.target !== document.body && event.target !== surface.current) return;
      if (selected.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const isMenu = event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
      const isLater = event.key === "ArrowRight" || event.key === "ArrowDown";
      const isEarlier = event.key === "ArrowLeft" || event.key === "ArrowUp";
      if (isMenu) onMenu();
      else if (event.shiftKey && (isLater || isEarlier)) {
        let first = stageCount;
        let last = -1;
        for (const op of selected) {
          first = Math.min(first, at(stageOf, op));
          last = Math.max(last, at(stageOf, op));
        }
        const target = isLater ? last + 1 : first - 1;
        if (target >= 0 && target < stageCount) onMove(target);
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
