import { linkFromPreset } from "./presets.ts";
import type { Link, Rig } from "./rig.ts";
import { uniqueId } from "./rig-edit.ts";
import { reachableFrom, validateRig } from "./validate.ts";

/**
 * A rig while it is being rewired: it may be wrong for a while. Unlike the edits of `rig-edit.ts` these refuse nothing;
 * `rigFaults` says what is wrong and where.
 */

/** What is wrong with a rig, and with which part of it; only errors keep it from being used. */
export interface RigFault {
  readonly at: { readonly kind: "device" | "link"; readonly id: string } | null;
  readonly tone: "error" | "warning";
  readonly sentence: string;
}

/** Every fault, in the order of links and devices; what has no place of its own comes last. O(links^2 + devices). */
export function rigFaults(rig: Rig): readonly RigFault[] {
  const faults: RigFault[] = [];
  const names = new Map(rig.devices.map(({ id, name }) => [id, name]));
  for (const [position, link] of rig.links.entries()) {
    const at = { kind: "link", id: link.id } as const;
    const stray = [link.a, link.b].find((id) => !names.has(id));
    const twin = rig.links.slice(0, position).find((other) => joins(other, link.a, link.b));
    if (stray !== undefined) {
      const sentence = `This link ends at device "${stray}", which the rig does not have; choose another end.`;
      faults.push({ at, tone: "error", sentence });
    } else if (link.a === link.b) {
      const sentence = `This link joins ${names.get(link.a)} to itself; choose two devices.`;
      faults.push({ at, tone: "error", sentence });
    } else if (twin !== undefined) {
      const sentence = `${names.get(link.a)} and ${names.get(link.b)} have another link, ${twin.name}; data takes one of the two.`;
      faults.push({ at, tone: "warning", sentence });
    }
  }
  const sourceName = names.get(rig.source);
  const joined = reachableFrom(rig.source, rig.links);
  for (const { id, name } of rig.devices) {
    if (sourceName === undefined || joined.has(id)) continue;
    const role = id === rig.sink ? ", where the output is needed" : "";
    const sentence = `No link leads from ${sourceName}, where the input is born, to ${name}${role}.`;
    faults.push({ at: { kind: "device", id }, tone: "error", sentence });
  }
  const checked = validateRig(rig);
  if (!checked.ok && !faults.some(({ tone }) => tone === "error")) {
    faults.push({ at: null, tone: "error", sentence: checked.error });
  }
  return faults;
}

const joins = (link: Link, a: string, b: string): boolean =>
  (link.a === a && link.b === b) || (link.a === b && link.b === a);

/** Another link of the library between two devices. An unknown kind is a bug of the caller. */
export function withLink(rig: Rig, preset: string, a: string, b: string): Rig {
  const taken = rig.links.map(({ id }) => id);
  return { ...rig, links: [...rig.links, linkFromPreset(preset, a, b, uniqueId(`${a}--${b}`, taken))] };
}

export const RIG_SHAPES = ["chain", "star", "mesh"] as const;
export type RigShape = (typeof RIG_SHAPES)[number];

/**
 * The same devices joined in a shape: a chain in their order, a star around `hub`, a mesh of all pairs. Links that fit
 * stay as they are; others are of the given kind. O(devices^2 x links).
 */
export function rewired(rig: Rig, shape: RigShape, hub: string, preset: string): Rig {
  const ids = rig.devices.map(({ id }) => id);
  const pairs = ids.flatMap((a, i) =>
    ids
      .slice(i + 1)
      .filter((b, distance) => shape === "mesh" || (shape === "chain" ? distance === 0 : a === hub || b === hub))
      .map((b) => [a, b] as const),
  );
  let next: Rig = { ...rig, links: [] };
  for (const [a, b] of pairs) {
    const kept = rig.links.find((link) => joins(link, a, b));
    next = kept === undefined ? withLink(next, preset, a, b) : { ...next, links: [...next.links, kept] };
  }
  return next;
}

export interface RigPlace {
  readonly x: number;
  readonly y: number;
}

/** Devices that fit side by side. */
const LONGEST_ROW = 5;

/**
 * Where the devices of a rig are drawn, in a square from 0 to 1, by how they are joined: a chain in a row, a star
 * around its hub, anything else on a circle, where no line passes a third device. The same rig, the same places.
 * O(devices x links).
 */
export function rigPlaces(rig: Rig): readonly RigPlace[] {
  const count = rig.devices.length;
  if (count === 1) return [{ x: 0.5, y: 0.5 }];
  const degree = rig.devices.map(
    ({ id }) => new Set(rig.links.flatMap(({ a, b }) => (a === id ? [b] : b === id ? [a] : []))).size,
  );
  const row = rowOf(rig, degree);
  if (row !== null && count <= LONGEST_ROW) {
    return row.map((place) => ({ x: count === 2 ? 0.2 + 0.6 * place : place / (count - 1), y: 0.5 }));
  }
  const hub = degree.findIndex((others) => others === count - 1);
  const isStar = count > 3 && hub >= 0 && degree.every((others, i) => i === hub || others === 1);
  const around = isStar ? count - 1 : count;
  let number = 0;
  return rig.devices.map((_, i) => {
    if (isStar && i === hub) return { x: 0.5, y: 0.5 };
    const angle = Math.PI + (2 * Math.PI * number++) / around;
    return { x: round(0.5 + 0.5 * Math.cos(angle)), y: round(0.5 + 0.5 * Math.sin(angle)) };
  });
}

/** Free of the last digits of sines, which differ between machines. */
const round = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Position of each device along the chain that the links form, from the source's end on; null for any other rig. */
function rowOf(rig: Rig, degree: readonly number[]): readonly number[] | null {
  const ends = rig.devices.flatMap(({ id }, i) => (degree[i] === 1 ? [id] : []));
  if (ends.length !== 2 || degree.some((others) => others === 0 || others > 2)) return null;
  const place = new Map<string, number>();
  let here: string | undefined = ends.find((id) => id === rig.source) ?? ends[0];
  while (here !== undefined) {
    place.set(here, place.size);
    const from: string = here;
    const next: string[] = rig.links.flatMap(({ a, b }) => (a === from ? [b] : b === from ? [a] : []));
    here = next.find((id) => !place.has(id));
  }
  const row = rig.devices.map(({ id }) => place.get(id));
  return row.every((position) => position !== undefined) ? row : null;
}
