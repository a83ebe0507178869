import { expect, test } from "@playwright/test";
import { chain, claimingModel, nestedModel, unsortedModel } from "../src/core/testing/bad-models.ts";
import { withExternalData } from "../src/core/testing/external-data.ts";
import { dropFile, smallModel } from "./files.ts";
import { mainFigure, openApp, watchErrors } from "./support.ts";

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

const LONG = "n".repeat(20_000);

/** Files that a model may come in, however odd; with null those that open, else what is said of them. */
const ODD: readonly (readonly [string, Uint8Array, RegExp | null])[] = [
  ["nested-60.onnx", nestedModel(60), /nests messages deeper than 64 levels/],
  ["nested-20.onnx", nestedModel(20), null],
  ["long-chain.onnx", chain(5000).bytes(), null],
  ["long-names.onnx", chain(60, (op) => `/${LONG}${op >> 3}/${LONG}${op}`).bytes(), null],
  ["huge-size.onnx", claimingModel([2n ** 62n, 4n]), null],
  ["negative-size.onnx", claimingModel([-1n, 4n]), null],
  ["unsorted.onnx", unsortedModel(40), null],
  ["elsewhere.onnx", withExternalData(claimingModel([1n, 4n]), "../../../etc/passwd").model, null],
];

test("odd files open or are refused one after the other, and the app works on", async ({ page }) => {
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  await openApp(page);
  for (const [name, bytes, says] of ODD) {
    await dropFile(page, name, Buffer.from(bytes));
    if (says === null) {
      await expect(page.getByRole("button", { name: new RegExp(`^Model: ${name}`) })).toBeVisible({ timeout: 30_000 });
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await page.getByRole("region", { name: "Network", exact: true }).focus();
      await page.keyboard.press("ArrowRight");
      await expect(page.getByTestId("op-details").or(page.getByTestId("module-details"))).toBeVisible();
    } else await expect(page.getByRole("alert").filter({ hasText: says })).toContainText(name);
  }
  await dropFile(page, "good.onnx", smallModel());
  await expect(page.getByRole("button", { name: /^Model: good\.onnx/ })).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });
  expect(errors).toEqual([]);
});
