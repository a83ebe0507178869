import { at, item } from "../columns.ts";

/** Modules of one level in reading order, before they are numbered. */
export interface Branch {
  readonly name: string;
  /** Equal for modules that do the same in the same way, whatever their sizes. */
  readonly kind: number;
  readonly firstOp: number;
  readonly endOp: number;
  /** The block that it is, -1 where it has children. */
  readonly block: number;
  readonly children: readonly Branch[];
}

/** More modules than this side by side are gathered into groups. */
export const MOST_CHILDREN = 36;
const LONGEST_PERIOD = 8;

/** A number for what has these children; the same children by kind give the same number. */
export type KindOf = (children: readonly Branch[]) => number;

export function branchOver(name: string, children: readonly Branch[], kindOf: KindOf): Branch {
  const first = item(children, 0);
  const last = item(children, children.length - 1);
  return { name, kind: kindOf(children), firstOp: first.firstOp, endOp: last.endOp, block: -1, children };
}

/**
 * Gathers a level of many modules until at most MOST_CHILDREN are left: first what repeats becomes one module each
 * time ("attention, mlp" twelve times over), then runs of equal ones, then neighbours where few tensors cross.
 * O(modules x longest period).
 */
export function gather(level: readonly Branch[], crossing: Int32Array, kindOf: KindOf): readonly Branch[] {
  let current = level;
  if (current.length > MOST_CHILDREN) current = repeatsGathered(current, kindOf);
  if (current.length > MOST_CHILDREN) current = runsGathered(current, kindOf);
  while (current.length > MOST_CHILDREN) current = neighboursGathered(current, crossing, kindOf);
  return current;
}

/** Each repeat of a sequence of two or more modules becomes a module. */
function repeatsGathered(level: readonly Branch[], kindOf: KindOf): readonly Branch[] {
  const gathered: Branch[] = [];
  for (let from = 0; from < level.length; ) {
    let best = { period: 1, repeats: 1 };
    for (let period = 1; period <= LONGEST_PERIOD; period++) {
      const repeats = repeatsFrom(level, from, period);
      if (repeats >= 2 && repeats * period > best.repeats * best.period) best = { period, repeats };
    }
    const { period, repeats } = best;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const part = level.slice(from, from + period);
      gathered.push(period === 1 ? item(part, 0) : branchOver(rangeName(part), part, kindOf));
      from += period;
    }
  }
  return gathered;
}

/** How often the `period` modules from `from` on stand one after the other. */
function repeatsFrom(level: readonly Branch[], from: number, period: number): number {
  let end = from + period;
  while (end < level.length && item(level, end).kind === item(level, end - period).kind) end += 1;
  return end > level.length ? 0 : Math.floor((end - from) / period);
}

/** Three and more equal modules in a row become one, long rows several of about the square root of their number. */
function runsGathered(level: readonly Branch[], kindOf: KindOf): readonly Branch[] {
  const gathered: Branch[] = [];
  for (let from = 0; from < level.length; ) {
    let to = from + 1;
    while (to < level.length && item(level, to).kind === item(level, from).kind) to += 1;
    const length = to - from;
    const parts = length < 3 ? length : length <= MOST_CHILDREN ? 1 : Math.round(Math.sqrt(length));
    for (let part = 0; part < parts; part++) {
      const start = from + Math.round((part * length) / parts);
      const own = level.slice(start, from + Math.round(((part + 1) * length) / parts));
      gathered.push(own.length === 1 ? item(own, 0) : branchOver(rangeName(own), own, kindOf));
    }
    from = to;
  }
  return gathered;
}

/** Groups of like size, each ending within half a group of the even place where fewest tensors cross. */
function neighboursGathered(level: readonly Branch[], crossing: Int32Array, kindOf: KindOf): readonly Branch[] {
  const groups = Math.min(MOST_CHILDREN, Math.max(2, Math.round(Math.sqrt(level.length))));
  const size = level.length / groups;
  const gathered: Branch[] = [];
  let from = 0;
  for (let group = 0; group < groups; group++) {
    const even = Math.round((group + 1) * size);
    let end = group === groups - 1 ? level.length : even;
    if (group < groups - 1) {
      const reach = Math.floor(size / 4);
      for (let step = 1; step <= reach; step++) {
        for (const candidate of [even - step, even + step]) {
          if (candidate <= from || candidate >= level.length) continue;
          if (at(crossing, item(level, candidate).firstOp) < at(crossing, item(level, end).firstOp)) end = candidate;
        }
      }
    }
    if (end <= from) continue;
    const own = level.slice(from, end);
    gathered.push(own.length === 1 ? item(own, 0) : branchOver(rangeName(own), own, kindOf));
    from = end;
  }
  return gathered;
}

/** "layer.0–24" for the modules layer.0, layer.1, ... layer.24; "conv + mlp" for two unlike, "stem … res 3" for more. */
function rangeName(modules: readonly Branch[]): string {
  const first = item(modules, 0).name;
  const last = item(modules, modules.length - 1).name;
  const start = /^(.*?)(\d+)(?:–\d+)?$/s.exec(first);
  const end = /^(.*?)(?:\d+–)?(\d+)$/s.exec(last);
  const isRange = start !== null && end !== null && start[1] === end[1];
  if (isRange) return `${start[1]}${start[2]}–${end[2]}`;
  return `${first} ${modules.length === 2 ? "+" : "…"} ${last}`;
}
