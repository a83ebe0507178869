import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { decodeModel } from "../src/core/onnx/decode.ts";
import { bytesSource } from "../src/core/onnx/source.ts";
import { unwrap } from "../src/core/result.ts";
import { chainModel } from "../src/core/testing/models.ts";
import { dropFile } from "./files.ts";
import { openApp, watchErrors, watchForeignRequests } from "./support.ts";

const start = (page: Page) => page.getByRole("button", { name: "Profile this browser", exact: true });
const card = (page: Page) => page.locator('[aria-label="This browser"]');

test("the model is measured here and becomes a device, in one step that undo takes back", async ({ page }) => {
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openApp(page);
  await dropFile(page, "chain.onnx", Buffer.from(chainModel(9)));
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  await expect(card(page)).toHaveCount(0);

  await start(page).click();
  await expect(card(page)).toContainText("measured, 9 of 9 ops", { timeout: 60_000 });
  await expect(start(page)).toBeVisible();
  const threads = await page.evaluate(() => (crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 0));
  expect(threads, "npm start serves an isolated page").toBeGreaterThan(0);
  await expect(card(page)).toContainText(
    `onnxruntime-web 1.30.0 WASM, ${threads === 1 ? "1 thread" : `${threads} threads`}, level all`,
  );

  // Measured again it is the same device.
  await start(page).click();
  await expect(page.getByRole("status").filter({ hasText: "Profiling in this browser" })).toBeVisible();
  await expect(start(page)).toBeVisible({ timeout: 60_000 });
  await expect(card(page)).toHaveCount(1);

  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(card(page)).toHaveCount(0);
  await page.keyboard.press("Control+Shift+z");
  await expect(card(page)).toContainText("measured, 9 of 9 ops");
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

test("cancelled, it stops at once and nothing changes", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await start(page).click();
  const status = page.getByRole("status").filter({ hasText: "Profiling in this browser" });
  await expect(status).toContainText(/Warming up|Run \d+/, { timeout: 60_000 });
  await page.getByRole("button", { name: "Cancel profiling" }).click();
  await expect(start(page)).toBeVisible({ timeout: 2_000 });
  await expect(card(page)).toHaveCount(0);
  expect(errors).toEqual([]);
});

const gpuStart = (page: Page) => page.getByRole("button", { name: "Profile its GPU", exact: true });

test("without a GPU the choice is there, disabled, and says why", async ({ page }) => {
  await openApp(page);
  await expect(gpuStart(page)).toBeDisabled();
  await expect(gpuStart(page)).toHaveAttribute("title", /offers no GPU to web pages/);
});

test("the commands' sample is saved as the file that they name", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: "Measure a device…" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Save .*\.onnx$/ }).click();
  const download = await waiting;
  const name = download.suggestedFilename();
  await expect(page.getByRole("dialog")).toContainText(`npm run splitscope -- profile ${name}`);
  const bytes = await readFile(await download.path());
  expect(unwrap(decodeModel(bytesSource(name, bytes))).proto.graph?.node.length).toBeGreaterThan(50);
});
