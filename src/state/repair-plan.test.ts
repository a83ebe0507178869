import fc from "fast-check";
import { expect, test } from "vitest";
import type { Rig } from "../core/rig/rig.ts";
import { repairPlan } from "./repair-plan.ts";

const rigOf = (ids: readonly string[], source: string) =>
  ({ devices: ids.map((id) => ({ id })), links: [], source, sink: source }) as unknown as Rig;

test("a repaired plan starts at the source, names only devices of the rig, keeps the order of ops, has no idle stage", () => {
  const names = ["a", "b", "c", "d"];
  fc.assert(
    fc.property(
      fc.subarray(names, { minLength: 1 }),
      fc.subarray(names, { minLength: 1 }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
      (planDevices, rigDevices, raw) => {
        const stageOf = Int32Array.from(raw.map((n) => n % planDevices.length)).sort();
        const source = rigDevices[0] ?? "a";
        const repaired = repairPlan({ devices: planDevices, stageOf }, rigOf(rigDevices, source));
        expect(repaired.devices[0]).toBe(source);
        for (const id of repaired.devices) expect(rigDevices).toContain(id);
        expect([...repaired.stageOf]).toEqual([...repaired.stageOf].sort((x, y) => x - y));
        for (const stage of repaired.devices.keys()) {
          if (stage > 0) expect(repaired.stageOf).toContain(stage);
        }
      },
    ),
  );
});

test("the ops of a device that left join the stage before", () => {
  const plan = { devices: ["a", "b", "c"], stageOf: Int32Array.of(0, 1, 1, 2) };
  expect(repairPlan(plan, rigOf(["a", "c"], "a"))).toEqual({ devices: ["a", "c"], stageOf: Int32Array.of(0, 0, 0, 1) });
});
