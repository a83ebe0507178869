import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkPlan } from "../plan/validity.ts";
import { unwrap } from "../result.ts";
import { PIPE_EDGE_MODELS } from "../testing/pipe-edge.ts";
import { MSR_PROBLEMS, publishedProblem } from "../testing/published.ts";
import { solve } from "./solve.ts";

const FOLDER = new URL("../../../../shared/bench/", import.meta.url);
const present = existsSync(FOLDER);
if (!present) console.log("published problems: skipped, ../shared/bench is not there");
const read = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");

describe.skipIf(!present)("published problems", () => {
  test.each(PIPE_EDGE_MODELS)(
    "PipeEdge $model on 4 + 4 hosts: proven $optimum s, where its own schedule takes $schedule s",
    ({ model, optimum, schedule }) => {
      const files = ["models.yml", "device_types.yml", "devices.yml"].map((name) => ({
        name,
        text: read(`pipeedge/${name}`),
      }));
      const problem = publishedProblem(files, { model });
      const { value, certificate } = unwrap(solve(problem, { objective: "period" }));
      expect(certificate.status).toBe("optimal");
      expect(value).toBeCloseTo(optimum, 4);
      expect(value).toBeLessThan(schedule);
    },
  );

  test.each(MSR_PROBLEMS)(
    "dnn-partitioning $file: proven $optimum ms, the authors' own optimum",
    ({ file, optimum }) => {
      const problem = publishedProblem([{ name: file, text: read(`msr/throughput/${file}`) }]);
      const { value, certificate, plan } = unwrap(solve(problem, { objective: "period" }));
      expect(certificate.status).toBe("optimal");
      expect(value * 1e3).toBeCloseTo(optimum, 4);
      expect(checkPlan(problem, plan).errors).toEqual([]);
    },
  );
});
