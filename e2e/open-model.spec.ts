import { expect, test } from "@playwright/test";
import { dropFile, smallModel } from "./files.ts";
import { openApp, watchErrors } from "./support.ts";

test("a model opens by the file chooser and by drop", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await page.getByTestId("model-file").setInputFiles({
    name: "chosen.onnx",
    mimeType: "application/octet-stream",
    buffer: smallModel(),
  });
  await expect(page.getByRole("button", { name: /^Model: chosen\.onnx/ })).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  await dropFile(page, "dropped.onnx", smallModel());
  await expect(page.getByRole("button", { name: /^Model: dropped\.onnx/ })).toBeVisible();
  expect(errors).toEqual([]);
});

test("a sample with open dimensions asks for them and takes other sizes", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /Transformer/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible({ timeout: 60_000 });
  await dialog.getByLabel("sequence").fill("64");
  await dialog.getByRole("button", { name: "Infer shapes" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });
  await page.getByRole("button", { name: /^Model:/ }).click();
  await expect(page.getByRole("menuitem", { name: /Change dimensions/ })).toContainText("sequence = 64");
});
