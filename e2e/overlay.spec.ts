import { expect, test } from "@playwright/test";
import { openApp } from "./support.ts";

test("latencies on a device colour the network from the ground's tone to the accent's, with a legend", async ({
  page,
}) => {
  await openApp(page);
  await page.getByLabel("Colour of the ops").selectOption({ label: "Latency on B: Jetson Nano" });
  const legend = page.locator(".graph-legend");
  await expect(legend).toContainText("Latency on Jetson Nano");
  await expect(legend).toContainText("ms");
  const fills = await legend
    .locator("[style*='background']")
    .evaluateAll((swatches) => swatches.map((swatch) => getComputedStyle(swatch).background));
  expect(fills.join(" ")).toContain("rgb(255, 255, 255)");
  expect(fills.join(" ")).not.toMatch(/rgb\(0, 0, 255\)|rgb\(0, 15, 255\)/);
});
