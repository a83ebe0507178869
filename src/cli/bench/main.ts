import { existsSync, readFileSync } from "node:fs";
import type { Bench } from "../../core/testing/bench.ts";
import { browserRows } from "./browser-rows.ts";
import { bundleSizeRow } from "./bundle-size.ts";

import { type BenchRow, formatTable, verdict } from "./table.ts";

/**
 * Runs the benches beside the sources one after another and prints one table with the figures of the built app and of
 * the browser. Arguments: the app's folder, the browser run's report, and words to run only benches with one of them in
 * their path. A missed goal is shown, not an error: machines differ; a bench that fails is.
 */
const modules = import.meta.glob<{ readonly benches: readonly Bench[] }>("../../**/*.bench.ts");

async function runBench({ name, goal, run }: Bench): Promise<BenchRow> {
  try {
    return { name, goal, result: await run() };
  } catch (reason) {
    return { name, goal, result: { error: reason instanceof Error ? reason.message : String(reason) } };
  }
}

const [appFolder = "dist/app", browserReport = "", ...words] = process.argv.slice(2);
const isWanted = (path: string) => words.length === 0 || words.some((word) => path.includes(word));
const rows: BenchRow[] = [];
for (const [path, load] of Object.entries(modules)) {
  if (!isWanted(path)) continue;
  const { benches } = await load();
  if (benches.length === 0) throw new Error(`${path} exports no benches`);
  for (const bench of benches) {
    process.stderr.write(`  ${bench.name}\n`);
    rows.push(await runBench(bench));
  }
}
if (words.length === 0) rows.push(bundleSizeRow(appFolder));
if (existsSync(browserReport)) rows.push(...browserRows(readFileSync(browserReport, "utf8")));

process.stdout.write(formatTable(rows));
const count = (wanted: string) => rows.filter((row) => verdict(row) === wanted).length;
process.stdout.write(
  `${rows.length} figures: ${count("ok")} ok, ${count("MISSED")} missed, ${count("FAILED")} failed\n`,
);
process.exitCode = count("FAILED") === 0 ? 0 : 1;
