import { expect, test } from "@playwright/test";
import { mainFigure, openApp, toMilliseconds, watchErrors, watchForeignRequests } from "./support.ts";

test("the first screen shows a split network, its figures and every no-split baseline", async ({ page }) => {
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openApp(page);
  const table = page.getByTestId("schemes");
  for (const device of ["Raspberry Pi 4", "Jetson Nano"]) {
    await expect(table.getByRole("row", { name: new RegExp(`^All on ${device}`) })).toBeVisible();
  }
  await expect(page.getByRole("slider", { name: /split/i }).first()).toBeVisible();
  await expect(page.getByText("synthetic weights")).toBeVisible();
  const figure = await mainFigure(page);
  const baselines = await table.locator('tr[data-kind="no-split"] [data-figure="period"]').allTextContents();
  expect(baselines.length).toBeGreaterThanOrEqual(3);
  for (const text of baselines) expect(toMilliseconds(text)).toBeGreaterThan(figure);
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});
