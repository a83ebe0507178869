import { expect, test } from "vitest";
import { bytesPerSecond, mebibytes, megabitsPerSecond, milliseconds } from "../units.ts";
import { deviceChangeText, linkChangeText } from "./change-text.ts";
import { deviceFromPreset, linkFromPreset } from "./presets.ts";

const device = { ...deviceFromPreset("jetson-nano", "nano"), name: "Nano" };
const link = { ...linkFromPreset("wifi-5", "a", "b"), name: "Wi-Fi" };

test.each([
  [{ loadFactor: 2 }, "Load of Nano to 2.00x"],
  [{ memory: mebibytes(512) }, "Memory of Nano to 512 MiB"],
  [{ stageOverhead: milliseconds(1.5) }, "Overhead of Nano to 1.5 ms"],
  [{ name: "Board" }, "Rename Nano to Board"],
  [{ onChip: { capacity: mebibytes(8), streaming: bytesPerSecond(3e8) } }, "On-chip memory of Nano"],
  [{ idleWatts: 2 }, "Edit Nano"],
])("a change of a device is named: %o", (change, text) => {
  expect(deviceChangeText(device, change)).toBe(text);
});

test.each([
  [{ aToB: megabitsPerSecond(48), bToA: megabitsPerSecond(48) }, "Bandwidth of Wi-Fi to 48 Mbit/s"],
  [{ latency: milliseconds(5) }, "Latency of Wi-Fi to 5 ms"],
  [
    { aToB: megabitsPerSecond(10), latency: milliseconds(2) },
    "Bandwidth of Wi-Fi to 10 Mbit/s, latency of Wi-Fi to 2 ms",
  ],
  [{ name: "Ethernet" }, "Link Wi-Fi to Ethernet"],
  [{ medium: "channel" }, "Edit Wi-Fi"],
])("a change of a link is named: %o", (change, text) => {
  expect(linkChangeText(link, change)).toBe(text);
});
