import { expect, type Page, test } from "@playwright/test";
import { layersForOps, transformer } from "../src/core/testing/samples/transformer.ts";
import { openApp, textOf, watchErrors } from "./support.ts";

async function openEncoder(page: Page, ops: number): Promise<void> {
  const bytes = transformer({ layers: layersForOps(ops), hidden: 64, heads: 4, vocabulary: 100, weights: "light" });
  await page.getByTestId("model-file").setInputFiles({
    name: "encoder.onnx",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(bytes),
  });
  await expect(page.getByRole("button", { name: /^Model: encoder/ })).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });
}

const details = (page: Page) => page.getByTestId("module-details");

/** Goes from box to box until one has a heading that fits. */
async function selectModule(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("region", { name: "Network", exact: true }).focus();
  await expect(async () => {
    await page.keyboard.press("ArrowRight");
    await expect(details(page).getByRole("heading", { level: 2 })).toHaveText(name, { timeout: 200 });
  }).toPass({ intervals: [50] });
}

async function svgText(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /SVG/ }).click();
  const stream = await (await saved).createReadStream();
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test("a closed module tells its sums, its latency, its cuts and where it runs; a split through it shows", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await openApp(page);
  await openEncoder(page, 1000);
  await selectModule(page, /^layer\.\d+$/);
  const layer = details(page);
  await expect(layer).toContainText(/Module of \d+ ops, of the same ops and shapes as \d+ others\./);
  await expect(layer).toContainText(/Work\d/);
  await expect(layer).toContainText(/Parameters\d/);
  await expect(layer).toContainText(/\d MatMul/);
  await expect(layer).toContainText("No single tensor separates here; 2 tensors cross: 33.3 kB.");
  await expect(layer).toContainText(/Runs instage \d \([^)]+\)/);

  // One device for the first ops of the layer, another for what comes behind: the split runs through the layer.
  const name = await textOf(layer.getByRole("heading", { level: 2 }));
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: "Cut before here" }).click();
  await page.getByRole("slider", { name: /split/i }).first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await selectModule(page, new RegExp(`^${name.replace(".", "\\.")}$`));
  await expect(layer).toContainText(/Runs instage 1 \(.*\), stage 2 \(.*\): split/);
  await expect(async () => {
    expect((await svgText(page)).replaceAll(/<[^>]*>/g, " ")).toMatch(/[A-C] \| [A-C]/);
  }).toPass();
  expect(errors).toEqual([]);
});

test("opening more than can be drawn says what was closed for it", async ({ page }) => {
  await openApp(page);
  await openEncoder(page, 5000);
  const bar = page.getByRole("navigation", { name: "Modules" });
  const open = bar.getByRole("button", { name: "Open a level of modules" });
  await expect(async () => {
    await open.click();
    await expect(bar.getByRole("status")).toHaveText(
      /^Opened \d+ of \d+ modules; at most 1,000 boxes and wires are drawn at once\.$/,
      { timeout: 500 },
    );
  }).toPass();
});
