import { bytesPerSecond, megabitsPerSecond, milliseconds } from "../../units.ts";
import type { Link } from "../rig.ts";

/** A link of the library, `id` its key. End `a` is the one nearer to the camera: a to b is the uplink of LTE and 5G. */
export type LinkPreset = Omit<Link, "preset" | "a" | "b">;

/**
 * Rates are what an application sees (TCP payload), not what the label says. Radio links name a medium: both
 * directions, and all links of the rig on the same channel or cell, take turns. Wired links are full duplex, but
 * for USB 2, whose wire carries one direction at a time.
 *
 * Energy per byte, estimates all: radio power a x Mbit/s + b of Huang et al. (MobiSys 2012: LTE 438 mW up, 52 down, 1288
 * base; Wi-Fi 283, 137, 133) at the link's own rate; 5G by the figures of LTE; Bluetooth LE 30 mW and LoRa 125 mW of
 * both ends while they send. Of wires, which draw their power whether they carry anything or not, none.
 */
export const LINK_PRESETS: readonly LinkPreset[] = [
  {
    id: "ethernet-1g",
    name: "1 Gbit/s Ethernet",
    source: "941 Mbit/s TCP payload at 1500-byte frames; 0.3 ms round trip: estimate",
    aToB: megabitsPerSecond(941),
    bToA: megabitsPerSecond(941),
    latency: milliseconds(0.15),
    aToBJoulesPerByte: 0,
    bToAJoulesPerByte: 0,
    medium: null,
  },
  {
    id: "ethernet-100m",
    name: "100 Mbit/s Ethernet",
    source: "estimate: 94 Mbit/s TCP payload, 0.4 ms round trip",
    aToB: megabitsPerSecond(94),
    bToA: megabitsPerSecond(94),
    latency: milliseconds(0.2),
    aToBJoulesPerByte: 0,
    bToAJoulesPerByte: 0,
    medium: null,
  },
  {
    id: "usb-3",
    name: "USB 3",
    source: "estimate: 320 to 400 MB/s bulk transfer, 0.1 ms per transfer",
    aToB: bytesPerSecond(360e6),
    bToA: bytesPerSecond(360e6),
    latency: milliseconds(0.1),
    aToBJoulesPerByte: 0,
    bToAJoulesPerByte: 0,
    medium: null,
  },
  {
    id: "usb-2",
    name: "USB 2",
    source: "estimate: 35 to 40 MB/s bulk transfer, half duplex, 0.25 ms per transfer",
    aToB: bytesPerSecond(37e6),
    bToA: bytesPerSecond(37e6),
    latency: milliseconds(0.25),
    aToBJoulesPerByte: 0,
    bToAJoulesPerByte: 0,
    medium: "usb-2",
  },
  {
    id: "wifi-5",
    name: "Wi-Fi 5 (5 GHz)",
    source: "estimate: 150 to 250 Mbit/s and 3 to 5 ms round trip on a Raspberry Pi near its access point",
    aToB: megabitsPerSecond(200),
    bToA: megabitsPerSecond(200),
    latency: milliseconds(2),
    aToBJoulesPerByte: 2.27e-6,
    bToAJoulesPerByte: 1.1e-6,
    medium: "wifi-5ghz",
  },
  {
    id: "wifi-4",
    name: "Wi-Fi 4 (2.4 GHz)",
    source: "estimate: 40 to 60 Mbit/s and 3 to 5 ms round trip on a Raspberry Pi near its access point",
    aToB: megabitsPerSecond(50),
    bToA: megabitsPerSecond(50),
    latency: milliseconds(2),
    aToBJoulesPerByte: 2.29e-6,
    bToAJoulesPerByte: 1.12e-6,
    medium: "wifi-2.4ghz",
  },
  {
    id: "lte",
    name: "LTE",
    source:
      "estimate: 6 Mbit/s up, 13 Mbit/s down (medians of 2012, Huang et al., MobiSys 2012), 50 ms round trip; one cell shared",
    aToB: megabitsPerSecond(6),
    bToA: megabitsPerSecond(13),
    latency: milliseconds(25),
    aToBJoulesPerByte: 5.2e-6,
    bToAJoulesPerByte: 1.2e-6,
    medium: "lte-cell",
  },
  {
    id: "5g",
    name: "5G",
    source: "estimate: 30 Mbit/s up, 150 Mbit/s down, 20 ms round trip; one cell shared",
    aToB: megabitsPerSecond(30),
    bToA: megabitsPerSecond(150),
    latency: milliseconds(10),
    aToBJoulesPerByte: 3.8e-6,
    bToAJoulesPerByte: 4.8e-7,
    medium: "5g-cell",
  },
  {
    id: "ble",
    name: "Bluetooth LE 5",
    source: "estimate: about 1.3 Mbit/s on the 2M PHY, connection interval 15 ms",
    aToB: megabitsPerSecond(1.3),
    bToA: megabitsPerSecond(1.3),
    latency: milliseconds(15),
    aToBJoulesPerByte: 2e-7,
    bToAJoulesPerByte: 2e-7,
    medium: "bluetooth",
  },
  {
    id: "lora",
    name: "LoRa",
    source: "estimate: 5 kbit/s of the 0.3 to 50 kbit/s that its settings span, 50 ms preamble; duty cycle not counted",
    aToB: megabitsPerSecond(0.005),
    bToA: megabitsPerSecond(0.005),
    latency: milliseconds(50),
    aToBJoulesPerByte: 0.0002,
    bToAJoulesPerByte: 0.0002,
    medium: "lora",
  },
];
