import { expect, test } from "@playwright/test";
import { openApp, textOf } from "./support.ts";

test("a plan is pinned, compared, shown again and removed", async ({ page }) => {
  await openApp(page);
  const table = page.getByTestId("schemes");
  const rows = await table.locator("tbody tr").count();
  await page.getByRole("button", { name: "Pin this plan" }).click();
  await expect(table.locator("tbody tr")).toHaveCount(rows + 1);
  const name = page.getByRole("textbox", { name: "Name of Scheme 1" });
  await name.fill("Optimum");
  await name.blur();
  await page.getByRole("button", { name: "Show All on Raspberry Pi 4" }).click();
  await expect(page.getByTestId("main-figure")).toHaveText(
    await textOf(table.locator('tr[data-kind="no-split"] td:nth-of-type(2)').first()),
  );
  await page.getByRole("button", { name: "Show Optimum" }).click();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  await page.getByRole("button", { name: "Remove Optimum" }).click();
  await expect(table.locator("tbody tr")).toHaveCount(rows);
});

test("the charts show every scheme", async ({ page }) => {
  await openApp(page);
  for (const tab of ["Where time goes", "Link traffic"]) {
    await page.getByRole("tab", { name: tab }).click();
    const chart = page.getByRole("tabpanel");
    await expect(chart.getByText("All on Raspberry Pi 4")).toBeVisible();
    await expect(chart.getByText("On screen")).toBeVisible();
    await expect(chart.locator(".recharts-bar-rectangle").first()).toBeVisible();
  }
  await page.getByRole("tab", { name: "Against bandwidth" }).click();
  await expect(page.getByRole("tabpanel").locator(".recharts-line").first()).toBeVisible();
});
