import type { BenchRow } from "./table.ts";

/** Type of the annotation that `report` in e2e/bench/report.ts leaves on a test, with a BenchRow as JSON. */
const BENCH_ANNOTATION = "bench";

interface ReportTest {
  readonly annotations: readonly { readonly type: string; readonly description?: string }[];
  readonly status: string;
}
interface ReportSuite {
  readonly specs?: readonly { readonly title: string; readonly tests: readonly ReportTest[] }[];
  readonly suites?: readonly ReportSuite[];
}

/** The rows that the browser benches reported, out of Playwright's JSON report; a test that failed is a failed row. */
export function browserRows(report: string): readonly BenchRow[] {
  const rows: BenchRow[] = [];
  const waiting: ReportSuite[] = [...((JSON.parse(report) as ReportSuite).suites ?? [])];
  for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
    waiting.push(...(suite.suites ?? []));
    for (const { title, tests } of suite.specs ?? []) {
      for (const { annotations, status } of tests) {
        for (const { type, description } of annotations) {
          if (type === BENCH_ANNOTATION && description !== undefined) rows.push(JSON.parse(description) as BenchRow);
        }
        if (status === "unexpected")
          rows.push({ name: title, goal: null, result: { error: "the browser test failed" } });
      }
    }
  }
  return rows;
}
