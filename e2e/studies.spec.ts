import { expect, test } from "@playwright/test";
import { openApp, textOf, watchErrors } from "./support.ts";

test("trade-offs: the front is found, stepped through and loaded", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await page.getByRole("tab", { name: "Trade-offs" }).click();
  const chart = page.getByRole("figure", { name: /Latency against stream rate/ });
  await expect(chart.getByText(/\d+ trade-offs/)).toBeVisible({ timeout: 60_000 });
  const before = await textOf(page.getByTestId("main-figure"));
  await chart.getByRole("combobox", { name: "up" }).selectOption("traffic");
  const plans = page.getByRole("slider", { name: "Plans by two figures" });
  await plans.focus();
  await page.keyboard.press("ArrowRight");
  await expect(plans).toHaveAttribute("aria-valuetext", /: [\d.]+ ms, [\d.]+ k?B/);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("main-figure")).not.toHaveText(before);
  await page.keyboard.press("Control+z");
  await expect(page.getByTestId("main-figure")).toHaveText(before);
  expect(errors).toEqual([]);
});

test("the map: moving the point moves the rig, and the map stays", async ({ page }) => {
  await openApp(page);
  await page.getByRole("combobox", { name: "Objective" }).selectOption("latency");
  await page.getByRole("tab", { name: "Map" }).click();
  const here = page.getByRole("slider", { name: "The rig on the map" });
  await expect(here).toHaveAttribute("aria-valuetext", /^50 Mbit\/s, 2 ms: /, { timeout: 80_000 });
  await here.focus();
  await page.keyboard.press("ArrowRight");
  await expect(here).toHaveAttribute("aria-valuetext", /^60.1 Mbit\/s, 2 ms: /);
  await expect(page.getByRole("region", { name: /Link Wi-Fi 4/ })).toContainText("60.1 Mbit/s");
  await page
    .getByRole("figure", { name: /Best plan over the bandwidth/ })
    .getByRole("button", { name: "Table" })
    .click();
  await expect(page.getByRole("tabpanel").getByRole("row")).toHaveCount(6);
  await expect(page.getByRole("tabpanel")).toContainText("All on Raspberry Pi 4");
});

test("robustness is told in draws", async ({ page }) => {
  await openApp(page);
  const section = page.getByTestId("robustness");
  await section.getByRole("button", { name: /±20 %/ }).click();
  await expect(section).toContainText(/It stays the best in \d+ of 100 draws/, { timeout: 80_000 });
});

test("limits hold in every study, and a study says where no plan keeps to them", async ({ page }) => {
  await openApp(page);
  await page.getByRole("combobox", { name: "Objective" }).selectOption("latency");
  await page.getByRole("button", { name: /^Goals and limits/ }).click();
  const limit = page.getByLabel("Latency at most");
  await limit.fill("60");
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Trade-offs" }).click();
  const chart = page.getByRole("figure", { name: /against/ });
  await expect(chart.getByText(/\d+ trade-offs within the limits/)).toBeVisible({ timeout: 60_000 });
  await chart.getByRole("button", { name: "Table" }).click();
  const table = page.getByRole("tabpanel").getByRole("table");
  for (const row of await table.getByRole("row").all()) {
    const [name = "", latency = ""] = await row.locator("th, td").allTextContents();
    if (/^(Trade-off|Proven)/.test(name)) expect(Number.parseFloat(latency)).toBeLessThanOrEqual(60);
    if (/^All on/.test(name)) expect(name.endsWith(", beyond a limit")).toBe(Number.parseFloat(latency) > 60);
  }

  await page.getByRole("tab", { name: "Map" }).click();
  const here = page.getByRole("slider", { name: "The rig on the map" });
  await expect(here).toHaveAttribute("aria-valuetext", /ms: (?!no plan)/, { timeout: 80_000 });
  await expect(page.getByRole("tabpanel")).toContainText("no plan keeps to the limits");
  const section = page.getByTestId("robustness");
  await section.getByRole("button", { name: /±20 %/ }).click();
  await expect(section).toContainText(/It stays the best in \d+ of 100 draws/, { timeout: 80_000 });

  await limit.fill("0.01");
  await page.keyboard.press("Enter");
  await page.getByRole("tab", { name: "Trade-offs" }).click();
  await expect(page.getByRole("tabpanel")).toContainText("No plan keeps to all limits.", { timeout: 60_000 });
});
