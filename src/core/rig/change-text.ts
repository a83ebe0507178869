import { formatBandwidth, formatMemory, formatRatio, formatSeconds } from "../units.ts";
import type { Device, Link } from "./rig.ts";
import type { DeviceChange, LinkChange } from "./rig-edit.ts";

/** What a change of a device does, as a step of a history: "Load of Jetson Nano to 2.00x". O(1). */
export function deviceChangeText(device: Device, change: DeviceChange): string {
  const { loadFactor, memory, stageOverhead, name } = change;
  if (loadFactor !== undefined) return `Load of ${device.name} to ${formatRatio(loadFactor)}`;
  if (memory !== undefined) return `Memory of ${device.name} to ${formatMemory(memory)}`;
  if (stageOverhead !== undefined) return `Overhead of ${device.name} to ${formatSeconds(stageOverhead)}`;
  if (change.onChip !== undefined) return `On-chip memory of ${device.name}`;
  return name === undefined ? `Edit ${device.name}` : `Rename ${device.name} to ${name}`;
}

/** What a change of a link does, as a step of a history: "Bandwidth of Wi-Fi to 48 Mbit/s". O(1). */
export function linkChangeText(link: Link, change: LinkChange): string {
  const { name, aToB, latency } = change;
  if (name !== undefined) return `Link ${link.name} to ${name}`;
  const parts = [
    ...(aToB === undefined ? [] : [`bandwidth of ${link.name} to ${formatBandwidth(aToB)}`]),
    ...(latency === undefined ? [] : [`latency of ${link.name} to ${formatSeconds(latency)}`]),
  ];
  if (parts.length === 0) return `Edit ${link.name}`;
  const text = parts.join(", ");
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
