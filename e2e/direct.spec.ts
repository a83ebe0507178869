import { expect, type Page, test } from "@playwright/test";
import { mainFigure, openApp, watchErrors } from "./support.ts";

const status = (page: Page) => page.getByTestId("selection-status");

/** A place on screen where a press selects an op of the given stage. */
async function opOf(page: Page, stage: number): Promise<{ readonly x: number; readonly y: number }> {
  const box = await page.getByRole("region", { name: "Network", exact: true }).boundingBox();
  if (box === null) throw new Error("the network is not on screen");
  const knob = await page.locator(".split-knob").first().boundingBox();
  if (knob === null) throw new Error("the plan has no split");
  const step = stage === 1 ? -12 : 12;
  for (let dx = 0; dx < 160; dx += 12) {
    for (let y = box.y + 50; y < box.y + box.height - 20; y += 11) {
      const x = knob.x + 3 * step + (dx * step) / 12;
      await page.mouse.click(x, y);
      if (((await status(page).textContent()) ?? "").includes(`, stage ${stage} on`)) return { x, y };
    }
  }
  throw new Error(`no op of stage ${stage} was found beside the split`);
}

test("an op dragged over the split takes along what it has to, and undo names the move", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  const before = await mainFigure(page);
  const op = await opOf(page, 1);
  const target = await opOf(page, 2);
  await page.mouse.move(op.x, op.y);
  await page.mouse.down();
  await page.mouse.move(target.x, target.y, { steps: 8 });
  await expect(page.locator(".drag-note")).toContainText(/ms \([+−]/);
  await page.mouse.up();
  await expect(page.getByTestId("certificate")).toHaveText("by hand");
  expect(await mainFigure(page)).not.toBe(before);
  await page.getByRole("button", { name: /^Undo Move / }).click();
  await expect.poll(() => mainFigure(page)).toBe(before);
  // Escape lets go without a step.
  await page.mouse.move(op.x, op.y);
  await page.mouse.down();
  await page.mouse.move(target.x, target.y, { steps: 8 });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect.poll(() => mainFigure(page)).toBe(before);
  expect(errors).toEqual([]);
});

test("a lasso selects ops, which are given to another device together", async ({ page }) => {
  await openApp(page);
  const box = await page.getByRole("region", { name: "Network", exact: true }).boundingBox();
  if (box === null) throw new Error("the network is not on screen");
  await page.keyboard.down("Shift");
  await page.mouse.move(box.x + box.width * 0.45, box.y + 32);
  await page.mouse.down();
  for (const [x, y] of [
    [0.7, 0.1],
    [0.7, 0.9],
    [0.45, 0.9],
  ] as const) {
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 4 });
  }
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const details = page.getByTestId("ops-details");
  await expect(details.getByRole("heading", { name: /^\d+ ops$/ })).toBeVisible();
  await details.getByLabel("Run on").selectOption({ label: "Jetson Nano" });
  await expect(page.getByRole("button", { name: /^Undo Run \d+ ops on Jetson Nano/ })).toBeEnabled();
  await expect(details.getByLabel("Run on")).toHaveValue("jetson-nano");
});

test("the menu of an op opens by the other mouse button and cuts the network there", async ({ page }) => {
  await openApp(page);
  const op = await opOf(page, 2);
  await page.mouse.click(op.x, op.y, { button: "right" });
  const menu = page.getByRole("menu", { name: /^Menu of / });
  await expect(menu.getByRole("menuitem", { name: /there already/ })).toBeDisabled();
  await menu.getByRole("menuitem", { name: "Cut after here" }).click();
  await expect(page.getByRole("button", { name: /^Undo Cut after / })).toBeEnabled();
  await expect(status(page)).toContainText("stage 1 on");
});

test("stages are added and removed in the pipeline", async ({ page }) => {
  await openApp(page);
  const stages = page.locator(".pipeline-stage");
  await expect(stages).toHaveCount(2);
  await page.getByRole("button", { name: "Add a stage after stage 1" }).click();
  await page.getByRole("menuitem", { name: /Jetson Nano/ }).click();
  await expect(stages).toHaveCount(3);
  await page.getByRole("button", { name: "Remove stage 2" }).click();
  await expect(stages).toHaveCount(2);
});
