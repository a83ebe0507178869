import { describe, expect, test } from "vitest";
import type { Limits } from "../plan/objective.ts";
import { chainLinks, type TestProblem, testProblem } from "../testing/problems.ts";
import { solve } from "./solve.ts";

const LINKS = chainLinks(3, { secondsPerByte: 1, latency: 1 });
const GRAPH = "[in:100] -> a=4 -10-> b=6 -20-> c=8 -> [out:2]";

/** The sentence with which the solver refuses a problem. */
function refusal(setting: Partial<TestProblem>, limits: Limits = {}): string {
  const problem = testProblem(GRAPH, { devices: [{}, {}, {}], links: LINKS, ...setting });
  const result = solve(problem, { objective: "latency", limits });
  return result.ok ? "" : result.error;
}

describe("a problem that no plan solves names what conflicts, and nothing else", () => {
  const onFirst = { barred: ["b"] };
  const cases: readonly (readonly [string, string, Partial<TestProblem>, Limits])[] = [
    [
      "pins and stages",
      'No placement keeps to all of these constraints, and each of them matters: at most 1 stage; op number 0 on device "device-0" or "device-2"; op number 1 on device "device-1".',
      { devices: [{ barred: ["b"] }, { barred: ["a"] }, { barred: ["b"] }], conditions: { maxStages: 1 } },
      { traffic: 1e6 },
    ],
    [
      "a latency that nothing reaches",
      "No placement keeps to this constraint: latency of at most 1,000 ms.",
      { conditions: { maxStages: 2 } },
      { latency: 1 },
    ],
    [
      "pins against a link",
      'No placement keeps to all of these constraints, and each of them matters: at most 5 B over link number 0; op number 1 on device "device-1" or "device-2".',
      { devices: [onFirst, {}, {}], conditions: { linkMaxBytes: Float64Array.of(5, 1e9, 1e9, 1e9) } },
      {},
    ],
  ];
  test.each(cases)("%s", (_, sentence, setting, limits) => {
    expect(refusal(setting, limits)).toBe(sentence);
  });

  test("ops and links by the names that are given", () => {
    const problem = testProblem(GRAPH, {
      devices: [onFirst, {}, {}],
      links: LINKS,
      conditions: { linkMaxBytes: Float64Array.of(5, 1e9, 1e9, 1e9), groupOf: Int32Array.of(0, -1, 0) },
    });
    const names = { ops: ["conv", "relu", "fc"], links: ["wifi", "lan", "usb", "can"] };
    const result = solve(problem, { objective: "latency", names });
    expect(result.ok ? "" : result.error).toBe(
      'No placement keeps to all of these constraints, and each of them matters: at most 5 B over link "wifi"; op "relu" on device "device-1" or "device-2".',
    );
    const split = testProblem(GRAPH, {
      devices: [{ barred: ["c"] }, { barred: ["a"] }, { barred: ["a"] }],
      links: LINKS,
      conditions: { groupOf: Int32Array.of(0, -1, 0) },
    });
    const apart = solve(split, { objective: "latency", names });
    expect(apart.ok ? "" : apart.error).toBe(
      'No placement keeps to all of these constraints, and each of them matters: ops "conv", "fc" on one device; op "conv" on device "device-0"; op "fc" on device "device-1" or "device-2".',
    );
  });

  test("a search that is stopped at once says so, and what fits is found", () => {
    const problem = testProblem(GRAPH, { devices: [onFirst, {}, {}], links: LINKS });
    expect(solve(problem, { objective: "latency" }).ok).toBe(true);
    const hard = testProblem("a -> b; b -> c", {
      devices: [{ barred: ["b", "c"] }, { barred: ["a", "b"] }, { barred: ["a", "c"] }],
      links: LINKS,
    });
    // Only over the last device and back to the one before: not found by filling one after another.
    expect(solve(hard, { objective: "latency" }).ok).toBe(true);
    const stopped = solve(hard, { objective: "latency", shouldStop: () => true });
    expect(stopped.ok ? "" : stopped.error).toBe(
      "The search ended before it found a placement that keeps to everything.",
    );
  });
});
