import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { chain, nestedModel } from "../src/core/testing/bad-models.ts";
import { dropFile } from "./files.ts";
import { openApp } from "./support.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds wrong by WCAG 2.2 A and AA, as one line each. */
async function violations(page: Page): Promise<readonly string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

const TABS = ["Schemes", "Difference", "Timeline", "Breakdown", "Traffic", "Bandwidth", "Trade-offs", "Map"];

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });

    test("the first screen and every comparison pass WCAG 2.2 AA", async ({ page }) => {
      await openApp(page);
      for (const tab of TABS) {
        await page.getByRole("tab", { name: tab }).click();
        await expect(page.getByRole("tabpanel")).toHaveAttribute("aria-labelledby", /tab-/);
        await page.waitForTimeout(300);
        expect(await violations(page), tab).toEqual([]);
      }
    });

    test("menus, dialogs, a selected op and an error pass WCAG 2.2 AA", async ({ page }) => {
      await openApp(page);
      await page.getByRole("button", { name: "Export" }).click();
      expect(await violations(page), "export menu").toEqual([]);
      await page.keyboard.press("Escape");
      await page
        .getByRole("button", { name: /MobileNetV2/ })
        .first()
        .click();
      expect(await violations(page), "model menu").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Model:/ }).click();
      await page.getByRole("menuitem", { name: /^Scenarios/ }).click();
      await expect(page.getByRole("button", { name: /^A raw camera/ })).toBeVisible();
      expect(await violations(page), "scenarios").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /Measure a device/ }).click();
      expect(await violations(page), "measure dialog").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("searchbox").fill("conv");
      await page.keyboard.press("Enter");
      expect(await violations(page), "an op").toEqual([]);
      await page.locator("#model-file").setInputFiles({
        name: "page.html",
        mimeType: "text/html",
        buffer: Buffer.from("<!DOCTYPE html><html></html>"),
      });
      await expect(page.getByRole("alert")).toBeVisible();
      expect(await violations(page), "an error").toEqual([]);
    });

    test("a body, a tensor and a closed module pass WCAG 2.2 AA", async ({ page }) => {
      await openApp(page);
      await dropFile(page, "nested.onnx", Buffer.from(nestedModel(3)));
      await expect(page.getByRole("button", { name: /^Model: nested/ })).toBeVisible();
      const network = page.getByRole("region", { name: "Network", exact: true });
      await network.focus();
      await page.keyboard.press("ArrowRight");
      await page.getByTestId("op-details").getByRole("button").first().click();
      await expect(page.getByTestId("body-bar")).toBeVisible();
      await network.focus();
      await page.keyboard.press("ArrowRight");
      await expect(page.getByTestId("body-op-details")).toBeVisible();
      expect(await violations(page), "a body").toEqual([]);
      await page.getByRole("button", { name: "Network", exact: true }).click();
      await page
        .getByTestId("op-details")
        .getByRole("heading", { name: "Reads" })
        .locator("+ ul button")
        .first()
        .click();
      await expect(page.getByTestId("tensor-details")).toBeVisible();
      expect(await violations(page), "a tensor").toEqual([]);

      await dropFile(page, "chain.onnx", Buffer.from(chain(500).bytes()));
      await expect(page.getByRole("button", { name: /^Model: chain/ })).toBeVisible();
      await network.focus();
      await page.keyboard.press("ArrowRight");
      await expect(page.getByTestId("module-details")).toBeVisible();
      expect(await violations(page), "a module").toEqual([]);
    });

    test("goals, the rig editor, projects, scenarios and the menu of an op pass WCAG 2.2 AA", async ({ page }) => {
      await openApp(page);
      await page.getByText("Goals and limits").click();
      expect(await violations(page), "goals").toEqual([]);
      await page.getByRole("button", { name: "Rewire…" }).click();
      await expect(page.getByRole("button", { name: "Add link" })).toBeVisible();
      expect(await violations(page), "rig editor").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Model:/ }).click();
      await page.getByRole("menuitem", { name: /Projects/ }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "projects").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Model:/ }).click();
      await page.getByRole("menuitem", { name: /Scenarios/ }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "scenarios").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("region", { name: "Network", exact: true }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Shift+F10");
      await expect(page.getByRole("menu")).toBeVisible();
      expect(await violations(page), "menu of an op").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Help", exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "help").toEqual([]);
    });
  });
}
