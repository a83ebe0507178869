import { expect, type Page, test } from "@playwright/test";
import { layersForOps, transformer } from "../src/core/testing/samples/transformer.ts";
import { openApp, watchErrors } from "./support.ts";

/** An encoder with a mask that feeds every layer. */
const encoder = (ops: number) => ({
  name: `encoder-${ops}.onnx`,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(
    transformer({ layers: layersForOps(ops), hidden: 64, heads: 4, vocabulary: 100, weights: "light" }),
  ),
});

async function openEncoder(page: Page, ops: number): Promise<void> {
  const file = encoder(ops);
  await page.getByTestId("model-file").setInputFiles(file);
  await expect(page.getByRole("button", { name: /^Model: encoder/ })).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("navigation", { name: "Modules" })).toBeVisible();
}

const modules = (page: Page) => page.getByRole("navigation", { name: "Modules" });

test("a network of 5,000 ops opens as modules, and a search opens those around its hit", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await openEncoder(page, 5000);
  const search = page.getByLabel(/^Find an op/);
  await search.fill("layer.40/attention softmax");
  await search.press("Enter");
  await expect(page.locator(".search output")).toHaveText("1 of 1");
  const step = modules(page).getByRole("button", { name: /^layer\.40\b/ });
  await expect(step.first()).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByTestId("minimap")).toBeVisible();

  await search.press("Escape");
  await page.keyboard.press("u");
  await expect(modules(page).getByRole("button", { name: "Upstream" })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("u");
  const before = await modules(page).getByRole("button", { expanded: true }).count();
  await page.keyboard.press("Backspace");
  await expect(modules(page).getByRole("button", { expanded: true })).toHaveCount(before - 1);
  // Enter opens the box that is on screen, which comes with the new layout from its worker.
  await expect(async () => {
    await page.keyboard.press("Enter");
    await expect(modules(page).getByRole("button", { expanded: true })).toHaveCount(before, { timeout: 1000 });
  }).toPass();
  expect(errors).toEqual([]);
});

test("levels of modules open by a button and fit closes the minimap", async ({ page }) => {
  await openApp(page);
  await openEncoder(page, 1000);
  await modules(page).getByRole("button", { name: "Open a level of modules" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Fit" }).click();
  await expect(page.getByTestId("minimap")).toHaveCount(0);
  const box = await page.getByRole("region", { name: "Network", exact: true }).boundingBox();
  if (box === null) throw new Error("the network is not on screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -500);
  await page.keyboard.up("Control");
  await expect(page.getByTestId("minimap")).toBeVisible();
});

test("the network is saved as SVG with all that is on screen", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: "Export" }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /SVG/ }).click();
  const stream = await (await saved).createReadStream();
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  const isWellFormed = await page.evaluate((svg) => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    return parsed.querySelector("parsererror") === null && parsed.querySelectorAll("rect").length;
  }, text);
  expect(isWellFormed).toBeGreaterThan(100);
});
