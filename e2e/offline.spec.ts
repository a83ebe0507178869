import { expect, type Page, test } from "@playwright/test";
import { openApp, watchErrors } from "./support.ts";

test.use({ serviceWorkers: "allow" });

/** Waits until everything that the build lists for it is in the service worker's cache. */
async function keptForOffline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  const large = () =>
    page.evaluate(async () => {
      const names = await caches.keys();
      const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return kept.flat().filter(({ url }) => url.endsWith(".wasm")).length;
    });
  await expect.poll(large, { timeout: 60_000 }).toBe(2);
}

test("after the first load the app works without a network", async ({ page, context }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await keptForOffline(page);
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
  // The headers of the page are kept with it.
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /^GoogLeNet/ }).click();
  await expect(page.getByRole("button", { name: /^Model: GoogLeNet/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
  await page.getByLabel("Objective").selectOption("energy");
  await page.getByRole("button", { name: "Auto-partition" }).click();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
  for (const tab of ["Timeline", "Breakdown", "Bandwidth"]) {
    await page.getByRole("tab", { name: tab }).click();
    await expect(page.getByRole("tabpanel")).toBeVisible();
  }
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(errors).toEqual([]);
});

test("a network that is there is asked first, and other builds' files are forgotten", async ({ page }) => {
  await page.addInitScript(async () => {
    if (sessionStorage.getItem("planted") !== null) return;
    sessionStorage.setItem("planted", "yes");
    await (await caches.open("splitscope-of-another-build")).put("/old.js", new Response("old"));
  });
  await openApp(page);
  await keptForOffline(page);
  const names = await page.evaluate(() => caches.keys());
  expect(names).toEqual([expect.stringMatching(/^splitscope-[0-9a-f]{16}$/)]);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().isNavigationRequest()),
    page.reload(),
  ]);
  expect(answer.fromServiceWorker()).toBe(true);
  expect(answer.headers()["cross-origin-embedder-policy"]).toBe("require-corp");
});
