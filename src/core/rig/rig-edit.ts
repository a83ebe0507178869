import { err, ok, type Result } from "../result.ts";
import { type DevicePreset, findDevicePreset, findLinkPreset, linkFromPreset } from "./presets.ts";
import type { Device, Link, Rig } from "./rig.ts";
import { reachableFrom, validateRig } from "./validate.ts";

/**
 * Edits of a rig: pure functions that give a new, valid rig or one sentence that says why not. The order of
 * `rig.devices` is the order in which the devices are shown; a rig whose neighbours are joined one by one is a chain.
 */

export type DeviceChange = Partial<Omit<Device, "id" | "preset">>;
export type LinkChange = Partial<Omit<Link, "id" | "a" | "b">>;

/** Link that joins devices where the rig gives no example of one. */
const DEFAULT_LINK = "ethernet-1g";

/** `base`, or `base-2`, `base-3`, ... : the first that is not taken. */
export function uniqueId(base: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  if (!used.has(base)) return base;
  let number = 2;
  while (used.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}

function between(link: Link, a: string, b: string): boolean {
  return (link.a === a && link.b === b) || (link.a === b && link.b === a);
}

function freshLink(rig: Rig, key: string, a: string, b: string): Link {
  const id = uniqueId(
    `${a}--${b}`,
    rig.links.map((link) => link.id),
  );
  return linkFromPreset(key, a, b, id);
}

/** `link` with its end at device `from` moved to device `to`. */
function moveEnd(link: Link, from: string, to: string): Link {
  return link.a === from ? { ...link, a: to } : { ...link, b: to };
}

function unknownDevice(rig: Rig, id: string): string {
  return `The rig has no device "${id}"; it has ${rig.devices.map((device) => `"${device.id}"`).join(", ")}.`;
}

/** Adds a device of the short list at `position`, as `insertDevice` does. */
export function addDevice(rig: Rig, preset: string, position: number, linkPreset = DEFAULT_LINK): Result<Rig> {
  const found = findDevicePreset(preset);
  if (found === undefined) return err(`There is no device preset "${preset}".`);
  return insertDevice(rig, found, position, linkPreset);
}

/**
 * Adds a device of the library at `position` (0 = first, clamped to the row). It is linked to its neighbours in the
 * row: a link that joined them directly now leads to the newcomer, the other side gets `linkPreset`.
 */
export function insertDevice(rig: Rig, preset: DevicePreset, position: number, linkPreset = DEFAULT_LINK): Result<Rig> {
  if (findLinkPreset(linkPreset) === undefined) return err(`There is no link preset "${linkPreset}".`);
  const at = Math.min(Math.max(0, Math.trunc(position)), rig.devices.length);
  const id = uniqueId(
    preset.id,
    rig.devices.map((other) => other.id),
  );
  const device: Device = { ...preset, id, preset: preset.id, loadFactor: 1 };
  const before = rig.devices[at - 1];
  const after = rig.devices[at];
  const devices = rig.devices.toSpliced(at, 0, device);

  if (before !== undefined && after !== undefined) {
    const direct = rig.links.findIndex((link) => between(link, before.id, after.id));
    const kept = rig.links[direct];
    if (kept !== undefined) {
      const rerouted = rig.links.with(direct, moveEnd(kept, after.id, device.id));
      const added = freshLink(rig, linkPreset, device.id, after.id);
      return validateRig({ ...rig, devices, links: rerouted.toSpliced(direct + 1, 0, added) });
    }
  }
  const neighbour = before ?? after;
  if (neighbour === undefined) return validateRig({ ...rig, devices });
  const [a, b] = before === undefined ? [device.id, neighbour.id] : [neighbour.id, device.id];
  const link = freshLink(rig, linkPreset, a, b);
  return validateRig({ ...rig, devices, links: before === undefined ? [link, ...rig.links] : [...rig.links, link] });
}

/**
 * Takes a device and its links out. Where that tears the rig apart, the parts are joined again by the slower of
 * the links that ran through the device (what passed over both cannot have been faster). Source and sink move to the
 * neighbour in the row. The last device cannot be removed.
 */
export function removeDevice(rig: Rig, id: string): Result<Rig> {
  const position = rig.devices.findIndex((device) => device.id === id);
  if (position < 0) return err(unknownDevice(rig, id));
  if (rig.devices.length === 1) return err(`"${id}" is the rig's only device; a rig needs at least one.`);
  const devices = rig.devices.toSpliced(position, 1);
  const heir = (devices[position] ?? devices[position - 1])?.id ?? rig.source;
  const source = rig.source === id ? heir : rig.source;
  const sink = rig.sink === id ? heir : rig.sink;

  const cut = rig.links.filter((link) => link.a === id || link.b === id);
  let links = rig.links.filter((link) => !cut.includes(link));
  const [anchor, ...others] = cut;
  if (anchor !== undefined) {
    const hub = anchor.a === id ? anchor.b : anchor.a;
    for (const link of others) {
      const far = link.a === id ? link.b : link.a;
      if (reachableFrom(hub, links).has(far)) continue;
      const slower = Math.min(link.aToB, link.bToA) < Math.min(anchor.aToB, anchor.bToA) ? link : anchor;
      const bridge = moveEnd(slower, id, slower === link ? hub : far);
      links = [
        ...links,
        {
          ...bridge,
          id: uniqueId(
            slower.id,
            links.map((kept) => kept.id),
          ),
        },
      ];
    }
  }
  return validateRig({ devices, links, source, sink });
}

function isChain(rig: Rig): boolean {
  return (
    rig.links.length === rig.devices.length - 1 &&
    rig.devices.every((device, i) => {
      const next = rig.devices[i + 1];
      return next === undefined || rig.links.some((link) => between(link, device.id, next.id));
    })
  );
}

/**
 * Moves a device to another position of the row. In a chain the links stay where they are and the devices change
 * places (the second gap keeps its kind of link); in any other rig each link stays with its devices.
 */
export function moveDevice(rig: Rig, id: string, position: number): Result<Rig> {
  const from = rig.devices.findIndex((device) => device.id === id);
  const moved = rig.devices[from];
  if (moved === undefined) return err(unknownDevice(rig, id));
  const to = Math.min(Math.max(0, Math.trunc(position)), rig.devices.length - 1);
  const devices = rig.devices.toSpliced(from, 1).toSpliced(to, 0, moved);
  if (!isChain(rig)) return validateRig({ ...rig, devices });
  const links = rig.links.map((link) => {
    const gap = rig.devices.findIndex((device, i) => {
      const next = rig.devices[i + 1];
      return next !== undefined && between(link, device.id, next.id);
    });
    const left = devices[gap]?.id ?? link.a;
    const right = devices[gap + 1]?.id ?? link.b;
    // A link that was drawn from right to left keeps its direction.
    return rig.devices[gap]?.id === link.a ? { ...link, a: left, b: right } : { ...link, a: right, b: left };
  });
  return validateRig({ ...rig, devices, links });
}

/** Changes fields of a device; refused with a sentence where a value is out of range. */
export function updateDevice(rig: Rig, id: string, change: DeviceChange): Result<Rig> {
  const position = rig.devices.findIndex((device) => device.id === id);
  const device = rig.devices[position];
  if (device === undefined) return err(unknownDevice(rig, id));
  return validateRig({ ...rig, devices: rig.devices.with(position, { ...device, ...change }) });
}

/** Puts a device of the short list in the place of device `id`, as `exchangeDevice` does. */
export function replaceDevice(rig: Rig, id: string, preset: string): Result<Rig> {
  const found = findDevicePreset(preset);
  return found === undefined ? err(`There is no device preset "${preset}".`) : exchangeDevice(rig, id, found);
}

/** Puts a device of the library in the place of device `id`, which keeps its id, its load and its links. */
export function exchangeDevice(rig: Rig, id: string, preset: DevicePreset): Result<Rig> {
  const position = rig.devices.findIndex((device) => device.id === id);
  const device = rig.devices[position];
  if (device === undefined) return err(unknownDevice(rig, id));
  const replacement = { ...preset, id, preset: preset.id, loadFactor: device.loadFactor };
  return ok({ ...rig, devices: rig.devices.with(position, replacement) });
}

/** Changes fields of a link; refused with a sentence where a value is out of range. */
export function updateLink(rig: Rig, id: string, change: LinkChange): Result<Rig> {
  const position = rig.links.findIndex((link) => link.id === id);
  const link = rig.links[position];
  if (link === undefined) return err(`The rig has no link "${id}".`);
  return validateRig({ ...rig, links: rig.links.with(position, { ...link, ...change }) });
}

/** Adds a link of the library between two devices that have none yet. */
export function addLink(rig: Rig, preset: string, a: string, b: string): Result<Rig> {
  if (findLinkPreset(preset) === undefined) return err(`There is no link preset "${preset}".`);
  if (rig.links.some((link) => between(link, a, b))) return err(`Devices "${a}" and "${b}" have a link already.`);
  return validateRig({ ...rig, links: [...rig.links, freshLink(rig, preset, a, b)] });
}

/** Takes a link out; refused where a device would be cut off. */
export function removeLink(rig: Rig, id: string): Result<Rig> {
  if (!rig.links.some((link) => link.id === id)) return err(`The rig has no link "${id}".`);
  return validateRig({ ...rig, links: rig.links.filter((link) => link.id !== id) });
}

/** Where the model's input is born. */
export function setSource(rig: Rig, id: string): Result<Rig> {
  return rig.devices.some((device) => device.id === id)
    ? validateRig({ ...rig, source: id })
    : err(unknownDevice(rig, id));
}

/** Where the model's output must arrive. */
export function setSink(rig: Rig, id: string): Result<Rig> {
  return rig.devices.some((device) => device.id === id)
    ? validateRig({ ...rig, sink: id })
    : err(unknownDevice(rig, id));
}
