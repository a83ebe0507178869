import { readFile } from "node:fs/promises";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { dropFile } from "./files.ts";
import { mainFigure, openApp, textOf, watchErrors, watchForeignRequests } from "./support.ts";

const why = (page: Page) => page.getByTestId("why");

async function gallery(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /^Scenarios/ }).click();
  const dialog = page.getByRole("dialog", { name: "Scenarios" });
  await expect(dialog.getByRole("listitem")).toHaveCount(6);
  return dialog;
}

async function openScenario(page: Page, title: string): Promise<void> {
  const dialog = await gallery(page);
  await dialog.getByRole("button", { name: title }).click();
  await expect(why(page)).toContainText(title, { timeout: 60_000 });
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/, { timeout: 60_000 });
}

/** Ratio to the best no split, in the top bar. */
async function ratio(page: Page): Promise<number> {
  const text = await textOf(page.getByTestId("figures"));
  return Number(/([\d.]+)x\s*of no split/.exec(text)?.[1] ?? Number.NaN);
}

/** Devices that run ops, in the order of the pipeline. */
const running = (page: Page) =>
  page
    .getByRole("list", { name: "Stages and transfers of the plan" })
    .getByRole("button", { name: /\d ops/ })
    .allTextContents();

test("a raw camera: a split wins, and Why says by what", async ({ page }) => {
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openApp(page);
  await openScenario(page, "A raw camera over 10 Mbit/s");
  await expect(page.getByTestId("certificate")).toHaveText(/optimal latency/);
  expect(await ratio(page)).toBeGreaterThan(1.25);
  expect(await running(page)).toHaveLength(2);
  await expect(why(page)).toContainText(/Splitting wins [\d.]+ ms over Raspberry Pi 3B\+ alone/);
  await expect(why(page).getByRole("list", { name: /Difference to/ })).toContainText("bytes over 10 Mbit/s uplink");
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

test("two boards: nearly twice the rate", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "A video stream over two boards");
  await expect(page.getByTestId("certificate")).toHaveText(/optimal rate/);
  expect(await ratio(page)).toBeGreaterThan(1.9);
  await expect(why(page)).toContainText("The busiest part sets the time per frame");
  await expect(why(page)).toContainText(/Splitting wins [\d.]+ ms over First Raspberry Pi 5 alone/);
});

test("Edge TPUs: four are faster than one, by what stays on chip", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "Weights that one Edge TPU cannot hold");
  expect(await ratio(page)).toBeGreaterThan(1.1);
  expect((await running(page)).map((text) => /Edge TPU \d/.exec(text)?.[0])).toEqual(
    [1, 2, 3, 4].map((n) => `Edge TPU ${n}`),
  );
  const parts = why(page).getByRole("list", { name: /Difference to/ });
  await expect(parts.getByRole("listitem").first()).toContainText(/streaming weights to Edge TPU 1−/);
});

test("a memory cap: no device can alone, three can", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "Too large for any one board");
  await expect(page.getByTestId("figures")).toContainText("no device alone");
  expect(await running(page)).toHaveLength(3);
  await expect(why(page)).toContainText("No device can run the model alone");
  await expect(
    why(page)
      .getByRole("list", { name: /Why no device/ })
      .getByRole("listitem"),
  ).toHaveText([/First Pi Zero 2 W needs \d+ MiB and has 448 MiB/, /Second/, /Third/]);
});

test("a pinned camera: a constraint decides, and giving it up is one click", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "Pixels that must not leave the camera");
  expect(await ratio(page)).toBeGreaterThan(2);
  const pinned = await mainFigure(page);
  await expect(why(page)).toContainText(/Splitting wins [\d.]+ ms over Raspberry Pi 4 alone/);
  await why(page)
    .getByRole("button", { name: /^Allow that: Let \/features\/features\.0 leave Raspberry Pi 4/ })
    .click();
  await expect(why(page)).toContainText(/Splitting loses [\d.]+ ms to GPU server \(T4\) alone/);
  await page.getByRole("button", { name: "Auto-partition" }).click();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal/);
  expect(await mainFigure(page)).toBeLessThan(pinned);
});

test("a fast board: no split is best, and proven", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "A board that is fast enough");
  expect(await ratio(page)).toBe(1);
  expect(await running(page)).toHaveLength(1);
  await expect(why(page)).toContainText("no split is better, and that is proven");
});

test("what would have to change is one click away, and one undo back", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "A raw camera over 10 Mbit/s");
  const before = await mainFigure(page);
  const set = why(page).getByRole("button", {
    name: /^Set [\d.]+ Mbit\/s: Above [\d.]+ Mbit\/s on 10 Mbit\/s uplink, All on GPU server/,
  });
  await set.click();
  await expect(why(page)).toContainText(/Splitting loses [\d.]+ ms to GPU server \(T4\) alone/);
  await page.keyboard.press("Control+z");
  await expect(why(page)).toContainText(/Splitting wins/);
  expect(await mainFigure(page)).toBe(before);
  await why(page)
    .getByRole("button", { name: /^Set [\d.]+ kB: Below/ })
    .click();
  await expect(why(page)).toContainText(/Splitting loses/);
  await page.keyboard.press("Control+z");
  await expect(why(page)).toContainText(/Splitting wins/);
});

test("a scenario is a project of its own: the work before it stays, and it comes back after a reload", async ({
  page,
}) => {
  await openApp(page);
  const split = page.getByRole("slider", { name: /split/i }).first();
  await split.focus();
  await page.keyboard.press("ArrowRight");
  const moved = await mainFigure(page);
  await openScenario(page, "A board that is fast enough");
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(why(page)).toContainText("A board that is fast enough", { timeout: 60_000 });
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /^Projects/ }).click();
  const dialog = page.getByRole("dialog", { name: "Projects" });
  await expect(dialog.getByRole("rowheader")).toHaveText([/^A board that is fast enough/, /^MobileNetV2/]);
  await dialog.getByRole("button", { name: "Open MobileNetV2" }).click();
  await expect(why(page)).not.toContainText("A board that is fast enough");
  await expect.poll(() => mainFigure(page)).toBe(moved);
});

test("a scenario file is exported, dropped and opened; a damaged one has its sentence", async ({ page }) => {
  await openApp(page);
  await openScenario(page, "A video stream over two boards");
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: /^Scenario/ }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  const scenario = JSON.parse(text);
  expect(scenario).toMatchObject({ format: "splitscope-scenario", model: { sample: "resnet50" }, objective: "period" });
  await dropFile(page, "mine.json", Buffer.from(JSON.stringify({ ...scenario, title: "Mine", lesson: "It pays." })));
  await expect(why(page)).toContainText("It pays.", { timeout: 60_000 });
  await expect(page.getByTestId("certificate")).toHaveText(/optimal rate/, { timeout: 60_000 });
  await dropFile(page, "bad.json", Buffer.from(JSON.stringify({ ...scenario, objective: "joy" })));
  await expect(page.getByRole("alert")).toContainText('bad.json has a bad field: objective is "joy"; expected one of');
});

test("Why explains a weighted mix, and any plan that was pinned", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: "Pin this plan" }).click();
  await page.getByRole("combobox", { name: "Objective" }).selectOption("mix");
  const parts = why(page).getByRole("list", { name: /Difference to All on/ });
  await expect(parts).toContainText("latency");
  await expect(parts).toContainText("energy");
  await page.getByRole("button", { name: "Show All on GPU server (T4)" }).click();
  await page.getByRole("combobox", { name: "Objective" }).selectOption("energy");
  await why(page).getByRole("combobox", { name: "Against" }).selectOption({ label: "Scheme 1" });
  await expect(why(page)).toContainText(/This plan (wins|loses) [\d.,]+ m?J (over|to) Scheme 1/);
  await expect(why(page).getByRole("list", { name: "Difference to Scheme 1" })).toContainText("together");
});

test.describe("offline", () => {
  test.use({ serviceWorkers: "allow" });
  test("scenarios open without a network", async ({ page, context }) => {
    await openApp(page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await context.setOffline(true);
    await openScenario(page, "A board that is fast enough");
  });
});
