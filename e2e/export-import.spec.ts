import { readFile } from "node:fs/promises";
import { type Download, expect, type Page, test } from "@playwright/test";
import { dropFile } from "./files.ts";
import { mainFigure, openApp } from "./support.ts";

async function download(page: Page, item: RegExp): Promise<Download> {
  await page.getByRole("button", { name: "Export" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  return waiting;
}

test("an exported plan opens again to the same screen", async ({ page: first, browser }) => {
  let page = first;
  await openApp(page);
  const handleOf = (shown: Page) => shown.getByRole("slider", { name: /split/i }).first();
  await handleOf(page).focus();
  await page.keyboard.press("ArrowRight");
  const figure = await mainFigure(page);
  const position = await handleOf(page).getAttribute("aria-valuenow");
  const file = await download(page, /Plan \(JSON\)/);
  const bytes = await readFile(await file.path());
  const document = JSON.parse(bytes.toString()) as { format: string; model: { sha256: string } };
  expect(document.format).toBe("splitscope-plan");
  expect(document.model.sha256).toMatch(/^[0-9a-f]{64}$/);

  // Another browser, which has kept nothing of the session.
  page = await browser.newPage();
  await openApp(page);
  expect(await mainFigure(page)).not.toBe(figure);
  await dropFile(page, file.suggestedFilename(), bytes);
  await expect.poll(() => mainFigure(page)).toBe(figure);
  await expect(handleOf(page)).toHaveAttribute("aria-valuenow", position ?? "");
  await page.close();
});

test("a plan of another model is refused with a sentence", async ({ page }) => {
  await openApp(page);
  const file = await download(page, /Plan \(JSON\)/);
  const text = (await readFile(await file.path())).toString();
  const foreign = text.replace(/"sha256": ?"[0-9a-f]{64}"/, `"sha256": "${"0".repeat(64)}"`);
  expect(foreign).not.toBe(text);
  await dropFile(page, "foreign.plan.json", Buffer.from(foreign));
  await expect(page.getByRole("alert")).toContainText(/was made for .* SHA-256/);
});

test("the table of ops and the picture of the graph are exported", async ({ page }) => {
  await openApp(page);
  const csv = (await readFile(await (await download(page, /CSV/)).path())).toString();
  expect(csv.split("\n").length).toBeGreaterThan(60);
  expect(csv.split("\n")[0]).toContain("op");
  const png = await readFile(await (await download(page, /PNG/)).path());
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.length).toBeGreaterThan(5000);
});
