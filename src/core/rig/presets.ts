import { DEVICE_PRESETS, type DevicePreset } from "./presets/devices.ts";
import { LINK_PRESETS, type LinkPreset } from "./presets/links.ts";
import type { Device, Link, Rig } from "./rig.ts";

export { DEVICE_PRESETS, type DevicePreset } from "./presets/devices.ts";
export { LINK_PRESETS, type LinkPreset } from "./presets/links.ts";

/** Preset of a device by its key, undefined for a key that the library does not have. */
export function findDevicePreset(key: string): DevicePreset | undefined {
  return DEVICE_PRESETS.find((preset) => preset.id === key);
}

/** Preset of a link by its key, undefined for a key that the library does not have. */
export function findLinkPreset(key: string): LinkPreset | undefined {
  return LINK_PRESETS.find((preset) => preset.id === key);
}

/** A device of the library without load. An unknown key is a bug of the caller: look keys of files up first. */
export function deviceFromPreset(key: string, id: string = key): Device {
  const preset = findDevicePreset(key);
  if (preset === undefined) throw new RangeError(`no device preset "${key}"`);
  return { ...preset, id, preset: key, loadFactor: 1 };
}

/**
 * A link of the library between devices `a` and `b`; end `a` is the one that uploads. An unknown key is a bug of the
 * caller: look keys of files up first.
 */
export function linkFromPreset(key: string, a: string, b: string, id = `${a}--${b}`): Link {
  const preset = findLinkPreset(key);
  if (preset === undefined) throw new RangeError(`no link preset "${key}"`);
  return { ...preset, id, preset: key, a, b };
}

/** Devices in a row, `links[i]` between devices i and i + 1 (as many links as gaps), source first, sink last. */
export function chainRig(devices: readonly Device[], links: readonly string[]): Rig {
  const [first] = devices;
  const last = devices.at(-1);
  if (first === undefined || last === undefined || links.length !== devices.length - 1) {
    throw new RangeError(`a chain of ${devices.length} devices cannot have ${links.length} links`);
  }
  return {
    devices,
    links: links.flatMap((key, i) => {
      const [a, b] = devices.slice(i, i + 2);
      return a !== undefined && b !== undefined ? [linkFromPreset(key, a.id, b.id)] : [];
    }),
    source: first.id,
    sink: last.id,
  };
}

/**
 * The rig that the app opens with: a camera on a Raspberry Pi 4, a Jetson Nano in radio reach, a GPU server behind it.
 * The input is born on the Pi. The sink is the server: the frames of a stream are analysed where they are recorded
 * and shown, so nothing travels back over the radio. `radio` is the link of the Pi: at 2.4 GHz, which reaches
 * through walls, a raw frame takes long enough that it pays to shrink it on the Pi first.
 */
export function defaultRig(radio = "wifi-4"): Rig {
  return chainRig(
    [deviceFromPreset("raspberry-pi-4"), deviceFromPreset("jetson-nano"), deviceFromPreset("gpu-server")],
    [radio, "ethernet-1g"],
  );
}
