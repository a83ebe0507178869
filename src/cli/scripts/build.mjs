import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";
import { runTool, say } from "./run.mjs";

const SHARED = ["vite.config.ts", "package-lock.json", "src/core", "src/engine"];
const CLI = [...SHARED, "src/cli"];
/** What is built from what, and into which file first. */
const TARGETS = {
  app: {
    sources: [...SHARED, "index.html", "public", "src/main.tsx", "src/state", "src/ui", "src/worker"],
    product: "dist/app/index.html",
  },
  cli: { sources: CLI, product: "dist/cli/splitscope.mjs" },
  bench: { sources: ["vite.config.ts", "package-lock.json", "src"], product: "dist/bench/bench.mjs" },
};
/** @typedef {keyof typeof TARGETS} Target */

/**
 * Files under a path in a fixed order, the path itself where it is a file.
 * @param {string} path relative to the project
 * @returns {string[]}
 */
function filesUnder(path) {
  const absolute = inRoot(path);
  if (!existsSync(absolute)) return [];
  try {
    const entries = readdirSync(absolute, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) =>
      entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)],
    );
  } catch {
    return [path];
  }
}

/**
 * Digest of the content of everything that a target is built from, tests left out.
 * @param {Target} target
 */
function sourceDigest(target) {
  const hash = createHash("sha256");
  for (const path of TARGETS[target].sources.flatMap(filesUnder)) {
    if (/\.(test|spec)\.tsx?$/.test(path)) continue;
    if (target !== "bench" && path.endsWith(".bench.ts")) continue;
    const content = readFileSync(inRoot(path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** @param {Target} target */
const stampPath = (target) => inRoot("dist", `.${target}-sources`);

/**
 * Builds a target; resolves with the exit code.
 * @param {Target} target
 * @param {{ quiet?: boolean }} [options]
 */
export async function build(target, { quiet = false } = {}) {
  const digest = sourceDigest(target);
  const args = ["build", "--logLevel", quiet ? "error" : "warn"];
  const code = await runTool("vite", target === "app" ? args : [...args, "--mode", target], { output: "stderr" });
  if (code !== 0) return code;
  mkdirSync(inRoot("dist"), { recursive: true });
  writeFileSync(stampPath(target), digest);
  return 0;
}

/**
 * Builds a target where its sources have changed since; ends the process where that fails.
 * @param {Target} target
 * @param {{ quiet?: boolean }} [options]
 */
export async function ensureBuilt(target, options) {
  const stamp = stampPath(target);
  const isFresh =
    existsSync(inRoot(TARGETS[target].product)) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === sourceDigest(target);
  if (isFresh) return;
  if (options?.quiet !== true) say(`Building (${target}) ...`);
  const code = await build(target, options);
  if (code === 0) return;
  say(`The build of "${target}" failed with code ${code}.`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await ensureInstalled();
  for (const target of /** @type {const} */ (["app", "cli"])) {
    const code = await build(target);
    if (code !== 0) process.exit(code);
    say(`Built ${TARGETS[target].product}`);
  }
}
