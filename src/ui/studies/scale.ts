/** Room around the outermost values, as a share of their range. */
const ROOM = 0.06;

function rangeOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (values.length === 0) return { low: 0, high: 1 };
  const room = high > low ? (high - low) * ROOM : Math.max(Math.abs(high) * ROOM, 1e-9);
  return { low: low - room, high: high + room };
}

/** A linear scale on which all values fit between two places of the screen. */
export function scaleOver(values: readonly number[], from: number, to: number): (value: number) => number {
  const { low, high } = rangeOf(values);
  return (value) => from + ((to - from) * (value - low)) / (high - low);
}

/** Round values within the range of the given ones, about `count` of them. */
export function axisTicks(values: readonly number[], count: number): readonly number[] {
  const { low, high } = rangeOf(values);
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}
