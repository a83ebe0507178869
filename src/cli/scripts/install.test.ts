import { expect, test } from "vitest";
import { needsInstall } from "./install.mjs";

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
