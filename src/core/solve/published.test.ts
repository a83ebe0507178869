import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { type TestLink, testProblem } from "../testing/problems.ts";
import { solve } from "./solve.ts";

const FOLDER = new URL("../../../../shared/bench/pipeedge/", import.meta.url);
const present = existsSync(FOLDER);
if (!present) console.log("published problems: skipped, ../shared/bench is not there");

/** The numbers of a YAML list `key: [...]` below the line `  owner:` in a section that starts with `section:`. */
function numbersOf(text: string, path: readonly string[]): readonly number[] {
  const start = path.reduce((from, key) => {
    const found = text.indexOf(`${key}:`, from);
    if (found < 0) throw new Error(`the file has no ${path.join(" / ")}`);
    return found + key.length;
  }, 0);
  const list = text.slice(text.indexOf("[", start) + 1, text.indexOf("]", start));
  return list.split(",").map(Number);
}

/** Four hosts of each of two types, any two of them joined; the data reach whichever comes first at no cost. */
function pipeEdge(model: string): Problem {
  const models = readFileSync(new URL("models.yml", FOLDER), "utf8");
  const types = readFileSync(new URL("device_types.yml", FOLDER), "utf8");
  const microbatch = 8;
  const sizes = numbersOf(models, [model, "parameters_out"]).map((parameters) => parameters * microbatch * 4);
  const names = sizes.map((_, layer) => `layer${layer}`);
  const chain = names.flatMap((name, layer) => [name, `-${item(sizes, layer)}->`]).slice(0, -1);
  const seconds = ["Minnowboard-E3845", "RCC-VE-C2558"].map((type) => {
    const times = numbersOf(types, [type, model, "time_s"]);
    return Object.fromEntries(names.map((name, layer) => [name, item(times, layer)]));
  });
  const hosts = Array.from({ length: 8 }, (_, host) => ({ seconds: item(seconds, host >> 2) }));
  const links: TestLink[] = [];
  // PipeEdge counts 1024^2 bits as a megabit.
  const secondsPerByte = 8 / (1000 * 1024 ** 2);
  for (let from = 0; from <= 8; from++) {
    for (let to = 0; to <= 8; to++) {
      if (from !== to) links.push({ from, to, secondsPerByte: from === 0 || to === 0 ? 0 : secondsPerByte });
    }
  }
  const devices = [{ unsupported: names }, ...hosts];
  return testProblem(chain.join(" "), { devices, links, source: 0, sink: 0 });
}

describe.skipIf(!present)("published problems", () => {
  test.each([
    ["google/vit-base-patch16-224", 1.5488, 1.7262],
    ["google/vit-large-patch16-224", 5.0428, 5.7033],
  ])("PipeEdge %s on 4 + 4 hosts: proven %f s, where its own schedule takes %f s", (model, optimum, schedule) => {
    const { value, certificate } = unwrap(solve(pipeEdge(model), { objective: "period" }));
    expect(certificate.status).toBe("optimal");
    expect(value).toBeCloseTo(optimum, 4);
    expect(value).toBeLessThan(schedule);
  });
});
