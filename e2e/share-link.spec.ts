import { type Browser, expect, type Page, test } from "@playwright/test";
import { dropFile, ownModel } from "./files.ts";
import { mainFigure, openApp, watchErrors, watchForeignRequests } from "./support.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const split = (page: Page) => page.getByRole("slider", { name: /split/i }).first();

async function copiedLink(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /^Copy link/ }).click();
  await expect(page.locator(".notice", { hasText: "The link is copied" })).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The link as another person opens it: in a browser that has kept nothing. */
async function openElsewhere(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(() => localStorage.setItem("splitscope-tour-seen", "yes"));
  await page.goto(address);
  return page;
}

test("a link to a sample shows its rig and plan elsewhere", async ({ page, browser }) => {
  await openApp(page);
  await page.getByLabel("Objective").selectOption("latency");
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const figure = await mainFigure(page);
  const position = await split(page).getAttribute("aria-valuenow");
  const link = await copiedLink(page);
  expect(link).toMatch(/#plan=[A-Za-z0-9_-]+$/);
  expect(link.length).toBeLessThan(4000);

  const other = await openElsewhere(browser, link);
  const errors = watchErrors(other);
  const foreign = watchForeignRequests(other);
  await expect(split(other)).toHaveAttribute("aria-valuenow", position ?? "", { timeout: 30_000 });
  expect(await mainFigure(other)).toBe(figure);
  await expect(other.getByLabel("Objective")).toHaveValue("latency");
  // From here on it is a session like any other.
  await expect.poll(() => other.url()).not.toContain("#");
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
  await other.close();
});

test("a link to a file says which, and shows its plan once that file is open", async ({ page, browser }) => {
  await openApp(page);
  await dropFile(page, "own.onnx", ownModel());
  await expect(page.getByRole("button", { name: /^Model: own\.onnx/ })).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/);
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  const figure = await mainFigure(page);
  const link = await copiedLink(page);

  const other = await openElsewhere(browser, link);
  const waiting = other.getByRole("region", { name: "Waiting for a file" });
  await expect(waiting).toContainText(/The link holds a plan for own\.onnx \(SHA-256 [0-9a-f]{12}…\)/);
  await expect(other.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 30_000 });
  await dropFile(other, "another-name.onnx", ownModel());
  await expect(waiting).toBeHidden({ timeout: 30_000 });
  await expect.poll(() => mainFigure(other)).toBe(figure);
  await other.close();
});

test("a damaged link is a sentence, and the app opens as always", async ({ page }) => {
  await page.goto("/#plan=AAAA____broken");
  await expect(page.getByRole("alert")).toContainText(/The link in the address is damaged: /);
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
});
