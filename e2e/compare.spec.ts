import { expect, test } from "@playwright/test";
import { openApp, textOf, toMilliseconds } from "./support.ts";

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
    await textOf(table.locator('tr[data-kind="no-split"] [data-figure="period"]').first()),
  );
  await page.getByRole("button", { name: "Show Optimum" }).click();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  await page.getByRole("button", { name: "Remove Optimum" }).click();
  await expect(table.locator("tbody tr")).toHaveCount(rows);
});

test("a plan that is pinned already is not pinned twice, and schemes sort by a figure", async ({ page }) => {
  await openApp(page);
  const table = page.getByTestId("schemes");
  await page.getByRole("button", { name: "Pin this plan" }).click();
  const rows = await table.locator("tbody tr").count();
  await page.getByRole("button", { name: "Pin this plan" }).click();
  await expect(page.getByText("This plan is pinned already, as Scheme 1.")).toBeVisible();
  await expect(table.locator("tbody tr")).toHaveCount(rows);
  await expect(table.getByText("same as On screen")).toBeVisible();

  const latencies = async () =>
    (await table.locator('[data-figure="latency"]').allTextContents()).map((text) => toMilliseconds(text));
  await table.getByRole("button", { name: "Latency" }).click();
  const ascending = await latencies();
  expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
  await table.getByRole("button", { name: "Latency" }).click();
  await expect(table.getByRole("columnheader", { name: "Latency" })).toHaveAttribute("aria-sort", "descending");
  expect(await latencies()).toEqual(ascending.toReversed());
});

test("two schemes are explained side by side: terms that add up, ops that move, tensors that cross", async ({
  page,
}) => {
  await openApp(page);
  await page.getByRole("button", { name: "Compare All on GPU server (T4)" }).click();
  await expect(
    page.getByRole("figure", { name: "Stream rate: from All on GPU server (T4) to On screen" }),
  ).toBeVisible();
  await page.getByRole("combobox", { name: "Figure" }).selectOption("latency");
  const chart = page.getByRole("figure", { name: "Latency: from All on GPU server (T4) to On screen" });
  await expect(page.getByText(/^\d+ ops from /)).toBeVisible();
  await chart.getByRole("button", { name: "Table" }).click();
  const cells = await chart.locator("tbody td").allTextContents();
  const signed = (text: string) => toMilliseconds(text) * (text.startsWith("−") ? -1 : 1);
  const [from = Number.NaN, ...rest] = cells.map(signed);
  const to = rest.pop() ?? Number.NaN;
  expect(rest.length).toBeGreaterThan(2);
  expect(Math.abs(from + rest.reduce((sum, term) => sum + term, 0) - to)).toBeLessThan(0.5);
});

test("the charts show every scheme", async ({ page }) => {
  await openApp(page);
  for (const tab of ["Breakdown", "Traffic"]) {
    await page.getByRole("tab", { name: tab }).click();
    const chart = page.getByRole("tabpanel");
    await expect(chart.getByText("All on Raspberry Pi 4")).toBeVisible();
    await expect(chart.getByText("On screen")).toBeVisible();
    await expect(chart.locator(".recharts-bar-rectangle").first()).toBeVisible();
  }
  await page.getByRole("tab", { name: "Bandwidth" }).click();
  await expect(page.getByRole("tabpanel").locator(".recharts-line").first()).toBeVisible();
});
