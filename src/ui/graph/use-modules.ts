import { useCallback, useMemo, useState } from "react";
import { at, item } from "../../core/columns.ts";
import { enclosing, type ModuleTree } from "../../core/graph/module-tree.ts";
import {
  closed,
  closedLevel,
  MOST_ELEMENTS,
  moduleView,
  type OpenModules,
  openAtFirst,
  opened,
  openedLevel,
} from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";

export interface Modules {
  readonly open: OpenModules;
  /** What the last opening had to leave closed, or close, because no more can be drawn at once; null: nothing. */
  readonly note: string | null;
  readonly openModule: (module: number) => void;
  readonly closeModule: (module: number) => void;
  readonly openLevel: () => void;
  readonly closeLevel: () => void;
  /** Opens the closed module that an op is in: one level. */
  readonly openAround: (op: number) => void;
  /** Opens whatever is closed around an op. */
  readonly reveal: (op: number) => void;
  /** Closes the innermost open module around an op. */
  readonly closeAround: (op: number) => void;
}

interface Kept {
  readonly tree: ModuleTree;
  readonly open: OpenModules;
  readonly note: string | null;
}

const LIMIT = `at most ${MOST_ELEMENTS.toLocaleString("en")} boxes and wires are drawn at once`;

/** Says which modules had to be closed for the one that was opened. */
function closedText(names: readonly string[]): string | null {
  const [first] = names;
  if (first === undefined) return null;
  const others = names.length === 1 ? "" : ` and ${names.length - 1} more`;
  return `Closed again: ${first}${others}; ${LIMIT}.`;
}

/** Says how many modules on screen were opened where not all could be. */
function levelText(done: number, wanted: number): string | null {
  return done === wanted ? null : `Opened ${done} of ${wanted} modules; ${LIMIT}.`;
}

/** Types that are known better leave most trees as they are. */
function isSame(one: ModuleTree, other: ModuleTree): boolean {
  return (
    one === other ||
    (one.count === other.count &&
      one.endOp.every((op, module) => op === other.endOp[module]) &&
      one.names.every((name, module) => name === other.names[module]))
  );
}

/**
 * Which modules are open: per network, from what one screen holds on. `onChange` is told of the first op of a module
 * that opens or closes, or of the one that a change is about.
 */
export function useModules({ graph, modules: tree }: OpenedGraph, onChange: (op: number) => void): Modules {
  const atFirst = useMemo(() => openAtFirst(tree, graph), [tree, graph]);
  const [kept, setKept] = useState<Kept>({ tree, open: atFirst, note: null });
  const { open, note } = kept.tree === tree || isSame(kept.tree, tree) ? kept : { open: atFirst, note: null };
  const change = useCallback(
    (next: OpenModules, nextNote: string | null = null) => setKept({ tree, open: next, note: nextNote }),
    [tree],
  );
  return useMemo(() => {
    const openModule = (module: number) => {
      onChange(at(tree.firstOp, module));
      const next = opened(tree, graph, open, module);
      change(next, closedText([...open].filter((other) => !next.has(other)).map((other) => item(tree.names, other))));
    };
    const closeModule = (module: number) => {
      onChange(at(tree.firstOp, module));
      change(closed(tree, open, module));
    };
    const outermostClosed = (op: number) => enclosing(tree, at(tree.blockOf, op)).findLast((outer) => !open.has(outer));
    return {
      open,
      note,
      openModule,
      closeModule,
      openLevel: () => {
        const next = openedLevel(tree, graph, open);
        change(next, levelText(next.size - open.size, moduleView(tree, open).collapsed.size));
      },
      closeLevel: () => change(closedLevel(tree, open)),
      openAround: (op) => {
        const module = outermostClosed(op);
        if (module !== undefined) openModule(module);
      },
      reveal: (op) => {
        if (outermostClosed(op) !== undefined) openModule(at(tree.blockOf, op));
      },
      closeAround: (op) => {
        const around = enclosing(tree, at(tree.blockOf, op));
        const firstClosed = around.findLastIndex((outer) => !open.has(outer));
        const innermost = around[firstClosed + 1];
        if (innermost !== undefined) closeModule(innermost);
      },
    };
  }, [tree, graph, open, note, change, onChange]);
}
