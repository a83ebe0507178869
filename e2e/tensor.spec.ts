import { expect, test } from "@playwright/test";
import { openApp, watchErrors } from "./support.ts";

test("a tensor tells who writes and reads it and what a cut there carries, and leads to its ops", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  const search = page.getByRole("searchbox", { name: /^Find an op/ });
  await search.fill("Add");
  await search.press("Enter");
  const op = page.getByTestId("op-details");
  const name = await op.locator("p.tensor-name").textContent();
  await op.getByRole("heading", { name: "Writes" }).locator("+ ul").getByRole("button").first().click();

  const tensor = page.getByTestId("tensor-details");
  await expect(tensor).toContainText(/Typefloat32 1×\d+×\d+×\d+/);
  await expect(tensor).toContainText(/In memory[\d.]+ [KM]iB/);
  await expect(tensor).toContainText(/On a link[\d.]+ [kM]B, sent as/);
  await expect(tensor).toContainText(/One tensor separates|tensors cross/);
  const writer = tensor.getByRole("heading", { name: "Written by" }).locator("+ ul").getByRole("button");
  await expect(writer).toHaveText(name ?? "");

  await tensor.getByRole("heading", { name: "Read by" }).locator("+ ul").getByRole("button").first().press("Enter");
  await expect(op).toBeVisible();
  await expect(op.locator("p.tensor-name")).not.toHaveText(name ?? "");
  expect(errors).toEqual([]);
});
