import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const MODULE = JSON.stringify(new URL("./chromium.mjs", import.meta.url).href);
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-chromium-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a program into the folder that is the PATH. */
function program(name: string, lines: readonly string[]): void {
  writeFileSync(join(folder, name), ["#!/bin/sh", "PATH=/usr/bin:/bin", ...lines, ""].join("\n"), { mode: 0o755 });
}

/** Runs code with the module's functions in a machine whose PATH holds only the programs above. */
function evaluate(code: string, env: Record<string, string> = {}): string {
  const script = `const { ensureChromium, installedChromium } = await import(${MODULE}); console.log(${code});`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: folder, PLAYWRIGHT_BROWSERS_PATH: folder, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

const NOT_LINUX = process.platform !== "linux";

test.skipIf(NOT_LINUX)("an installed browser is used, the one that the user names first", () => {
  expect(evaluate("installedChromium()")).toBe("undefined");
  program("google-chrome", []);
  expect(evaluate("installedChromium()")).toBe(join(folder, "google-chrome"));
  program("chromium", []);
  expect(evaluate("installedChromium()")).toBe(join(folder, "chromium"));
  expect(evaluate("installedChromium()", { SPLITSCOPE_CHROMIUM: "/opt/mine" })).toBe("/opt/mine");
  expect(evaluate("await ensureChromium()")).toBe("true");
});

test.skipIf(NOT_LINUX)("where apt is, it installs one, after an update where the lists are old", () => {
  program("sudo", ['test "$1" = -n || exit 9', "shift", 'exec "$@"']);
  program("apt-get", [
    'here=$(dirname "$0")',
    'echo "$1" >> "$here/calls"',
    'if [ "$1" = update ]; then touch "$here/updated"; exit 0; fi',
    '[ -e "$here/updated" ] || exit 100',
    'touch "$here/chromium" && chmod +x "$here/chromium"',
  ]);
  const log = `(await import("node:fs")).readFileSync(${JSON.stringify(join(folder, "calls"))}, "utf8").split("\\n").join(" ")`;
  expect(evaluate(`[await ensureChromium(), ${log}].join(": ")`)).toBe("true: install update install");
});
