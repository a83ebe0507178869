import { test } from "@playwright/test";
import { openApp } from "../support.ts";

/** The README's picture. */
test("first screen", async ({ page }) => {
  await openApp(page);
  await page.screenshot({ path: "public/screenshots/first-screen.png" });
});
