import type { Problem } from "../core/plan/problem.ts";
import { solveByMilp } from "../core/solve/milp/milp-search.ts";
import { solve } from "../core/solve/solve.ts";
import { type Bench, medianMilliseconds } from "../core/testing/bench.ts";
import { randomNetwork, resnet50 } from "../core/testing/sized-problems.ts";
import { loadHighs } from "./highs.ts";
import { solveFully } from "./solve-fully.ts";

const clock = () => performance.now();
const FOREVER = { secondsLeft: () => 120 };

/** Four devices around the first, which is in the middle; ops go anywhere and may come back. */
function star(opCount: number): Problem {
  const mesh = randomNetwork(opCount, 4, 11);
  const hub = 0;
  const routes = mesh.routes.map((row, from) =>
    row.map((route, to) => {
      if (from === to || from === hub || to === hub || route === null) return route;
      const hops = [...(mesh.routes[from]?.[hub]?.hops ?? []), ...(mesh.routes[hub]?.[to]?.hops ?? [])];
      const sum = (what: "latency" | "secondsPerByte") => hops.reduce((total, hop) => total + hop[what], 0);
      return { hops, latency: sum("latency"), secondsPerByte: sum("secondsPerByte") };
    }),
  );
  return { ...mesh, routes, delivery: "direct" };
}

/** Every device holds a part of the weights: together 2.5 times what there is. */
function capped(opCount: number): Problem {
  const free = randomNetwork(opCount, 5, 7);
  const devices = free.devices.map((device) => ({
    ...device,
    memoryBytes: 0.5 * device.weightBytes.reduce((sum, size) => sum + size, 0),
  }));
  return { ...free, devices };
}

export const benches: readonly Bench[] = [
  {
    name: "HiGHS, from nothing to the first solved program",
    goal: null,
    run: async () => {
      const start = clock();
      const engine = await loadHighs();
      solveByMilp(star(4), { objective: "latency" }, null, { ...FOREVER, solve: engine });
      return { value: clock() - start, unit: "ms" };
    },
  },
  {
    name: "latency, star of 4 devices, 60 ops, any assignment, proven",
    goal: null,
    run: async () => {
      const engine = await loadHighs();
      const problem = star(60);
      const known = solve(problem, { objective: "latency" });
      return medianMilliseconds(
        clock,
        () => {
          const found = solveByMilp(problem, { objective: "latency" }, known, { ...FOREVER, solve: engine });
          if (!found.ok || found.value.certificate.status !== "optimal") throw new Error("not proven");
        },
        1,
      );
    },
  },
  {
    name: "memory-capped latency, ResNet-50 (122 ops), 4 devices, all orders: gap after at most 10 s",
    goal: null,
    run: async () => {
      const free = resnet50(4);
      const devices = free.devices.map((device) => ({
        ...device,
        memoryBytes: 0.6 * device.weightBytes.reduce((sum, size) => sum + size, 0),
      }));
      return gapOf({ ...free, devices }, 10);
    },
  },
  {
    name: "memory-capped latency, random network of 783 ops, 5 devices, all orders: gap after at most 20 s",
    goal: null,
    run: () => gapOf(capped(783), 20),
  },
];

async function gapOf(problem: Problem, seconds: number) {
  const found = await solveFully(problem, { objective: "latency" }, seconds);
  if (!found.ok) throw new Error(found.error);
  const { value, certificate } = found.value;
  return { value: (100 * (value - certificate.bound)) / value, unit: "%" };
}
