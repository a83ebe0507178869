import type { LibraryDevice } from "../../core/rig/presets/library.ts";

/** Name, runtime and chip. What follows in the source is the same for all. */
function textOf({ preset }: LibraryDevice): string {
  return ` ${preset.name} ${preset.runtime} ${preset.source.split(";")[0] ?? ""}`
    .toLowerCase()
    .replaceAll(/[(),/-]/g, " ");
}

/**
 * Devices with every word of a query at the start of one of their words; those that have the query as it stands come
 * first ("4 threads"), else in the library's order. O(devices).
 */
export function foundDevices(devices: readonly LibraryDevice[], query: string): readonly LibraryDevice[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/[\s(),/-]+/).filter((word) => word !== "");
  const found = devices
    .map((device) => ({ device, text: textOf(device) }))
    .filter(({ text }) => words.every((word) => text.includes(` ${word}`)));
  const isWhole = ({ text }: { readonly text: string }) => text.includes(` ${wanted}`);
  return [...found.filter(isWhole), ...found.filter((entry) => !isWhole(entry))].map(({ device }) => device);
}
