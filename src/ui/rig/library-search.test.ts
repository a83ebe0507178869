import { expect, test } from "vitest";
import { deviceLibrary } from "../../core/rig/presets/library.ts";
import { foundDevices } from "./library-search.ts";

const library = await deviceLibrary();
const names = (query: string) => foundDevices(library, query).map(({ preset }) => preset.name);

test("an empty query finds every device, in the library's order", () => {
  expect(foundDevices(library, "  ")).toEqual(library);
});

test("words are looked for at the start of words, in any order and case", () => {
  expect(names("jetson").length).toBeGreaterThan(0);
  expect(names("jetson").every((name) => /jetson/i.test(name))).toBe(true);
  expect(names("ORIN jetson").toSorted()).toEqual(names("jetson orin").toSorted());
  // "benchmark" stands in every source.
  expect(names("etson")).toEqual([]);
  expect(names("enchmark")).toEqual([]);
  expect(names("benchmark")).toEqual([]);
});

test("what has the query as it stands comes first", () => {
  const found = foundDevices(library, "4 threads");
  const isFour = found.map(({ threads }) => threads === 4);
  const four = library.filter(({ threads }) => threads === 4).length;
  expect(four).toBeGreaterThan(10);
  expect(isFour.slice(0, four).every(Boolean)).toBe(true);
});
