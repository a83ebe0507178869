import { expect, type Page, test } from "@playwright/test";
import { ModelBuilder } from "../src/core/testing/model-builder.ts";
import { dropFile } from "./files.ts";
import { openApp, watchErrors } from "./support.ts";

/** A network around an op of a vendor's own, of which nobody knows the output. */
function vendorModel(): Buffer {
  const net = new ModelBuilder({ name: "vendor", domains: new Map([["vendor", 1]]) });
  const x = net.input("x", "float", [1, 3, 32, 32]);
  const y = net.node("Mystery", [net.node("Relu", [x], { name: "before" })], {
    name: "odd",
    domain: "vendor",
    outputs: ["m"],
  });
  net.output(net.node("Sigmoid", [y], { name: "behind", outputs: ["y"] }));
  return Buffer.from(net.bytes());
}

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

async function selectBehind(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: /^Model: vendor\.onnx/ })).toBeVisible();
  const search = page.getByRole("searchbox", { name: /^Find an op/ });
  await search.fill("behind");
  await search.press("Enter");
}

test("a tensor of unknown type gets one from the user, and what follows from it is known", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await dropFile(page, "vendor.onnx", vendorModel());
  await expect(page.getByRole("button", { name: /^Model: vendor\.onnx/ })).toBeVisible();
  await expect(
    page.getByText(/type of "m" and 1 more tensors is not known: .* "Mystery" of the domain "vendor"/),
  ).toBeVisible();

  const search = page.getByRole("searchbox", { name: /^Find an op/ });
  await search.fill("behind");
  await search.press("Enter");
  const details = page.getByTestId("op-details");
  await expect(details).toContainText("shape unknown");
  const reads = details.getByRole("listitem").filter({ hasText: "m" }).first();
  await reads.getByText("Type not known: state it").click();
  await expect(reads).toContainText('Splitscope does not know the op "Mystery"');

  const sizes = reads.getByLabel("Sizes");
  await sizes.fill("1, eight");
  await reads.getByRole("button", { name: "Use this type" }).click();
  await expect(reads.getByRole("alert")).toContainText('"eight" is no size');
  await sizes.fill("1, 8, 16");
  await reads.getByRole("button", { name: "Use this type" }).click();
  await expect(details).toContainText("float32 1×8×16 · 512 B");
  await expect(details).not.toContainText("shape unknown");
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);

  await reads.getByRole("button", { name: "Take it back" }).click();
  await expect(details).toContainText("shape unknown");
  expect(errors).toEqual([]);
});

/** The types that were stated for tensors in all kept projects, as text. */
function keptTypes(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const opening = indexedDB.open("splitscope");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("projects").objectStore("projects").getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opening.result.close();
            resolve(JSON.stringify(all.result.map(({ model }) => model.givenTypes)));
          };
        };
      }),
  );
}

test("what was stated goes with a link to the plan, and stays over a reload", async ({ page, browser }) => {
  await openApp(page);
  await dropFile(page, "vendor.onnx", vendorModel());
  await selectBehind(page);
  await page.getByText("Type not known: state it").first().click();
  await page.getByLabel("Sizes").first().fill("1, 8, 16");
  await page.getByRole("button", { name: "Use this type" }).first().click();
  await expect(page.getByTestId("op-details")).toContainText("float32 1×8×16");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /^Copy link/ }).click();
  await expect(page.locator(".notice", { hasText: "The link is copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  await expect.poll(() => keptTypes(page)).toContain("[1,8,16]");
  await page.reload();
  await expect(page.getByRole("button", { name: /^Model: vendor\.onnx/ })).toBeVisible();
  await selectBehind(page);
  await expect(page.getByTestId("op-details")).toContainText("float32 1×8×16");

  const other = await browser.newPage();
  await other.addInitScript(() => localStorage.setItem("splitscope-tour-seen", "yes"));
  await other.goto(link);
  await dropFile(other, "vendor.onnx", vendorModel());
  await selectBehind(other);
  await expect(other.getByTestId("op-details")).toContainText("float32 1×8×16");
});
