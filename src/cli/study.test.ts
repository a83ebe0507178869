import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainModel } from "../core/testing/models.ts";
import { cli } from "./testing/cli.ts";

let folder = "";
let model = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-study-"));
  model = join(folder, "chain.onnx");
  writeFileSync(model, chainModel(8));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => cli("study", model, ...args);

describe("study", () => {
  test("pareto: plans of which none beats another, the proven best of each figure among them", async () => {
    const { code, out } = await run("--kind", "pareto", "--json");
    expect(code).toBe(0);
    const { points } = JSON.parse(out);
    const figures = ["latencySeconds", "periodSeconds", "energyJoules", "trafficBytes"];
    expect(points.length).toBeGreaterThan(0);
    for (const one of points) {
      const beaten = points.some((two: Record<string, number>) => {
        const pairs = figures.map((name): [number, number] => [two[name] ?? 0, one[name] ?? 0]);
        return pairs.every(([a, b]) => a <= b) && pairs.some(([a, b]) => a < b * (1 - 1e-9));
      });
      expect(beaten).toBe(false);
    }
    const proven = new Set(points.flatMap(({ provenBestIn }: { provenBestIn: string[] }) => provenBestIn));
    expect(proven).toEqual(new Set(["latency", "period", "energy", "traffic"]));
    expect((await run("--kind", "pareto")).out).toContain("trade-offs");
  });

  test("crossover: every place has the best of its plans; axes are told in their units", async () => {
    const args = ["--kind", "crossover", "--x", "load:jetson-nano=0.5..8", "--y", "arrivals=1..400"];
    const { code, out, error } = await run(...args, "--json");
    expect(error).toBe("");
    expect(code).toBe(0);
    const map = JSON.parse(out);
    expect(map.winners).toHaveLength(map.columns * map.rows);
    expect(map.x).toMatchObject({ kind: "load", subject: "jetson-nano", unit: "factor", from: 0.5, to: 8 });
    expect(map.y).toMatchObject({ kind: "arrivals", subject: null, unit: "1/s", from: 1, to: 400 });
    for (const [place, winner] of map.winners.entries()) expect(map.values[place] === null).toBe(winner < 0);
    const shares = map.plans.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
    expect(shares).toBeLessThanOrEqual(1 + 1e-9);
    for (const { from } of map.borders) {
      expect(from.x).toBeGreaterThanOrEqual(0.5 * (1 - 1e-9));
      expect(from.x).toBeLessThanOrEqual(8 * (1 + 1e-9));
    }
  });

  test("robustness: the same seed gives the same answer; no variation leaves the plan the best", async () => {
    const args = ["--kind", "robustness", "--samples", "12", "--json"];
    const first = JSON.parse((await run(...args)).out);
    expect(JSON.parse((await run(...args)).out)).toEqual(first);
    expect(first).toMatchObject({ samples: 12, complete: true, spread: 0.2 });
    const still = JSON.parse((await run(...args, "--spread", "0.0001%")).out);
    expect(still.staysBest).toBe(12);
    expect(still.largestRegret).toBe(0);
  });

  test("limits hold in every study", async () => {
    const free = JSON.parse((await run("--kind", "pareto", "--json")).out).points;
    const traffic = free
      .map(({ trafficBytes }: { trafficBytes: number }) => trafficBytes)
      .sort((a: number, b: number) => a - b);
    const limit = ["--limit", `traffic=${traffic[0]}B`];
    const { points } = JSON.parse((await run("--kind", "pareto", ...limit, "--json")).out);
    expect(points.length).toBeGreaterThan(0);
    expect(points.length).toBeLessThan(free.length);
    for (const point of points) expect(point.trafficBytes).toBeLessThanOrEqual(traffic[0]);
    const none = await run("--kind", "pareto", "--limit", "latency=0.000001ms");
    expect(none).toMatchObject({
      code: 2,
      error: expect.stringContaining("No placement keeps to all constraints and limits."),
    });

    const best = JSON.parse((await run("--kind", "robustness", "--samples", "20", "--json")).out);
    expect(best).toMatchObject({ breaksLimit: 0, impossible: 0 });
    const axes = ["--x", "latency:raspberry-pi-4--jetson-nano=0.1..50", "--y", "load:raspberry-pi-4=1..50"];
    const crossover = ["--kind", "crossover", ...axes, "--limit", `latency=${best.value * 1e3 * 1.2}ms`];
    const map = JSON.parse((await run(...crossover, "--json")).out);
    const shown = map.values.filter((value: number | null) => value !== null);
    expect(Math.max(...shown)).toBeLessThanOrEqual(best.value * 1.2 * (1 + 1e-9));
    expect(map.winners).toContain(-1);
    expect((await run(...crossover)).out).toMatch(/\.\s+\d+ %\s+no plan keeps to the limits/);

    const tight = ["--kind", "robustness", "--samples", "20", "--limit", `latency=${best.value * 1e3 * 1.00001}ms`];
    const held = JSON.parse((await run(...tight, "--json")).out);
    expect(held.breaksLimit + held.impossible).toBeGreaterThan(0);
    expect(held.staysBest + held.breaksLimit + held.impossible).toBeLessThanOrEqual(20);
    expect((await run(...tight)).out).toMatch(/no plan found\s+\d+ draws/);
  });

  test.each([
    ["no kind", [], '"splitscope study" needs --kind pareto|crossover|robustness'],
    ["another kind", ["--kind", "all"], '--kind is "all"; expected "pareto" or "crossover" or "robustness".'],
    ["an axis back to front", ["--kind", "crossover", "--x", "bandwidth:wifi=10..1"], "the smaller number first"],
    ["an axis of nothing", ["--kind", "crossover", "--x", "latency=1..10"], '--x is "latency=1..10"; expected'],
    [
      "an unknown link",
      ["--kind", "crossover", "--x", "latency:none=1..10"],
      'The link "none" is to vary; the rig has',
    ],
    ["a spread of all", ["--kind", "robustness", "--spread", "100%"], '--spread is "100%"; expected a percentage'],
    [
      "one circumstance twice",
      ["--kind", "crossover", "--x", "arrivals=1..9", "--y", "arrivals=2..8"],
      "--x and --y vary the same",
    ],
  ])("refuses %s with one sentence", async (_, args, sentence) => {
    const { code, out, error } = await run(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(error).toContain(sentence);
  });
});
