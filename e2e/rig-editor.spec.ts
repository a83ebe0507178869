import { expect, test } from "@playwright/test";
import { openApp } from "./support.ts";

test("devices are rewired, faults stand beside their part, and the rig is saved and opened again", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: "Rewire…" }).click();
  const editor = page.getByRole("dialog", { name: "Devices and links" });
  const use = editor.getByRole("button", { name: "Use this rig" });
  await editor.getByRole("button", { name: "Remove link 2" }).click();
  await expect(editor.getByText(/^No link leads from Raspberry Pi 4.* to GPU server/)).toBeVisible();
  await expect(use).toBeDisabled();

  const boxes = await Promise.all([0, 2].map((n) => editor.locator(".rig-node").nth(n).boundingBox()));
  const [from, to] = boxes.map((box) => {
    if (box === null) throw new Error("the device is not on screen");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
  if (from === undefined || to === undefined) throw new Error("the rig has three devices");
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
  await expect(use).toBeEnabled();
  await expect(editor.locator(".rig-edge")).toHaveCount(2);

  const saved = page.waitForEvent("download");
  await editor.getByRole("button", { name: "Export" }).click();
  const path = await (await saved).path();
  await editor.getByRole("button", { name: "Mesh" }).click();
  await expect(editor.locator(".rig-edge")).toHaveCount(3);
  await page
    .getByTestId("rig-file")
    .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(editor.getByRole("status")).toContainText(/not a rig|format|expected/);
  await page.getByTestId("rig-file").setInputFiles(path);
  await expect(editor.locator(".rig-edge")).toHaveCount(2);
  await use.click();
  await expect(page.getByRole("button", { name: "Undo Rewire devices" })).toBeEnabled();
});
