import { item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { Constraints } from "./constraints.ts";

/** Whether the name of a pin stands for an op: its own, or that of a module around it. */
function standsFor(pin: string, opName: string): boolean {
  return pin === opName || opName.startsWith(pin.endsWith("/") ? pin : `${pin}/`);
}

/** Id of the device that an op is pinned to, by its own name or with a module around it; null = none. O(pins). */
export function pinnedDevice({ pins }: Constraints, graph: Graph, op: number): string | null {
  const name = item(graph.opNames, op);
  return pins.find((pin) => standsFor(pin.op, name))?.device ?? null;
}

/**
 * The names that pin just these ops (ascending, at least one): the innermost module that holds them and no other op,
 * else each op's own. O(ops of the graph).
 */
export function pinNames(graph: Graph, ops: readonly number[]): readonly string[] {
  const names = ops.map((op) => item(graph.opNames, op));
  const module = commonModule(names);
  if (names.length < 2 || module === "") return names;
  const held = graph.opNames.filter((name) => standsFor(module, name));
  return held.length === names.length ? [module] : names;
}

/** The longest path with whole steps between slashes that all names begin with. */
function commonModule(names: readonly string[]): string {
  const [first = "", ...others] = names;
  let end = first.lastIndexOf("/");
  while (end > 0 && !others.every((name) => name.startsWith(first.slice(0, end + 1)))) {
    end = first.lastIndexOf("/", end - 1);
  }
  return first.slice(0, Math.max(0, end));
}

/**
 * Ops pinned to a device, in place of every pin that holds one of them, modules around them included; null lets them
 * go. O(ops x pins + ops of the graph).
 */
export function withOpsPinned(
  constraints: Constraints,
  graph: Graph,
  ops: readonly number[],
  device: string | null,
): Constraints {
  const names = ops.map((op) => item(graph.opNames, op));
  const others = constraints.pins.filter((pin) => !names.some((name) => standsFor(pin.op, name)));
  const own = device === null ? [] : pinNames(graph, ops).map((op) => ({ op, device }));
  return { ...constraints, pins: [...others, ...own] };
}
