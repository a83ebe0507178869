import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatBandwidth,
  formatCount,
  formatEnergy,
  formatMacs,
  formatMemory,
  formatRate,
  formatRatio,
  formatSeconds,
  formatTraffic,
  mebibytes,
  megabitsPerSecond,
  milliseconds,
} from "./units.ts";

test("times are in ms, from 10 s on in s, with three significant digits", () => {
  expect([0, 0.0000345, 0.0215, 0.31649, 1.5, 9.9994, 12.345, 1e-9].map(formatSeconds)).toEqual([
    "0 ms",
    "0.0345 ms",
    "21.5 ms",
    "316 ms",
    "1,500 ms",
    "9,999 ms",
    "12.3 s",
    "1.0e-6 ms",
  ]);
  expect(formatSeconds(Number.POSITIVE_INFINITY)).toBe("not possible");
});

test("energies are in mJ, from 1 J on in J", () => {
  expect([0, 0.00153, 0.9, 1, 70.25].map(formatEnergy)).toEqual(["0 mJ", "1.53 mJ", "900 mJ", "1 J", "70.3 J"]);
  expect(formatEnergy(Number.POSITIVE_INFINITY)).toBe("not possible");
});

test("memory counts in IEC units, traffic in SI units", () => {
  expect([0, 1023, 1024, mebibytes(7.04), 16 * 1024 ** 3].map(formatMemory)).toEqual([
    "0 B",
    "1023 B",
    "1 KiB",
    "7.04 MiB",
    "16 GiB",
  ]);
  expect([40, 602_112, 1_210_000, 2.5e9].map(formatTraffic)).toEqual(["40 B", "602 kB", "1.21 MB", "2.5 GB"]);
  expect([formatMemory(Number.NaN), formatTraffic(Number.NaN)]).toEqual(["unknown size", "unknown size"]);
});

test("rates, work, counts and ratios read as people write them", () => {
  expect([0.3 / 1000, 50, 941, 10_000].map((rate) => formatBandwidth(megabitsPerSecond(rate)))).toEqual([
    "0.3 kbit/s",
    "50 Mbit/s",
    "941 Mbit/s",
    "10,000 Mbit/s",
  ]);
  expect([12, 5000, 301e6, 4.089e9].map(formatMacs)).toEqual(["12 MAC", "5 kMAC", "301 MMAC", "4.09 GMAC"]);
  expect([9999, 904_000, 25.53e6].map(formatCount)).toEqual(["9,999", "904 k", "25.5 M"]);
  expect([formatRatio(2.3196), formatRatio(Number.NaN)]).toEqual(["2.32x", "-"]);
  expect([formatRate(milliseconds(21.5)), formatRate(0)]).toEqual(["46.5 /s", "-"]);
});

test("what is printed is within half of its last digit of the value", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 9.99, noNaN: true }), (value) => {
      const printed = Number(formatSeconds(value).replace(" ms", "").replace(/,/g, ""));
      expect(Math.abs(printed - value * 1e3)).toBeLessThanOrEqual(value * 1e3 * 0.0051);
    }),
  );
});
