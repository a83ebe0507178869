/** Whether a set of devices, one bit each in a number up to 2^52, has `device`. O(1). */
export function has(used: number, device: number): boolean {
  return Math.floor(used / 2 ** device) % 2 === 1;
}
