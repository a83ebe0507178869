import { at, item, row } from "../columns.ts";
import type { Blocks } from "./blocks.ts";
import type { GraphLinks } from "./graph.ts";
import { enclosing, isBlock, type ModuleTree } from "./module-tree.ts";

/** Modules that are open, in the order in which they were opened. The whole network always is. */
export type OpenModules = ReadonlySet<number>;

/** What of a tree is on screen: its blocks are the modules that are closed, and open modules without children. */
export interface ModuleView {
  readonly blocks: Blocks;
  /** Blocks that are closed modules, each drawn as one box. */
  readonly collapsed: ReadonlySet<number>;
  /** Module of each block. */
  readonly moduleOf: Int32Array;
}

/** The modules on screen where `open` are open. What is open inside a closed module stays so, unseen. O(ops + modules). */
export function moduleView(tree: ModuleTree, open: OpenModules): ModuleView {
  const modules: number[] = [];
  const collapsed = new Set<number>();
  const pending = [0];
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    if (at(tree.endOp, module) === at(tree.firstOp, module)) continue;
    const isOpen = module === 0 || open.has(module);
    if (isOpen && !isBlock(tree, module)) {
      for (const child of row(tree.children, module).toReversed()) pending.push(child);
      continue;
    }
    if (!isOpen) collapsed.add(modules.length);
    modules.push(module);
  }
  const opCount = tree.blockOf.length;
  const blockOf = new Int32Array(opCount);
  for (const [block, module] of modules.entries()) {
    blockOf.fill(block, at(tree.firstOp, module), at(tree.endOp, module));
  }
  const blocks: Blocks = {
    count: modules.length,
    names: modules.map((module) => item(tree.names, module)),
    blockOf,
    firstOp: Int32Array.from([...modules.map((module) => at(tree.firstOp, module)), opCount]),
  };
  return { blocks, collapsed, moduleOf: Int32Array.from(modules) };
}

/** A drawing never holds more elements (boxes, panels, titles, wires, ports) than this. */
export const MOST_ELEMENTS = 1000;
/** So many closed modules, or ops, can be read on one screen. */
const MODULES_AT_FIRST = 64;
const OPS_AT_FIRST = 350;

/**
 * How many elements the drawing of a view has at most: each box, two per open panel, and for every tensor and box
 * that reads it a wire or its port, with one port more for the tensor. O(ops + edges).
 */
export function elementCount(graph: GraphLinks, { blocks, collapsed }: ModuleView): number {
  const boxOf = new Int32Array(graph.opCount);
  let boxes = 0;
  for (let op = 0; op < graph.opCount; op++) {
    const block = at(blocks.blockOf, op);
    if (!collapsed.has(block) || op === at(blocks.firstOp, block)) boxes += 1;
    boxOf[op] = boxes - 1;
  }
  let count = boxes + 2 * (blocks.count - collapsed.size) + graph.outputs.length;
  for (let tensor = 0; tensor < graph.tensorCount; tensor++) {
    const producer = at(graph.tensorProducer, tensor);
    const home = producer < 0 ? -1 : at(boxOf, producer);
    let last = home;
    let readers = 0;
    for (const reader of row(graph.tensorConsumers, tensor)) {
      const box = at(boxOf, reader);
      if (box !== last && box !== home) readers += 1;
      last = box;
    }
    count += readers === 0 ? 0 : readers + 1;
  }
  return count;
}

/** What is open when a network comes on screen: level by level as far as one screen holds it. O(depth x (ops + edges)). */
export function openAtFirst(tree: ModuleTree, graph: GraphLinks): OpenModules {
  const open = new Set<number>();
  let level = [...row(tree.children, 0)];
  if (level.length === 0) level = [0];
  while (level.length > 0) {
    const inner = level.filter((module) => !isBlock(tree, module));
    const next = inner.length > 0 ? inner : level;
    for (const module of next) open.add(module);
    const view = moduleView(tree, open);
    const isAllOps = view.collapsed.size === 0;
    const fits = isAllOps ? graph.opCount <= OPS_AT_FIRST : view.blocks.count <= MODULES_AT_FIRST;
    if (!fits || (inner.length === 0 && !isAllOps) || elementCount(graph, view) > MOST_ELEMENTS) {
      for (const module of next) open.delete(module);
      break;
    }
    if (isAllOps) break;
    // Blocks wait until everything is broken down to blocks.
    level = level.flatMap((module) => (isBlock(tree, module) ? [module] : [...row(tree.children, module)]));
  }
  return open;
}

/**
 * Opens a module and all around it. Where the drawing would then hold more than `most` elements, what was opened
 * longest ago is closed again, as much as it takes; never what is around the module. O((closed + 1) x (ops + edges)).
 */
export function opened(
  tree: ModuleTree,
  graph: GraphLinks,
  open: OpenModules,
  module: number,
  most = MOST_ELEMENTS,
): OpenModules {
  const kept = new Set(enclosing(tree, module));
  const next = new Set([...open].filter((other) => !kept.has(other)));
  for (const outer of [...kept].reverse()) next.add(outer);
  for (const oldest of next) {
    if (elementCount(graph, moduleView(tree, next)) <= most) break;
    if (!kept.has(oldest)) next.delete(oldest);
  }
  return next;
}

/** Opens every closed module on screen, in reading order as many as can be drawn. O(log modules x (ops + edges)). */
export function openedLevel(tree: ModuleTree, graph: GraphLinks, open: OpenModules, most = MOST_ELEMENTS): OpenModules {
  const { collapsed, moduleOf } = moduleView(tree, open);
  const candidates = [...collapsed].map((block) => at(moduleOf, block));
  const withFirst = (count: number): OpenModules => new Set([...open, ...candidates.slice(0, count)]);
  let [fits, tooMany] = [0, candidates.length + 1];
  while (tooMany - fits > 1) {
    const count = fits === 0 && tooMany > candidates.length ? candidates.length : (fits + tooMany) >> 1;
    if (elementCount(graph, moduleView(tree, withFirst(count))) <= most) fits = count;
    else tooMany = count;
  }
  return withFirst(fits);
}

/** Closes every open module in which none is open. O(open modules). */
export function closedLevel(tree: ModuleTree, open: OpenModules): OpenModules {
  const around = new Set([...open].map((module) => at(tree.parent, module)));
  return new Set([...open].filter((module) => around.has(module)));
}

/** Closes a module; what is open inside is closed with it. O(open modules x depth). */
export function closed(tree: ModuleTree, open: OpenModules, module: number): OpenModules {
  return new Set([...open].filter((other) => !enclosing(tree, other).includes(module)));
}
