// Everything that must hold, on a fresh machine too: the last line counts the tests of the unit and browser runs.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { build } from "./build.mjs";
import { ensureChromium } from "./chromium.mjs";
import { ensureInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";
import { runTool, say } from "./run.mjs";

const UNIT_REPORT = inRoot("test-results/unit.json");
const BROWSER_REPORT = inRoot("test-results/browser.json");

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @type {Counts} */
const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * A JSON report, null where the run did not get as far as writing one.
 * @param {string} path
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

/** @returns {Counts} */
function unitCounts() {
  const report = readReport(UNIT_REPORT);
  if (report === null) return NONE;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
}

/** @returns {Counts} */
function browserCounts() {
  const report = readReport(BROWSER_REPORT);
  if (report === null) return NONE;
  const { expected, flaky, unexpected, skipped } = report.stats;
  return { passed: expected + flaky, failed: unexpected, skipped };
}

async function unitTests() {
  mkdirSync(inRoot("test-results"), { recursive: true });
  rmSync(UNIT_REPORT, { force: true });
  return runTool("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${UNIT_REPORT}`]);
}

async function browserTests() {
  rmSync(BROWSER_REPORT, { force: true });
  if (!(await ensureChromium())) return 1;
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: BROWSER_REPORT };
  return runTool("playwright", ["test", "--project=app", "--reporter=list,json"], { env });
}

async function buildAll() {
  const code = await build("app");
  return code === 0 ? build("cli") : code;
}

await ensureInstalled();
const steps = [
  { name: "types", run: () => runTool("tsc", ["-p", "."]) },
  { name: "lint", run: () => runTool("biome", ["ci", ...(process.stdout.isTTY ? [] : ["--colors=off"])]) },
  { name: "build", run: buildAll },
  { name: "unit and property tests", run: unitTests },
  { name: "unused code", run: () => runTool("knip", []) },
  { name: "browser tests", run: browserTests },
];
/** @type {string[]} */
const failed = [];
for (const step of steps) {
  say(`\n--- ${step.name}`);
  const code = await step.run();
  if (code !== 0) failed.push(step.name);
}

const unit = unitCounts();
const browser = browserCounts();
const lines = [
  "",
  ...steps.map(({ name }) => `${failed.includes(name) ? "FAILED" : "ok    "}  ${name}`),
  `unit ${unit.passed} passed, ${unit.failed} failed, ${unit.skipped} skipped; ` +
    `browser ${browser.passed} passed, ${browser.failed} failed, ${browser.skipped} skipped`,
  `${unit.passed + browser.passed} passed, ${unit.failed + browser.failed} failed`,
];
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
