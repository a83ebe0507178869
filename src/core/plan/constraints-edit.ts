import type { Rig } from "../rig/rig.ts";
import type { Constraints } from "./constraints.ts";
import type { Figure } from "./objective.ts";

/** Constraints less what names devices and links that the rig does not have. O(constraints x devices). */
export function constraintsOnRig(constraints: Constraints, rig: Rig): Constraints {
  const hasDevice = (id: string) => rig.devices.some((device) => device.id === id);
  const hasLink = (id: string) => rig.links.some((link) => link.id === id);
  const { pins, forbiddenDevices, linkMaxBytes } = constraints;
  const fits =
    pins.every(({ device }) => hasDevice(device)) &&
    forbiddenDevices.every(hasDevice) &&
    linkMaxBytes.every(({ link }) => hasLink(link));
  if (fits) return constraints;
  return {
    ...constraints,
    pins: pins.filter(({ device }) => hasDevice(device)),
    forbiddenDevices: forbiddenDevices.filter(hasDevice),
    linkMaxBytes: linkMaxBytes.filter(({ link }) => hasLink(link)),
  };
}

/** A limit on a figure set (in its unit), or lifted (null). */
export function withLimit(constraints: Constraints, figure: Figure, limit: number | null): Constraints {
  const { [figure]: _, ...others } = constraints.limits;
  return { ...constraints, limits: limit === null ? others : { ...others, [figure]: limit } };
}

/** Ops, or modules, by name on one device, in place of other pins of theirs; null lets them go. */
export function withPins(constraints: Constraints, names: readonly string[], device: string | null): Constraints {
  const others = constraints.pins.filter(({ op }) => !names.includes(op));
  return { ...constraints, pins: device === null ? others : [...others, ...names.map((op) => ({ op, device }))] };
}

export function withForbidden(constraints: Constraints, device: string, forbidden: boolean): Constraints {
  const others = constraints.forbiddenDevices.filter((id) => id !== device);
  return { ...constraints, forbiddenDevices: forbidden ? [...others, device] : others };
}

/** Most bytes per inference over a link set, or lifted (null). */
export function withLinkLimit(constraints: Constraints, link: string, bytes: number | null): Constraints {
  const others = constraints.linkMaxBytes.filter((cap) => cap.link !== link);
  return { ...constraints, linkMaxBytes: bytes === null ? others : [...others, { link, bytes }] };
}

/** How many constraints there are, as a person would count them. */
export function constraintCount(constraints: Constraints): number {
  const { pins, firstOpsOnSource, forbiddenDevices, maxStages, linkMaxBytes, groups, limits } = constraints;
  return (
    pins.length +
    (firstOpsOnSource > 0 ? 1 : 0) +
    forbiddenDevices.length +
    (maxStages === null ? 0 : 1) +
    linkMaxBytes.length +
    groups.length +
    Object.keys(limits).length
  );
}
