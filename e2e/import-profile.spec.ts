import { readFile } from "node:fs/promises";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { PROFILE_TEXTS } from "../src/core/testing/profile-texts.ts";
import { dropFile, dropFiles } from "./files.ts";
import { mainFigure, openApp, watchErrors } from "./support.ts";

interface Op {
  readonly name: string;
  readonly type: string;
}

/** Names and types of the ops on screen, out of the table that the app exports. */
async function opsOnScreen(page: Page): Promise<readonly Op[]> {
  await page.getByRole("button", { name: "Export" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  const text = await readFile(await (await waiting).path(), "utf8");
  const ops = text
    .trim()
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(","));
  return ops.map(([, name = "", type = ""]) => ({ name, type }));
}

/** The first three are warm-up, which the app leaves out. */
const RUNS = 23;

/** A trace as ONNX Runtime writes it: every op takes `microseconds` in each run. */
function ortTrace(ops: readonly Op[], microseconds: number): string {
  const events: object[] = [];
  let now = 1000;
  const event = (cat: string, name: string, dur: number, args: object) =>
    events.push({ cat, pid: 1, tid: 1, dur, ts: now, ph: "X", name, args });
  event("Session", "model_loading_uri", 500, {});
  event("Session", "session_initialization", 700, {});
  for (let run = 0; run < RUNS; run++) {
    const start = now;
    for (const [index, { name, type }] of ops.entries()) {
      event("Node", `${name}_kernel_time`, microseconds, {
        op_name: type,
        node_index: String(index),
        provider: "CPUExecutionProvider",
        activation_size: "1024",
        parameter_size: "0",
        output_size: "1024",
      });
      now += microseconds;
    }
    events.push({ cat: "Session", pid: 1, tid: 1, dur: now - start, ts: start, ph: "X", name: "model_run", args: {} });
    now += 50;
  }
  return JSON.stringify(events);
}

const csv = (rows: readonly (readonly [string, number])[]) =>
  ["node,latency_ms", ...rows.map(([name, value]) => `${name},${value}`)].join("\n");

const PI = '[aria-label="Raspberry Pi 4"]';

function card(page: Page): Locator {
  return page.locator(PI);
}

test("a trace dropped on a device replaces its estimates in one step that undo takes back", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  const before = await mainFigure(page);
  const ops = await opsOnScreen(page);
  await dropFile(page, "renamed.txt", Buffer.from(ortTrace(ops, 2000)), PI);
  await expect(card(page)).toContainText(`measured, ${ops.length} of ${ops.length} ops`);
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect.poll(() => mainFigure(page)).toBeGreaterThan(before);

  await card(page)
    .getByRole("button", { name: /^Details of the profile/ })
    .click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(`${ops.length} of ${ops.length} ops`);
  await expect(dialog).toContainText("20 runs");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(card(page).getByRole("button", { name: /^Details of the profile/ })).toBeFocused();

  await page.keyboard.press("Control+z");
  await expect.poll(() => mainFigure(page)).toBe(before);
  await expect(card(page)).not.toContainText("measured");
  expect(errors).toEqual([]);
});

const BAD: readonly { readonly name: string; readonly text: string; readonly says: RegExp }[] = [
  { name: "empty.json", text: "", says: /empty\.json is empty; expected a device profile/ },
  { name: "other.csv", text: csv([["nobody", 1]]), says: /other\.csv names 0 of the \d+ ops of this model/ },
  { name: "figures.pkl", text: "\u0080\u0004]q.", says: /figures\.pkl is a Python pickle/ },
  { name: "words.txt", text: "these are only words", says: /words\.txt is no device profile/ },
];

for (const { name, text, says } of BAD) {
  test(`${name} on a device is refused with a sentence and nothing changes`, async ({ page }) => {
    await openApp(page);
    const before = await mainFigure(page);
    const was = await card(page).textContent();
    await dropFile(page, name, Buffer.from(text), PI);
    await expect(page.getByRole("alert").filter({ hasText: says })).toBeVisible();
    expect(await mainFigure(page)).toBe(before);
    expect(await card(page).textContent()).toBe(was);
    await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  });
}

test("a table is looked over, matched by hand and applied, and what it misses is marked", async ({ page }) => {
  await openApp(page);
  const before = await mainFigure(page);
  const ops = await opsOnScreen(page);
  const [first, ...others] = ops.filter(({ type }) => type === "Conv");
  if (first === undefined) throw new Error("the first sample has no Conv");
  const rows = others.slice(0, -6).map(({ name }) => [name, 9] as const);
  await dropFile(page, "measured.csv", Buffer.from(csv([...rows, ["the_first_one", 12]])));

  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  const apply = dialog.getByRole("button", { name: "Apply" });
  await expect(apply).toBeDisabled();
  await expect(dialog.getByRole("status")).toHaveText("Choose the device that the figures are for.");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await mainFigure(page)).toBe(before);

  await dropFile(page, "measured.csv", Buffer.from(csv([...rows, ["the_first_one", 12]])));
  await dialog.getByLabel("Device").selectOption({ label: "Raspberry Pi 4" });
  const covered = async () => Number(/(\d+) of \d+ ops/.exec((await dialog.textContent()) ?? "")?.[1]);
  const matched = await covered();
  await dialog.getByText("Entries that fit no op").click();
  const choice = dialog.getByLabel("Op that the_first_one measured");
  await choice.fill(first.name);
  await choice.press("Enter");
  await expect.poll(covered).toBe(matched + 1);
  await expect(dialog.getByText("Entries that fit no op")).toBeHidden();
  await apply.click();
  await expect(dialog).toBeHidden();
  await expect(card(page)).toContainText(`imported, ${matched + 1} of ${ops.length} ops`);
  await expect.poll(() => mainFigure(page)).not.toBe(before);
  await expect(page.getByText("hatched: not measured")).toBeVisible();

  await page.getByLabel("Colour of the ops").selectOption({ label: "Provenance on A: Raspberry Pi 4" });
  await expect(page.getByTestId("legend")).toContainText("imported");
  await page.keyboard.press("Control+z");
  await expect.poll(() => mainFigure(page)).toBe(before);
});

test("figures without a unit are asked about, and a power log gives the device its watts", async ({ page }) => {
  await openApp(page);
  const ops = await opsOnScreen(page);
  const nodes = { name: "pi", results: Object.fromEntries(ops.map(({ name }) => [name, { value: 2 }])) };
  await dropFile(page, "nodes.json", Buffer.from(JSON.stringify(nodes)), PI);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Its largest figure is 2");
  await expect(dialog.getByRole("button", { name: "Apply" })).toBeDisabled();
  await dialog.getByLabel("milliseconds").check();
  await expect(dialog).toContainText(`${ops.length} of ${ops.length} ops`);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(card(page)).toContainText(`imported, ${ops.length} of ${ops.length} ops`);

  const line = (watts: number) => `RAM 1000/3964MB (lfb 1x4MB) CPU [5%@1479] GR3D_FREQ 0%@76 POM_5V_IN ${watts}/900`;
  const log = Array.from({ length: 40 }, (_, i) => line(i < 20 ? 1500 : 6000)).join("\n");
  await dropFile(page, "power.log", Buffer.from(log), PI);
  await expect(dialog).toContainText("1.50 W at rest, 6.00 W at work");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: "Undo Import profile" })).toBeEnabled();
});

test("a total scales the estimates, and files that give an op nothing say what they are", async ({ page }) => {
  await openApp(page);
  const before = await mainFigure(page);
  await dropFile(page, "run.txt", Buffer.from(PROFILE_TEXTS["tflite-total"]), PI);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/505\.?5? ?.s for a whole inference/);
  await expect(dialog).toContainText("scales the estimates of");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => mainFigure(page)).not.toBe(before);
  await page.keyboard.press("Control+z");
  await expect.poll(() => mainFigure(page)).toBe(before);

  await dropFiles(
    page,
    new Map([
      ["types.yml", Buffer.from(PROFILE_TEXTS.pipeedge)],
      ["run.txt", Buffer.from(PROFILE_TEXTS["tflite-total"])],
    ]),
    PI,
  );
  await expect(dialog.getByRole("region", { name: "types.yml" })).toContainText("PipeEdge numbers its layers");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await mainFigure(page)).toBe(before);
});

test("few runs and figures beyond the device are told before a profile is taken", async ({ page }) => {
  await openApp(page);
  const ops = await opsOnScreen(page);
  const rows = ops.slice(0, -Math.ceil(ops.length / 5)).map(({ name }) => [name, 0.000001] as const);
  await dropFile(page, "quick.csv", Buffer.from(csv(rows)), PI);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Only 1 run after warm-up: low confidence");
  await expect(dialog).toContainText(/times faster than the cost model of Raspberry Pi 4 suggests/);
  await dialog.getByLabel("Device").selectOption({ label: "GPU server (T4)" });
  await expect(dialog).toContainText(/figures are beyond what GPU server \(T4\) can do/);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});
