import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run, runTool, say } from "./run.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FIXED = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Flags for tests: no services of the browser's own, and no sandbox where it cannot work (as root).
 */
export const CHROMIUM_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {readonly string[]} names */
function onPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * An installed Chromium: $SPLITSCOPE_CHROMIUM, one on the PATH or in its usual place; undefined where only
 * Playwright's own could be there.
 */
export function installedChromium() {
  const chosen = process.env["SPLITSCOPE_CHROMIUM"];
  if (chosen !== undefined && chosen !== "") return chosen;
  return onPath(NAMES) ?? FIXED.find(isExecutable);
}

async function hasPlaywrightChromium() {
  const { chromium } = await import("@playwright/test");
  return existsSync(chromium.executablePath());
}

async function installWithApt() {
  const isRoot = process.getuid?.() === 0;
  if (onPath(["apt-get"]) === undefined || (!isRoot && onPath(["sudo"]) === undefined)) return;
  say("Installing Chromium (apt-get install chromium) ...");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  /** @param {readonly string[]} args */
  const apt = (args) =>
    isRoot
      ? run("apt-get", args, { output: "stderr", env })
      : run("sudo", ["-n", "apt-get", ...args], { output: "stderr", env });
  const install = ["install", "-y", "-qq", "--no-install-recommends", "chromium"];
  if ((await apt(install)) === 0) return;
  if ((await apt(["update", "-qq"])) === 0) await apt(install);
}

/** Sees to it that browser tests find a Chromium; resolves with false, having said why, where that is not possible. */
export async function ensureChromium() {
  if (installedChromium() !== undefined || (await hasPlaywrightChromium())) return true;
  await installWithApt();
  if (installedChromium() !== undefined) return true;
  say("Installing Chromium (playwright install chromium) ...");
  await runTool("playwright", ["install", "chromium"], { output: "stderr" });
  if (await hasPlaywrightChromium()) return true;
  say("No Chromium was found and none could be installed; install one, or set SPLITSCOPE_CHROMIUM to its path.");
  return false;
}
