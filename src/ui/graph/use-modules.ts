import { useCallback, useMemo, useState } from "react";
import { at } from "../../core/columns.ts";
import { enclosing, type ModuleTree } from "../../core/graph/module-tree.ts";
import {
  closed,
  closedLevel,
  type OpenModules,
  openAtFirst,
  opened,
  openedLevel,
} from "../../core/graph/module-view.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";

export interface Modules {
  readonly open: OpenModules;
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
  const [kept, setKept] = useState({ tree, open: atFirst });
  const open = kept.tree === tree || isSame(kept.tree, tree) ? kept.open : atFirst;
  const change = useCallback(
    (next: (now: OpenModules) => OpenModules) => setKept({ tree, open: next(open) }),
    [tree, open],
  );
  return useMemo(() => {
    const openModule = (module: number) => {
      onChange(at(tree.firstOp, module));
      change((now) => opened(tree, graph, now, module));
    };
    const closeModule = (module: number) => {
      onChange(at(tree.firstOp, module));
      change((now) => closed(tree, now, module));
    };
    const outermostClosed = (op: number) => enclosing(tree, at(tree.blockOf, op)).findLast((outer) => !open.has(outer));
    return {
      open,
      openModule,
      closeModule,
      openLevel: () => change((now) => openedLevel(tree, graph, now)),
      closeLevel: () => change((now) => closedLevel(tree, now)),
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
  }, [tree, graph, open, change, onChange]);
}
