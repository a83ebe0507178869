import { expect, test } from "vitest";
import { browserRows } from "./browser-rows.ts";

test("rows are found at any depth, and failed tests are rows too", () => {
  const row = { name: "drag step, p95", goal: "<= 16 ms", result: { value: 9, unit: "ms" } };
  const report = {
    suites: [
      {
        suites: [
          {
            specs: [
              {
                title: "drag",
                tests: [
                  {
                    status: "expected",
                    annotations: [{ type: "slow" }, { type: "bench", description: JSON.stringify(row) }],
                  },
                ],
              },
            ],
          },
        ],
        specs: [{ title: "zoom", tests: [{ status: "unexpected", annotations: [] }] }],
      },
    ],
  };
  expect(browserRows(JSON.stringify(report))).toEqual([
    { name: "zoom", goal: null, result: { error: "the browser test failed" } },
    row,
  ]);
});
