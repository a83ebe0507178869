/**
 * Places for things of one width whose ideal places ascend: as near as can be, `apart` from each other, between `low`
 * and `high`. Where they cannot all fit they overlap evenly rather than leave the range. O(count).
 */
export function spread(ideal: readonly number[], apart: number, low: number, high: number): readonly number[] {
  const gap = ideal.length > 1 ? Math.min(apart, Math.max(0, high - low) / (ideal.length - 1)) : 0;
  const placed: number[] = [];
  let least = low;
  for (const x of ideal) {
    const place = Math.max(x, least);
    placed.push(place);
    least = place + gap;
  }
  let most = high;
  for (let i = placed.length - 1; i >= 0; i--) {
    const place = Math.min(placed[i] ?? high, most);
    placed[i] = place;
    most = place - gap;
  }
  return placed;
}
