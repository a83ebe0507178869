import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { largeModel } from "../src/core/testing/large-model.ts";
import { openApp, watchErrors } from "./support.ts";

const CHOSEN = "chosen.zip";

/** A file of the browser's own store in place of one that a person chooses. */
async function choosesFile(page: Page): Promise<void> {
  await page.addInitScript((name) => {
    const choose = async () => (await navigator.storage.getDirectory()).getFileHandle(name, { create: true });
    Object.assign(window, { showSaveFilePicker: choose });
  }, CHOSEN);
}

/** Names of the files that the browser's store has. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    const names: string[] = [];
    const folder = await navigator.storage.getDirectory();
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
    return names;
  });

async function saveSegments(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Segments (ONNX), ZIP" }).click();
  await page.getByRole("button", { name: "Save ZIP" }).click();
}

test("a disk that is full is told by a sentence, and no ZIP is left", async ({ page }) => {
  await choosesFile(page);
  await openApp(page);
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  const { usage } = await session.send("Storage.getUsageAndQuota", { origin });
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 1_000_000 });
  await saveSegments(page);
  // The session may not fit either, which another notice tells.
  const notice = page.getByRole("alert").filter({ hasText: "The ZIP cannot be written: the disk is full." });
  await expect(notice).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => stored(page)).toEqual([]);
});

test("an export that is cancelled half way leaves no ZIP", async ({ page }) => {
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  const folder = mkdtempSync(join(tmpdir(), "splitscope-"));
  try {
    const source = largeModel(400e6);
    const path = join(folder, "large.onnx");
    const file = openSync(path, "w");
    const step = 8 * 2 ** 20;
    for (let at = 0; at < source.size; at += step) writeSync(file, source.read(at, Math.min(step, source.size - at)));
    closeSync(file);
    await choosesFile(page);
    await openApp(page);
    await page.getByTestId("model-file").setInputFiles(path);
    await expect(page.getByRole("button", { name: /large\.onnx/ }).first()).toBeVisible();
    await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
    await saveSegments(page);
    await page.getByRole("button", { name: "Cancel what runs" }).click();
    await expect(page.getByRole("button", { name: "Cancel what runs" })).toHaveCount(0);
    await expect.poll(() => stored(page)).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const change of ["changed", "deleted"] as const) {
  test(`a model's file that was ${change} after it was opened is named, and no ZIP is left`, async ({ page }) => {
    const folder = mkdtempSync(join(tmpdir(), "splitscope-"));
    try {
      const path = join(folder, "large.onnx");
      const source = largeModel(20e6);
      writeFileSync(path, source.read(0, source.size));
      await choosesFile(page);
      await openApp(page);
      await page.getByTestId("model-file").setInputFiles(path);
      await expect(page.getByRole("button", { name: /large\.onnx/ }).first()).toBeVisible();
      await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
      if (change === "changed") appendFileSync(path, "more");
      else rmSync(path);
      await saveSegments(page);
      await expect(page.getByRole("alert").filter({ hasText: "Exporting stopped" })).toContainText(
        '"large.onnx" can no longer be read: it was changed, moved or deleted after it was opened; open it again.',
      );
      await expect.poll(() => stored(page)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
