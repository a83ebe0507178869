import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isAtLeast, needsInstall } from "./install.mjs";

const WANTED = {
  "": { version: "0.1.0" },
  "node_modules/a": { version: "1.0.0" },
  "node_modules/only-on-windows": { version: "2.0.0", optional: true },
};

test("an installation that lacks a package, or has another version of it, is renewed", () => {
  expect(needsInstall(WANTED, null)).toBe(true);
  expect(needsInstall(WANTED, {})).toBe(true);
  expect(needsInstall(WANTED, { "node_modules/a": { version: "1.0.1" } })).toBe(true);
  expect(needsInstall(WANTED, { "node_modules/a": { version: "1.0.0" } })).toBe(false);
});

test("an optional package may be absent but not of another version", () => {
  const installed = { "node_modules/a": { version: "1.0.0" }, "node_modules/only-on-windows": { version: "1.9.0" } };
  expect(needsInstall(WANTED, installed)).toBe(true);
});

test("versions of Node compare by number", () => {
  expect(isAtLeast("20.19.0", ">=20.19")).toBe(true);
  expect(isAtLeast("22.1.0", ">=20.19")).toBe(true);
  expect(isAtLeast("20.9.0", ">=20.19")).toBe(false);
  expect(isAtLeast("18.20.4", ">=20.19")).toBe(false);
});

test("the lock file names no registry but the public one", () => {
  const lock = readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8");
  const hosts = [...lock.matchAll(/"resolved": "([a-z+]+:\/\/[^/"]*)/g)].map((match) => match[1]);
  expect(hosts.filter((host) => host !== "https://registry.npmjs.org")).toEqual([]);
  expect(lock.match(/"integrity": "sha512-/g)?.length).toBeGreaterThan(100);
});
