import { at, type Csr, csrFrom, item, row } from "../columns.ts";
import { readingCrossings } from "./block-breaks.ts";
import { blocksWithPaths } from "./blocks.ts";
import type { Graph } from "./graph.ts";
import { type Branch, branchOver, gather, type KindOf } from "./module-groups.ts";
import { blockPatterns, numberIn } from "./module-patterns.ts";

/**
 * The network as nested modules, numbered in reading order, outer before inner; 0 is the whole. A module is a run of
 * the op order. What has no children is a block, whose ops are drawn when it is opened.
 */
export interface ModuleTree {
  readonly count: number;
  /** As the exporter called them where it kept module names, else by what their ops do. Not unique. */
  readonly names: readonly string[];
  /** -1 for the whole. */
  readonly parent: Int32Array;
  readonly children: Csr;
  /** Module `m` holds ops firstOp[m] .. endOp[m] - 1. */
  readonly firstOp: Int32Array;
  readonly endOp: Int32Array;
  /** Equal numbers: same ops, wired alike, with the same shapes. */
  readonly pattern: Int32Array;
  /** The innermost module of each op. */
  readonly blockOf: Int32Array;
}

/** Longer names are cut in the middle: a file may hold names of any length. */
const LONGEST_NAME = 48;

/**
 * Nests the blocks of a graph: by the exporter's module names, and where a level is long or names are flat by what
 * repeats and by where few tensors cross. No module has more than 36 children. Deterministic.
 * O(ops + edges + blocks x depth of the names).
 */
export function moduleTree(graph: Graph): ModuleTree {
  const { blocks, paths } = blocksWithPaths(graph);
  const patterns = blockPatterns(graph, blocks);
  const kinds = new Map<string, number>();
  const kindOf: KindOf = (children) => numberIn(kinds, `of ${children.map(({ kind }) => kind).join(" ")}`);
  const leaves = blocks.names.map((name, block): Branch => {
    const kind = numberIn(kinds, `block ${at(patterns.kind, block)}`);
    return {
      name,
      kind,
      firstOp: at(blocks.firstOp, block),
      endOp: at(blocks.firstOp, block + 1),
      block,
      children: [],
    };
  });
  const top = gatherByPath(leaves, paths, readingCrossings(graph), kindOf);
  return numbered(top, graph.opCount, patterns.exact);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly name: string;
  /** Its modules, filled from the innermost out. */
  readonly parts: (Branch | Range)[];
}

/** The top level: blocks nested by the components of their paths, every level gathered to a readable length. */
function gatherByPath(
  leaves: readonly Branch[],
  paths: readonly (readonly string[])[],
  crossing: Int32Array,
  kindOf: KindOf,
): readonly Branch[] {
  const root: Range = { from: 0, to: leaves.length, depth: 0, name: "", parts: [] };
  const outerFirst: Range[] = [root];
  // Grows while it is walked through.
  for (const range of outerFirst) {
    for (const run of pathRuns(range, paths)) {
      if (run.to - run.from === 1) range.parts.push(item(leaves, run.from));
      else {
        range.parts.push(run);
        outerFirst.push(run);
      }
    }
  }
  const made = new Map<Range, readonly Branch[]>();
  for (const range of outerFirst.toReversed()) {
    const level = range.parts.map((part): Branch => {
      if (!("parts" in part)) return part;
      const children = made.get(part);
      if (children === undefined) throw new Error(`module "${part.name}" was not made before its parent`);
      return branchOver(part.name, children, kindOf);
    });
    made.set(range, gather(level, crossing, kindOf));
  }
  return made.get(root) ?? [];
}

/** Runs of blocks that agree on the next component of their paths; levels that all share are passed over. */
function pathRuns({ from, to, depth, name }: Range, paths: readonly (readonly string[])[]): Range[] {
  let level = depth;
  let parent = name;
  while (true) {
    const runs: Range[] = [];
    for (let start = from; start < to; ) {
      const component = item(paths, start)[level];
      let end = start + 1;
      while (end < to && component !== undefined && item(paths, end)[level] === component) end += 1;
      runs.push({ from: start, to: end, depth: level + 1, name: moduleName(component ?? "", parent), parts: [] });
      start = end;
    }
    if (runs.length !== 1 || to - from === 1) return runs;
    parent = item(runs, 0).name;
    level += 1;
  }
}

/** A bare number says nothing without the list that it numbers. */
function moduleName(component: string, parent: string): string {
  return /^\d+$/.test(component) && parent !== "" ? `${parent}.${component}` : component;
}

function numbered(top: readonly Branch[], opCount: number, exact: Int32Array): ModuleTree {
  const whole: Branch = { name: "network", kind: -1, firstOp: 0, endOp: opCount, block: -1, children: top };
  const branches: Branch[] = [];
  const parents: number[] = [];
  const pending: { readonly branch: Branch; readonly parent: number }[] = [{ branch: whole, parent: -1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const module = branches.push(next.branch) - 1;
    parents.push(next.parent);
    for (const child of next.branch.children.toReversed()) pending.push({ branch: child, parent: module });
  }
  const children: number[][] = branches.map(() => []);
  for (const [module, parent] of parents.entries()) if (parent >= 0) item(children, parent).push(module);
  const pattern = new Int32Array(branches.length);
  const blockOf = new Int32Array(opCount);
  const known = new Map<string, number>();
  for (let module = branches.length - 1; module >= 0; module--) {
    const { block, firstOp, endOp } = item(branches, module);
    const parts = item(children, module).map((child) => at(pattern, child));
    pattern[module] = numberIn(known, block >= 0 ? `block ${at(exact, block)}` : `of ${parts.join(" ")}`);
    if (block >= 0) blockOf.fill(module, firstOp, endOp);
  }
  return {
    count: branches.length,
    names: branches.map(({ name }) => shortened(name)),
    parent: Int32Array.from(parents),
    children: csrFrom(children),
    firstOp: Int32Array.from(branches, ({ firstOp }) => firstOp),
    endOp: Int32Array.from(branches, ({ endOp }) => endOp),
    pattern,
    blockOf,
  };
}

function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const half = LONGEST_NAME / 2 - 1;
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}

/** Whether a module is a block: opened, it shows ops. */
export const isBlock = (tree: ModuleTree, module: number): boolean => row(tree.children, module).length === 0;

/** How many children a module has where they are all the same (at least two), else 0. */
export function equalChildren(tree: ModuleTree, module: number): number {
  const children = row(tree.children, module);
  const first = children[0];
  if (first === undefined || children.length < 2) return 0;
  return children.every((child) => at(tree.pattern, child) === at(tree.pattern, first)) ? children.length : 0;
}

/** How many other modules are of the same ops, wired alike, with the same shapes. O(modules). */
export function alikeModules(tree: ModuleTree, module: number): number {
  const own = at(tree.pattern, module);
  return tree.pattern.reduce((count, pattern) => (pattern === own ? count + 1 : count), -1);
}

/** A module and all around it, innermost first; the whole network is left out. O(depth). */
export function enclosing(tree: ModuleTree, module: number): number[] {
  const modules: number[] = [];
  for (let outer = module; outer > 0; outer = at(tree.parent, outer)) modules.push(outer);
  return modules;
}
