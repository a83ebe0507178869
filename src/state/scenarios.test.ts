import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { SCENARIO_IDS } from "./scenarios.ts";

test("the gallery has every scenario beside the page", () => {
  expect([...SCENARIO_IDS].sort().map((id) => `${id}.json`)).toEqual(readdirSync("public/scenarios").sort());
});
