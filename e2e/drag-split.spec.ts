import { expect, test } from "@playwright/test";
import { mainFigure, openApp } from "./support.ts";

test("a split dragged by mouse changes the figures at once, and undo brings them back", async ({ page }) => {
  await openApp(page);
  const handle = page.getByRole("slider", { name: /split/i }).first();
  const before = await mainFigure(page);
  const box = await handle.boundingBox();
  if (box === null) throw new Error("the handle is not on screen");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 140, y, { steps: 12 });
  await expect.poll(() => mainFigure(page)).not.toBe(before);
  await page.mouse.up();
  await expect(page.getByTestId("certificate")).toHaveText("by hand");
  await page.keyboard.press("Control+z");
  await expect.poll(() => mainFigure(page)).toBe(before);
  await page.keyboard.press("Control+Shift+z");
  await expect.poll(() => mainFigure(page)).not.toBe(before);
});

test("a focused handle moves by arrow keys and says where it is", async ({ page }) => {
  await openApp(page);
  const handle = page.getByRole("slider", { name: /split/i }).first();
  await handle.focus();
  const before = Number(await handle.getAttribute("aria-valuenow"));
  await page.keyboard.press("ArrowRight");
  await expect(handle).toHaveAttribute("aria-valuenow", String(before + 1));
  await expect(handle).toHaveAttribute("aria-valuetext", /after .+, .+ (B|kB|MB), .+ ms/);
  await page.keyboard.press("Shift+ArrowRight");
  expect(Number(await handle.getAttribute("aria-valuenow"))).toBeGreaterThan(before + 1);
  await page.keyboard.press("Home");
  await expect(handle).toHaveAttribute("aria-valuenow", "0");
});
