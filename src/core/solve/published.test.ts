import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseProblem } from "../plan/abstract-problem.ts";
import { unwrap } from "../result.ts";
import { PIPE_EDGE_MODELS, pipeEdgeProblem } from "../testing/pipe-edge.ts";
import { solve } from "./solve.ts";

const FOLDER = new URL("../../../../shared/bench/pipeedge/", import.meta.url);
const present = existsSync(FOLDER);
if (!present) console.log("published problems: skipped, ../shared/bench is not there");
const read = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");

describe.skipIf(!present)("published problems", () => {
  test.each(PIPE_EDGE_MODELS)(
    "PipeEdge $model on 4 + 4 hosts: proven $optimum s, where its own schedule takes $schedule s",
    ({ model, optimum, schedule }) => {
      const { problem } = unwrap(parseProblem(pipeEdgeProblem(read("models.yml"), read("device_types.yml"), model)));
      const { value, certificate } = unwrap(solve(problem, { objective: "period" }));
      expect(certificate.status).toBe("optimal");
      expect(value).toBeCloseTo(optimum, 4);
      expect(value).toBeLessThan(schedule);
    },
  );
});
