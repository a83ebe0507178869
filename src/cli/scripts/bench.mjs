// Every figure in one table: benches beside the sources, the built app's size, and benches in a real browser.
// Pass --no-browser to leave out the latter, and words to run only benches with one of them in their path.
import { rmSync } from "node:fs";
import { ensureBuilt } from "./build.mjs";
import { ensureChromium } from "./chromium.mjs";
import { ensureInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";
import { run, runTool, say } from "./run.mjs";

const BROWSER_REPORT = inRoot("test-results/bench-browser.json");

await ensureInstalled();
await ensureBuilt("app");
await ensureBuilt("bench", { quiet: true });
const words = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
rmSync(BROWSER_REPORT, { force: true });
let browserCode = 0;
if (!process.argv.includes("--no-browser")) {
  say("Measuring in the browser ...");
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: BROWSER_REPORT };
  browserCode = (await ensureChromium())
    ? await runTool("playwright", ["test", "--project=bench", "--reporter=json", "--pass-with-no-tests", ...words], {
        env,
        output: "ignore",
      })
    : 1;
}
say("Measuring in Node ...");
const code = await run(process.execPath, [
  inRoot("dist/bench/bench.mjs"),
  inRoot("dist/app"),
  BROWSER_REPORT,
  ...words,
]);
if (browserCode !== 0)
  say(`The browser benches ended with code ${browserCode}; run "npx playwright test --project=bench".`);
process.exitCode = code === 0 ? browserCode : code;
