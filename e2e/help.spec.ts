import { expect, test } from "@playwright/test";
import { openApp } from "./support.ts";

test("help lists every shortcut, opens by ? and shows around", async ({ page }) => {
  await openApp(page);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Help" });
  await expect(help.getByText("Ctrl + Shift + Z")).toBeVisible();
  await help.getByRole("button", { name: "Show me around" }).click();
  const tour = page.getByRole("region", { name: "Tour" });
  for (const title of ["What the plan costs", "Where the network is cut", "Your devices and links"]) {
    await expect(tour.getByRole("heading", { name: title })).toBeVisible();
    await tour.getByRole("button", { name: "Next" }).click();
  }
  await tour.getByRole("button", { name: "Done" }).click();
  await expect(tour).toBeHidden();
});

test("the tour is offered on the first visit only", async ({ page }) => {
  await page.goto("/");
  const tour = page.getByRole("region", { name: "Tour" });
  await expect(tour.getByRole("heading", { name: "New here?" })).toBeVisible({ timeout: 60_000 });
  await tour.getByRole("button", { name: "Skip" }).click();
  await page.reload();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
  await expect(tour).toBeHidden();
});

test("steps have names and can be gone back to", async ({ page }) => {
  await openApp(page);
  const first = await page.getByTestId("main-figure").textContent();
  const split = page.getByRole("slider", { name: "Split 1" });
  await split.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Pin this plan" }).click();
  await page.getByRole("button", { name: "History" }).click();
  const steps = page.getByRole("menuitem");
  await expect(steps).toHaveText(["Undo Pin scheme", "Undo Move split", "Undo Move split"]);
  await steps.nth(2).click();
  await expect(page.getByTestId("main-figure")).toHaveText(first ?? "");
  await page.getByRole("button", { name: "History" }).click();
  await expect(page.getByRole("menuitem").first()).toHaveText("Redo Pin scheme");
});
