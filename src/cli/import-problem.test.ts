import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MSR_PROBLEMS } from "../core/testing/published.ts";
import { cli } from "./testing/cli.ts";

const BENCH = "../shared/bench";
const present = existsSync(BENCH);
if (!present) console.log(`published problems by the command line: skipped, ${BENCH} is not there`);

const GRAPH = `node1 -- Conv -- forward_compute_time=30.0, backward_compute_time=1.0, activation_size=1000.0, parameter_size=8.0
node2 -- Linear -- forward_compute_time=20.0, backward_compute_time=1.0, activation_size=8.0, parameter_size=8.0
\tnode1 -- node2
`;

let folder = "";
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-import-"));
  writeFileSync(path("graph.txt"), GRAPH);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("import-problem", () => {
  test("prints a problem file that plan takes, and what was assumed on standard error", async () => {
    const { code, out, error } = await cli(
      "import-problem",
      path("graph.txt"),
      "--machines",
      "2",
      "--bandwidth",
      "1Mbit/s",
    );
    expect(code).toBe(0);
    expect(error).toContain(
      "it is taken to run on 2 like the profiled one, any two joined at 125000 bytes per second.\n",
    );
    writeFileSync(path("p.json"), out);
    const planned = await cli("plan", "--problem", path("p.json"), "--objective", "period", "--json");
    expect(JSON.parse(planned.out)).toMatchObject({
      value: 0.03,
      certificate: "optimal",
      order: ["machine 1", "machine 2"],
    });
    const again = await cli("import-problem", path("p.json"), "--json");
    expect(JSON.parse(again.out)).toEqual(JSON.parse(out));
  });

  test("writes it to a file, and says what it holds", async () => {
    const { code, out } = await cli("import-problem", path("graph.txt"), "--out", path("q.json"));
    expect(code).toBe(0);
    expect(out).toMatch(/q\.json: 2 ops, 2 tensors, 4 devices\n.*graph\.txt names no machines/);
    expect(JSON.parse(readFileSync(path("q.json"), "utf8")).version).toBe(2);
    const limited = await cli(
      "plan",
      "--problem",
      path("q.json"),
      "--objective",
      "period",
      "--max-stages",
      "1",
      "--json",
    );
    expect(JSON.parse(limited.out)).toMatchObject({ value: 0.05, certificate: "optimal" });
  });

  test.each<readonly [string, readonly string[], string]>([
    ["no file", [], '"splitscope import-problem" needs a file;'],
    [
      "a file that is not there",
      ["nowhere.txt"],
      '"nowhere.txt" does not exist; expected a file that holds a placement problem.',
    ],
    ["half a gigabit", ["g.txt", "--bandwidth", "fast"], '--bandwidth is "fast"; expected a number with kbit/s'],
    ["a bandwidth of 0", ["g.txt", "--bandwidth", "0Mbit/s"], '--bandwidth is "0Mbit/s"; expected'],
    ["no machines", ["g.txt", "--machines", "0"], '--machines is "0"; expected a whole number from 1'],
    ["a dimension", ["g.txt", "--dim", "N=1"], "--dim goes with a model file, not with a problem."],
  ])("refuses %s in one sentence", async (_, args, sentence) => {
    const { code, out, error } = await cli("import-problem", ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain(sentence);
    expect(error.trimEnd()).not.toContain("\n");
  });

  test.skipIf(!present).each(MSR_PROBLEMS)(
    "$file: $optimum ms, proven, through both commands",
    async ({ file, optimum }) => {
      const imported = await cli("import-problem", `${BENCH}/msr/throughput/${file}`, "--out", path("m.json"));
      expect([imported.code, imported.error]).toEqual([0, ""]);
      const { out } = await cli("plan", "--problem", path("m.json"), "--objective", "period", "--json");
      const report = JSON.parse(out);
      expect(report.certificate).toBe("optimal");
      expect(report.value * 1e3).toBeCloseTo(optimum, 4);
      expect(report.bound).toBeGreaterThan(report.value * (1 - 1e-6));
    },
  );
});
