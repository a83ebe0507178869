import { expect, test } from "@playwright/test";
import { mainFigure, openApp, textOf } from "./support.ts";

test("auto-partition finds the best plan again after a bad move, with its certificate", async ({ page }) => {
  await openApp(page);
  const best = await mainFigure(page);
  const handle = page.getByRole("slider", { name: /split/i }).first();
  await handle.focus();
  await page.keyboard.press("Home");
  await expect.poll(() => mainFigure(page)).toBeGreaterThan(best);
  await page.getByRole("button", { name: "Auto-partition" }).click();
  await expect.poll(() => mainFigure(page)).toBe(best);
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
});

test("the latency objective is proven optimal and never worse than no split", async ({ page }) => {
  await openApp(page);
  await page.getByRole("combobox", { name: "Objective" }).selectOption("latency");
  await page.getByRole("button", { name: "Auto-partition" }).click();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal latency/);
  await expect(page.getByTestId("certificate")).toHaveAttribute("title", /any order/);
  const ratio = await textOf(page.locator(".figure-side").nth(1));
  expect(Number.parseFloat(ratio)).toBeGreaterThanOrEqual(1);
});
