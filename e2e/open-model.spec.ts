import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { withExternalData } from "../src/core/testing/external-data.ts";
import { ModelBuilder } from "../src/core/testing/model-builder.ts";
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

test("a folder opens as its model with the data files that it means, and its weights are there", async ({ page }) => {
  const net = new ModelBuilder({ name: "net" });
  const product = net.node("MatMul", [net.input("x", "float", [4, 40]), net.weight("w", [40, 40], 1)]);
  const { model, data } = withExternalData(net.output(net.node("Relu", [product])).bytes(), "weights/net.bin");
  const folder = await mkdtemp(join(tmpdir(), "splitscope-folder-"));
  try {
    await mkdir(join(folder, "weights"));
    await mkdir(join(folder, "other"));
    await writeFile(join(folder, "net.onnx"), model);
    await writeFile(join(folder, "weights", "net.bin"), data);
    await writeFile(join(folder, "other", "net.bin"), "not these");
    await writeFile(join(folder, "plan.json"), "{}");
    const errors = watchErrors(page);
    await openApp(page);
    await page.getByTestId("model-folder").setInputFiles(folder);
    await expect(page.getByRole("button", { name: /^Model: net\.onnx/ })).toBeVisible();
    await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
    await page.getByRole("button", { name: "Verify segments" }).click();
    await expect(page.getByText(/segments bit-equal/).first()).toBeVisible({ timeout: 60_000 });
    expect(errors).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
