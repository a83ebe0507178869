import { expect, test } from "@playwright/test";
import { CHROMIUM_FLAGS } from "../src/cli/scripts/chromium.mjs";
import { chainModel } from "../src/core/testing/models.ts";
import { dropFile } from "./files.ts";
import { openApp, watchErrors } from "./support.ts";

/** A GPU of its own making, where the machine has none. */
const GPU_FLAGS = [
  ...CHROMIUM_FLAGS.filter((flag) => flag !== "--disable-gpu"),
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
  "--ignore-gpu-blocklist",
];

test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, args: GPU_FLAGS }) });

test("the model is measured on a GPU, op by op, and it becomes a device", async ({ page }) => {
  test.setTimeout(240_000);
  const errors = watchErrors(page);
  await openApp(page);
  await dropFile(page, "chain.onnx", Buffer.from(chainModel(9)));
  const start = page.getByRole("button", { name: "Profile its GPU", exact: true });
  await expect(start).toBeEnabled();
  await start.click();
  const gpu = page.locator('[aria-label="This browser (WebGPU)"]');
  await expect(gpu).toContainText("measured, 9 of 9 ops", { timeout: 200_000 });
  await expect(gpu).toContainText("onnxruntime-web 1.30.0 WebGPU on google swiftshader, level all");
  expect(errors).toEqual([]);
});
