import { expect, test } from "@playwright/test";
import { dropFile, smallModel } from "./files.ts";
import { mainFigure, openApp } from "./support.ts";

const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 98765\n";

const BAD: readonly { readonly name: string; readonly bytes: Buffer; readonly says: RegExp }[] = [
  { name: "empty.onnx", bytes: Buffer.alloc(0), says: /empty/i },
  { name: "page.onnx", bytes: Buffer.from("<!DOCTYPE html><html><body>404</body></html>"), says: /HTML/ },
  { name: "pointer.onnx", bytes: Buffer.from(LFS), says: /Git LFS/ },
  { name: "cut.onnx", bytes: smallModel().subarray(0, 60_000), says: /ends|truncated|cut/i },
  { name: "noise.onnx", bytes: Buffer.from("this is not a model at all, only words"), says: /not an ONNX|ONNX/ },
];

for (const { name, bytes, says } of BAD) {
  test(`${name} is refused with a sentence and what was open stays`, async ({ page }) => {
    await openApp(page);
    const before = await mainFigure(page);
    await dropFile(page, name, bytes);
    const alert = page.getByRole("alert").filter({ hasText: says });
    await expect(alert).toBeVisible();
    await expect(alert).toContainText(name);
    expect(await mainFigure(page)).toBe(before);
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await expect(alert).toBeHidden();
  });
}
