import { item } from "../columns.ts";
import type { Graph } from "./graph.ts";

/** A run of the op order that belongs to one module of the exporting framework. */
export interface ModuleRun {
  readonly from: number;
  readonly to: number;
  /** The module's path, outermost first; empty where several small modules were gathered. */
  readonly path: readonly string[];
}

const READABLE_RUN = 16;
const SMALLEST_RUN = 3;

/**
 * The module path in an op's name, outermost first, without the op itself: "/layer1/layer1.0/conv1/Conv" gives
 * layer1, layer1.0, conv1. Converters that fuse ops join their names by ";": the first counts.
 */
export function modulePath(name: string): string[] {
  const [first = ""] = name.split(";", 1);
  const separator = first.includes("/") ? "/" : ".";
  const parts = first.split(separator).filter((part) => part !== "");
  parts.pop();
  return parts;
}

/** Maximal runs of [from, to) whose ops agree on the path's component at `depth`. */
function agreeingRuns(paths: readonly (readonly string[])[], run: ModuleRun, depth: number): ModuleRun[] {
  const runs: ModuleRun[] = [];
  let from = run.from;
  for (let op = run.from + 1; op <= run.to; op++) {
    const component = item(paths, from)[depth];
    if (op < run.to && item(paths, op)[depth] === component) continue;
    const path = component === undefined ? run.path : [...run.path, component];
    runs.push({ from, to: op, path });
    from = op;
  }
  return runs;
}

/** Gathers neighbouring runs that are too short to be read alone; what stays short joins the run before it. */
function gatherShortRuns(runs: readonly ModuleRun[], parent: readonly string[]): ModuleRun[] {
  const gathered: ModuleRun[] = [];
  const isShort = (run: ModuleRun) => run.to - run.from < SMALLEST_RUN;
  let lastIsGathered = false;
  for (const run of runs) {
    const last = gathered.at(-1);
    const together = last !== undefined && isShort(run) && (lastIsGathered || isShort(last));
    if (together && last !== undefined) {
      gathered[gathered.length - 1] = { from: last.from, to: run.to, path: parent };
      lastIsGathered = true;
    } else {
      gathered.push(run);
      lastIsGathered = false;
    }
  }
  const merged: ModuleRun[] = [];
  for (const run of gathered) {
    const last = merged.at(-1);
    const sameModule = last !== undefined && last.path.length > 0 && last.path.join("/") === run.path.join("/");
    if (last !== undefined && (isShort(run) || sameModule)) {
      merged[merged.length - 1] = { from: last.from, to: run.to, path: last.path };
    } else if (last !== undefined && isShort(last)) {
      merged[merged.length - 1] = { from: last.from, to: run.to, path: run.path };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

/**
 * Runs of the op order by the modules in the op names, each refined while it is longer than a screen column and
 * its submodules hold several ops each. Null where the names are flat or the order mixes the modules.
 * O(ops x depth).
 */
export function moduleRuns(graph: Graph): ModuleRun[] | null {
  const paths = graph.opNames.map((name, op) =>
    modulePath(name).filter((component) => component !== graph.opTypes[op]),
  );
  const pending: { readonly run: ModuleRun; readonly depth: number }[] = [
    { run: { from: 0, to: graph.opCount, path: [] }, depth: 0 },
  ];
  const finished: ModuleRun[] = [];
  while (true) {
    const next = pending.pop();
    if (next === undefined) break;
    const { run, depth } = next;
    const length = run.to - run.from;
    const deepest = paths.slice(run.from, run.to).every((path) => path.length <= depth);
    if (length <= READABLE_RUN || deepest) {
      finished.push(run);
      continue;
    }
    const parts = gatherShortRuns(agreeingRuns(paths, run, depth), run.path);
    const groupsWell = parts.length === 1 || length / parts.length >= 4;
    if (!groupsWell) {
      finished.push(run);
      continue;
    }
    for (const part of parts.toReversed()) pending.push({ run: part, depth: depth + 1 });
  }
  const named = finished.filter((run) => run.path.length > 0);
  const covered = named.reduce((sum, run) => sum + run.to - run.from, 0);
  const modules = new Set(named.map((run) => run.path.join("/")));
  return modules.size >= 2 && covered >= graph.opCount / 2 ? finished : null;
}
