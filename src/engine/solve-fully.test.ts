import { expect, test } from "vitest";
import { item } from "../core/columns.ts";
import { unwrap } from "../core/result.ts";
import { isOpen } from "../core/solve/portfolio.ts";
import { solve } from "../core/solve/solve.ts";
import { chainLinks, testProblem } from "../core/testing/problems.ts";
import { solveFully } from "./solve-fully.ts";

const port = { sendSecondsPerByte: 1, receiveSecondsPerByte: 1 };
/** The first op runs well on the other device only, the second on the source only: the source's stage comes last. */
const LATER = testProblem("[x:0] -> a=10 -1-> b=10 -> [y:0]", {
  devices: [
    { seconds: { a: 10, b: 1 }, port },
    { seconds: { a: 1, b: 10 }, port },
  ],
  links: chainLinks(2, { secondsPerByte: 1 }),
  sink: 0,
  conditions: { delivery: "port" },
});

test("with ports, the source may run what comes later, although contiguous placements begin on it", async () => {
  const request = { objective: "period" } as const;
  const contiguous = solve(LATER, request);
  expect(unwrap(contiguous).value).toBe(10);
  expect(isOpen(LATER, contiguous)).toBe(true);
  const { value, plan, certificate } = unwrap(await solveFully(LATER, request, 30));
  expect(value).toBe(1);
  expect(certificate).toMatchObject({ status: "optimal", scope: expect.stringContaining("may be returned to") });
  expect(plan.stages).toEqual([0, 1, 0]);
});

test("where the source runs nothing, as in problems without one, a contiguous proof is the end", () => {
  const [source, other] = [item(LATER.devices, 0), item(LATER.devices, 1)];
  const nowhere = { ...source, opSeconds: source.opSeconds.map(() => Number.POSITIVE_INFINITY) };
  const outside = { ...LATER, devices: [nowhere, other] };
  const result = solve(outside, { objective: "period" });
  expect(unwrap(result).certificate.status).toBe("optimal");
  expect(isOpen(outside, result)).toBe(false);
});
