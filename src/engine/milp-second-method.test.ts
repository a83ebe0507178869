import { expect, test } from "vitest";
import { solveByMilp } from "../core/solve/milp/milp-search.ts";
import { solve } from "../core/solve/solve.ts";
import { constrainedProblem } from "../core/testing/constrained-problem.ts";
import { loadHighs } from "./highs.ts";

test("agrees with the registry's exact methods on problems of 10 to 40 ops", async () => {
  const engine = await loadHighs();
  let compared = 0;
  for (let seed = 1; seed <= 16; seed++) {
    const ops = 10 + 2 * seed;
    const problem = constrainedProblem(seed, {
      ops,
      reach: 6,
      devices: 3,
      constants: 6,
      spill: true,
      overhead: 1,
      pins: true,
    });
    const objective = seed % 3 === 0 ? "period" : seed % 3 === 1 ? "latency" : "energy";
    const exact = solve(problem, { objective });
    const found = solveByMilp(problem, { objective }, null, { solve: engine, secondsLeft: () => 60 });
    if (exact.ok) expect(found.ok, `seed ${seed}`).toBe(true);
    if (!exact.ok || !found.ok || exact.value.certificate.status !== "optimal") continue;
    compared++;
    expect(found.value.certificate.status, `seed ${seed}`).toBe("optimal");
    expect(Math.abs(found.value.value - exact.value.value), `seed ${seed}`).toBeLessThanOrEqual(
      1e-6 * exact.value.value,
    );
  }
  console.log(`${compared} of 16 problems proven by both`);
  expect(compared).toBeGreaterThanOrEqual(8);
}, 300_000);
