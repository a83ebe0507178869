import { expect, type Locator, type Page, test } from "@playwright/test";
import { mainFigure, openApp, watchErrors } from "./support.ts";

/** More stops than a screen has. */
const MOST_STOPS = 120;

/** Goes on by Tab until the element has the focus, as someone without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}`);
}

/** Goes down a menu until the entry has the focus, and takes it. */
async function choose(page: Page, entry: Locator): Promise<void> {
  await expect(entry).toBeVisible();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await entry.evaluate((element) => element === document.activeElement)) {
      await page.keyboard.press("Enter");
      return;
    }
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`the arrow keys do not reach ${entry}`);
}

test("the whole job by keyboard alone: open, split, keep an op, partition, compare, change the rig, export", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  await openApp(page);

  await tabTo(page, page.getByRole("button", { name: /^Model:/ }));
  await page.keyboard.press("Enter");
  await choose(page, page.getByRole("menuitem", { name: /GoogLeNet/ }));
  await expect(page.getByRole("button", { name: /^Model: .*googlenet/i })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });

  const handle = page.getByRole("slider", { name: /split/i }).first();
  await tabTo(page, handle);
  const before = await mainFigure(page);
  const position = await handle.getAttribute("aria-valuenow");
  await page.keyboard.press("PageDown");
  await expect(handle).not.toHaveAttribute("aria-valuenow", position ?? "");
  expect(await mainFigure(page)).not.toBe(before);
  await expect(handle).toHaveAttribute("aria-valuetext", /.+/);

  await tabTo(page, page.getByRole("region", { name: "Network", exact: true }));
  for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId(/^(op|module)-details$/)).toBeVisible();
  await page.keyboard.press("Shift+F10");
  const menu = page.getByRole("menu");
  await choose(page, menu.getByRole("menuitem", { name: /^On A/ }));
  await expect(menu).toBeHidden();
  await expect(page.getByLabel("Keep on")).not.toHaveValue("");

  const objective = page.getByRole("combobox", { name: /objective|best for/i }).first();
  await tabTo(page, objective);
  await page.keyboard.type("Latency");
  await expect(objective).toHaveValue("latency");
  await tabTo(page, page.getByRole("button", { name: "Auto-partition" }));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });

  await tabTo(page, page.getByRole("tab", { name: "Schemes" }));
  await tabTo(page, page.getByRole("button", { name: "Pin this plan" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row", { name: /Scheme 1/ })).toBeVisible();

  await tabTo(page, page.getByRole("tab", { name: "Schemes" }));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Timeline" })).toBeFocused();
  await expect(page.getByRole("tabpanel")).toHaveAttribute("aria-labelledby", "tab-timeline");

  const bandwidth = page.getByRole("slider", { name: "Bandwidth" }).first();
  await tabTo(page, bandwidth);
  const rate = await bandwidth.getAttribute("aria-valuetext");
  for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowLeft");
  await expect(bandwidth).not.toHaveAttribute("aria-valuetext", rate ?? "");
  await page.keyboard.press("Control+z");
  await expect(bandwidth).toHaveAttribute("aria-valuetext", rate ?? "");

  await tabTo(page, page.getByRole("button", { name: "Export" }));
  await page.keyboard.press("Enter");
  const download = page.waitForEvent("download");
  await choose(page, page.getByRole("menuitem", { name: /^Plan/ }).first());
  expect((await download).suggestedFilename()).toMatch(/plan\.json$/);
  expect(errors).toEqual([]);
});
