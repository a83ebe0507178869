import type { Rig } from "../rig/rig.ts";
import type { Constraints } from "./constraints.ts";
import { withForbidden, withLimit, withLinkLimit, withPins } from "./constraints-edit.ts";
import { FIGURES, type Figure } from "./objective.ts";

/** Constraints with one of them given up. */
export interface Relaxation {
  /** What is given up, as an order: "Allow any number of stages"; where a limit is, what comes before its new value. */
  readonly text: string;
  readonly constraints: Constraints;
  /** The figure whose limit is given up: the least that is possible without it is its new value. Null for the rest. */
  readonly limited: Figure | null;
}

const LIMIT_TEXTS: Readonly<Record<Figure, string>> = {
  latency: "Allow a latency of",
  period: "Allow a time per frame of",
  energy: "Allow an energy of",
  traffic: "Allow traffic of",
};

/** Single pins that are offered to be given up one by one; more are given up together only. */
const MOST_PINS = 4;

/** Each constraint given up alone, limits on figures first. O(constraints^2). */
export function relaxations(constraints: Constraints, rig: Rig): readonly Relaxation[] {
  const nameOf = (id: string) =>
    rig.devices.find((device) => device.id === id)?.name ?? rig.links.find((link) => link.id === id)?.name ?? id;
  const found: Relaxation[] = [];
  const add = (text: string, relaxed: Constraints, limited: Figure | null = null) =>
    found.push({ text, constraints: relaxed, limited });
  for (const figure of FIGURES) {
    if (constraints.limits[figure] !== undefined)
      add(LIMIT_TEXTS[figure], withLimit(constraints, figure, null), figure);
  }
  if (constraints.maxStages !== null) add("Allow any number of stages", { ...constraints, maxStages: null });
  if (constraints.firstOpsOnSource > 0) {
    add("Let the first ops leave the source", { ...constraints, firstOpsOnSource: 0 });
  }
  for (const id of constraints.forbiddenDevices) add(`Allow ${nameOf(id)}`, withForbidden(constraints, id, false));
  for (const { link } of constraints.linkMaxBytes) {
    add(`Allow any traffic over ${nameOf(link)}`, withLinkLimit(constraints, link, null));
  }
  const { pins, groups } = constraints;
  if (pins.length <= MOST_PINS) {
    for (const { op, device } of pins) add(`Let ${op} leave ${nameOf(device)}`, withPins(constraints, [op], null));
  }
  if (pins.length > 1) add("Let all pinned ops go", { ...constraints, pins: [] });
  if (groups.length > 0) add("Let groups of ops be split", { ...constraints, groups: [] });
  return found;
}
