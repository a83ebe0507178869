/**
 * Quantities with their unit in the type. Values are made only by the constructors here, and the text that a person
 * reads is written only by the formatters here. Typed-array columns hold the same units without the brand; their
 * names say which.
 */
declare const unit: unique symbol;
type Quantity<U extends string> = number & { readonly [unit]: U };

export type Bytes = Quantity<"B">;
export type Seconds = Quantity<"s">;
export type BytesPerSecond = Quantity<"B/s">;

export const bytes = (value: number): Bytes => value as Bytes;
export const seconds = (value: number): Seconds => value as Seconds;
export const bytesPerSecond = (value: number): BytesPerSecond => value as BytesPerSecond;

export const milliseconds = (value: number): Seconds => (value / 1e3) as Seconds;
export const mebibytes = (value: number): Bytes => (value * 1024 * 1024) as Bytes;
/** SI megabits per second, as links are sold: 1 Mbit/s = 125,000 B/s. */
export const megabitsPerSecond = (value: number): BytesPerSecond => (value * 125_000) as BytesPerSecond;

/** A whole number with commas between thousands; by hand, since this runs in every frame of a drag and Intl is slow. */
function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Three significant digits without exponent, so that a column of figures lines up in precision. */
function significant(value: number): string {
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const rounded = Number(value.toPrecision(3));
  if (magnitude >= 1000) return grouped(value);
  if (magnitude >= 0.001) return String(rounded);
  return value.toExponential(1);
}

/** A time in ms, or in s from 10 s on: "12.3 ms". */
export function formatSeconds(value: number): string {
  if (!Number.isFinite(value)) return "not possible";
  return Math.abs(value) >= 10 ? `${significant(value)} s` : `${significant(value * 1e3)} ms`;
}

/** Memory in IEC units: "7.04 MiB"; the largest number there is stands for one that limits nothing. */
export function formatMemory(value: number): string {
  if (value === Number.MAX_VALUE) return "no limit";
  if (!Number.isFinite(value)) return "unknown size";
  if (value < 1024) return `${Math.round(value)} B`;
  if (value < 1024 ** 2) return `${significant(value / 1024)} KiB`;
  if (value < 1024 ** 3) return `${significant(value / 1024 ** 2)} MiB`;
  return `${significant(value / 1024 ** 3)} GiB`;
}

/** Traffic in SI units: "602 kB". */
export function formatTraffic(value: number): string {
  if (!Number.isFinite(value)) return "unknown size";
  if (value < 1e3) return `${Math.round(value)} B`;
  if (value < 1e6) return `${significant(value / 1e3)} kB`;
  if (value < 1e9) return `${significant(value / 1e6)} MB`;
  return `${significant(value / 1e9)} GB`;
}

/** An energy: "123 mJ". */
export function formatEnergy(joules: number): string {
  if (!Number.isFinite(joules)) return "not possible";
  return Math.abs(joules) >= 1 ? `${significant(joules)} J` : `${significant(joules * 1e3)} mJ`;
}

/** A link's rate: "941 Mbit/s"; the largest number there is stands for one that limits nothing. */
export function formatBandwidth(value: number): string {
  if (value === Number.MAX_VALUE) return "no limit";
  const megabits = value / 125_000;
  return megabits < 0.1 ? `${significant(megabits * 1e3)} kbit/s` : `${significant(megabits)} Mbit/s`;
}

/** Work: "4.09 GMAC". */
export function formatMacs(value: number): string {
  if (value >= 1e9) return `${significant(value / 1e9)} GMAC`;
  if (value >= 1e6) return `${significant(value / 1e6)} MMAC`;
  if (value >= 1e3) return `${significant(value / 1e3)} kMAC`;
  return `${Math.round(value)} MAC`;
}

/** A count: "25.6 M". */
export function formatCount(value: number): string {
  if (value >= 1e6) return `${significant(value / 1e6)} M`;
  if (value >= 1e4) return `${significant(value / 1e3)} k`;
  return grouped(value);
}

/** A ratio of two like figures: "1.75x". */
export function formatRatio(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(2)}x` : "-";
}

/** Frames per second of a period: "31.2 /s". */
export function formatRate(period: number): string {
  return period > 0 ? `${significant(1 / period)} /s` : "-";
}
