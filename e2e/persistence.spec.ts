import { readFile } from "node:fs/promises";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { dropFile, ownModel, smallModel } from "./files.ts";
import { mainFigure, openApp, watchErrors, watchForeignRequests } from "./support.ts";

const split = (page: Page) => page.getByRole("slider", { name: /split/i }).first();
const certificate = (page: Page) => page.getByTestId("certificate");

/** Steps of history in the project that was written last, -1 for none since then. Must not create the database itself. */
async function stepsWritten(page: Page, since: number): Promise<number> {
  return page.evaluate(async (least) => {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === "splitscope")) return -1;
    return new Promise<number>((resolve, reject) => {
      const opening = indexedDB.open("splitscope");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const all = opening.result.transaction("projects").objectStore("projects").getAll();
        all.onsuccess = () => {
          opening.result.close();
          const records = all.result.filter(({ modifiedAt }) => modifiedAt >= least);
          const [latest] = records.sort((a, b) => b.modifiedAt - a.modifiedAt);
          resolve(latest === undefined ? -1 : latest.past.length);
        };
      };
    });
  }, since);
}

/** Waits until so many steps have been written in a project that changed since then. */
async function kept(page: Page, steps: number, since = 0): Promise<void> {
  await expect.poll(() => stepsWritten(page, since)).toBe(steps);
}

async function projects(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /^Projects/ }).click();
  const dialog = page.getByRole("dialog", { name: "Projects" });
  await expect(dialog.getByRole("row")).not.toHaveCount(0);
  return dialog;
}

/** Puts a value at a project's record, or at a field of it, past the app. */
async function tamper(page: Page, change: Record<string, unknown>): Promise<void> {
  await page.evaluate(
    (fields) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open("splitscope");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction(["projects", "summaries"], "readwrite");
          for (const name of ["projects", "summaries"]) {
            const cursor = transaction.objectStore(name).openCursor();
            cursor.onsuccess = () => {
              const row = cursor.result;
              if (row === null) return;
              row.update({ ...row.value, ...fields });
              row.continue();
            };
          }
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    change,
  );
}

/** What an export of the Export menu holds. */
async function exported(page: Page, item: RegExp): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  return readFile(await (await waiting).path(), "utf8");
}

test("a whole job survives a reload, with its file, profile, schemes and history, and nothing leaves the page", async ({
  page,
}) => {
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openApp(page);
  await dropFile(page, "own.onnx", smallModel());
  await expect(page.getByRole("button", { name: /^Model: own\.onnx/ })).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
  const table = (await exported(page, /CSV/)).trim().split("\r\n").slice(1);
  const profile = ["node,latency_ms", ...table.map((row) => `${row.split(",")[1]},0.5`)].join("\n");
  const card = page.locator('[aria-label="Raspberry Pi 4"]');
  await dropFile(page, "pi.csv", Buffer.from(profile), '[aria-label="Raspberry Pi 4"]');
  await expect(card).toContainText(`${table.length} of ${table.length} ops`);
  await page.getByLabel("Objective").selectOption("latency");
  await page.getByRole("button", { name: "Auto-partition" }).click();
  await expect(certificate(page)).toHaveText(/optimal/);
  await page.getByRole("button", { name: "Pin this plan" }).click();
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  const position = await split(page).getAttribute("aria-valuenow");
  const figure = await mainFigure(page);
  expect(await exported(page, /Plan \(JSON\)/)).toContain("splitscope-plan");
  await kept(page, 4);

  await page.reload();
  await expect(page.getByRole("button", { name: /^Model: own\.onnx/ })).toBeVisible();
  await expect.poll(() => mainFigure(page)).toBe(figure);
  await expect(split(page)).toHaveAttribute("aria-valuenow", position ?? "");
  await expect(page.getByLabel("Objective")).toHaveValue("latency");
  await expect(card).toContainText(`${table.length} of ${table.length} ops`);
  await expect(page.getByRole("textbox", { name: "Name of Scheme 1" })).toBeVisible();
  // The plan is that of a moved split; a step back, the proof is there again.
  await expect(certificate(page)).toHaveText(/by hand/);
  await page.keyboard.press("Control+z");
  await expect(certificate(page)).toHaveText(/optimal/);
  // The file itself is there too: its segments can be run.
  await page.getByRole("button", { name: "Verify segments" }).click();
  await expect(page.getByRole("region", { name: "Proven by running" })).toContainText(/bit-equal/, { timeout: 60_000 });
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

test("projects are listed, renamed, copied, opened and deleted", async ({ page }) => {
  await openApp(page);
  const first = await mainFigure(page);
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  const moved = await mainFigure(page);
  expect(moved).not.toBe(first);
  // Work on one model is not lost to the next.
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /^GoogLeNet/ }).click();
  await expect(page.getByRole("button", { name: /^Model: GoogLeNet/ })).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
  let dialog = await projects(page);
  await expect(dialog).toContainText("kept in this browser only");
  await expect(dialog.getByRole("rowheader")).toHaveText([/^GoogLeNet/, /^MobileNetV2/]);

  await dialog.getByRole("button", { name: "Rename MobileNetV2" }).click();
  await dialog.getByRole("textbox").fill("Camera <b>1</b>");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Duplicate Camera <b>1</b>" }).click();
  await expect(dialog.getByRole("rowheader")).toHaveCount(3);
  await dialog.getByRole("button", { name: "Open Camera <b>1</b>", exact: true }).click();
  await expect(page.getByRole("button", { name: /^Model: MobileNetV2/ })).toBeVisible();
  await expect.poll(() => mainFigure(page)).toBe(moved);

  dialog = await projects(page);
  await dialog.getByRole("button", { name: "Delete GoogLeNet", exact: true }).click();
  await dialog.getByRole("button", { name: "Delete GoogLeNet for good" }).click();
  await expect(dialog.getByRole("rowheader")).toHaveText([/Camera/, /Camera/]);
  await dialog.getByRole("button", { name: "New project" }).click();
  await expect.poll(() => mainFigure(page)).toBe(first);
  dialog = await projects(page);
  await expect(dialog.getByRole("rowheader")).toHaveCount(3);
});

test("a later version's project is refused with a sentence and stays as it is", async ({ page }) => {
  await openApp(page);
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  await kept(page, 1);
  await tamper(page, { version: 99, rigs: "of another kind" });
  await page.reload();
  await expect(page.locator(".notice")).toContainText(/made by a later version of Splitscope .* It is left as it is/);
  await expect(certificate(page)).toHaveText(/optimal/);
  const now = Date.now();
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  await kept(page, 1, now);
  const dialog = await projects(page);
  await expect(dialog.getByRole("row")).toHaveCount(3);
  await expect(
    dialog
      .getByRole("row", { name: /made by a later version/ })
      .getByRole("button")
      .first(),
  ).toBeDisabled();
});

test("a damaged project is a sentence, and the app starts as on a first visit", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await kept(page, 0);
  await tamper(page, { plans: [{ devices: ["x"], stageOf: "damaged" }] });
  await page.reload();
  await expect(page.getByRole("alert")).toContainText(/The project "MobileNetV2" is damaged: plans\[0\]\.stageOf/);
  await expect(certificate(page)).toHaveText(/optimal/);
  expect(errors).toEqual([]);
});

test("a project whose file is not kept waits for that file", async ({ page }) => {
  await openApp(page);
  await dropFile(page, "own.onnx", ownModel());
  await expect(page.getByRole("button", { name: /^Model: own\.onnx/ })).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
  await split(page).focus();
  await page.keyboard.press("ArrowRight");
  const figure = await mainFigure(page);
  await kept(page, 1);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open("splitscope");
        opening.onsuccess = () => {
          const transaction = opening.result.transaction("files", "readwrite");
          transaction.objectStore("files").clear();
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
  );
  await page.reload();
  const waiting = page.getByRole("region", { name: "Waiting for a file" });
  await expect(waiting).toContainText(/open own\.onnx \(SHA-256 [0-9a-f]{12}…\) again to go on with "own\.onnx"/);
  await dropFile(page, "renamed.onnx", ownModel());
  await expect(waiting).toBeHidden({ timeout: 30_000 });
  await expect.poll(() => mainFigure(page)).toBe(figure);
});

test("a second tab does not write over the first one's project", async ({ page, context }) => {
  await openApp(page);
  await kept(page, 0);
  const second = await context.newPage();
  await openApp(second);
  await expect(second.locator(".notice")).toContainText("open in another tab");
  await second.close();
});
