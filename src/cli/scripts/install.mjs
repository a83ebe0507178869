import { readFileSync } from "node:fs";
import { inRoot } from "./paths.mjs";
import { run, say } from "./run.mjs";

/** @typedef {{ version?: string, optional?: boolean }} Package */

/**
 * @param {string} path
 * @returns {Record<string, Package> | null} packages of a lock file by folder, null where there is no such file
 */
function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return null;
  }
}

/**
 * True where node_modules lacks a package of the lock file or holds another version of it. npm writes what it has
 * installed to node_modules/.package-lock.json. Optional packages of other platforms may be absent.
 * @param {Record<string, Package>} wanted
 * @param {Record<string, Package> | null} installed
 */
export function needsInstall(wanted, installed) {
  if (installed === null) return true;
  const have = new Map(Object.entries(installed));
  return Object.entries(wanted).some(([folder, { version, optional }]) => {
    const found = have.get(folder);
    if (folder === "" || (found === undefined && optional === true)) return false;
    return found?.version !== version;
  });
}

/**
 * Whether a version of Node is at least another, by major and minor number.
 * @param {string} version "20.19.0"
 * @param {string} least ">=20.19"
 */
export function isAtLeast(version, least) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.replace(">=", "").split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  if (isAtLeast(process.versions.node, engines.node)) return;
  say(`This is Node ${process.versions.node}; Splitscope needs ${engines.node}.`);
  process.exit(1);
}

/** Installs the packages of the lock file where they are missing or differ; ends the process where that fails. */
export async function ensureInstalled() {
  requireNode();
  const wanted = lockedPackages(inRoot("package-lock.json"));
  if (wanted === null) throw new Error("package-lock.json is missing or is not JSON; it is part of the project");
  if (!needsInstall(wanted, lockedPackages(inRoot("node_modules/.package-lock.json")))) return;
  say("Installing packages (npm ci) ...");
  // onnxruntime-node ships its CPU library; its install script only fetches the files for CUDA.
  const env = { ONNXRUNTIME_NODE_INSTALL: "skip" };
  const code = await run("npm", ["ci", "--loglevel=error", "--no-fund", "--no-audit"], { output: "stderr", env });
  if (code === 0) return;
  say(`npm ci ended with code ${code}; the packages could not be installed.`);
  process.exit(1);
}
