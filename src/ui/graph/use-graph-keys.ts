import { useEffect, useRef } from "react";
import { at } from "../../core/columns.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { boxOf } from "./elements.ts";
import type { Trace } from "./trace.ts";
import type { Modules } from "./use-modules.ts";

interface GraphKeys {
  readonly layout: FilmstripLayout | null;
  readonly modules: Modules;
  readonly selected: number | null;
  readonly trace: Trace;
  readonly onTrace: (trace: Trace) => void;
  /** Selects an op and brings it into view. */
  readonly onSelect: (op: number) => void;
  /** Enter on an op that is no closed module. */
  readonly onEnter: (op: number) => void;
}

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowDown", 1],
  ["ArrowLeft", -1],
  ["ArrowUp", -1],
]);

/** The network has the focus, or nothing has. */
const isNetwork = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof HTMLElement && target.classList.contains("graph"));

/**
 * Keys on the network while no control has the focus: arrows go from box to box, Enter opens a module or looks into an
 * op, Backspace closes the module around, u and d trace.
 */
export function useGraphKeys(keys: GraphKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !isNetwork(event.target)) return;
      const { layout, modules, selected, trace, onTrace, onSelect, onEnter } = latest.current;
      if (layout === null || layout.nodes.count === 0) return;
      const { count, firstOp, folded } = layout.nodes;
      const step = STEPS.get(event.key);
      if (step !== undefined) {
        const box = selected === null ? (step > 0 ? -1 : count) : boxOf(layout, selected);
        onSelect(at(firstOp, Math.min(count - 1, Math.max(0, box + step))));
      } else if (selected === null) return;
      else if (event.key === "Enter") {
        if (folded[boxOf(layout, selected)] === 1) modules.openAround(selected);
        else onEnter(selected);
      } else if (event.key === "Backspace") modules.closeAround(selected);
      else if (event.key === "u") onTrace({ ...trace, upstream: !trace.upstream });
      else if (event.key === "d") onTrace({ ...trace, downstream: !trace.downstream });
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
