import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { ModelBuilder } from "../src/core/testing/model-builder.ts";
import { chainModel } from "../src/core/testing/models.ts";
import { dropFile } from "./files.ts";
import { openApp, watchErrors, watchForeignRequests } from "./support.ts";

const verify = (page: Page) => page.getByRole("button", { name: "Verify segments" });
const measure = (page: Page) => page.getByRole("button", { name: "Measure stages here" });
const badge = (page: Page) => page.getByTestId("verified");

async function openChain(page: Page): Promise<void> {
  await openApp(page);
  await dropFile(page, "chain.onnx", Buffer.from(chainModel(9)));
  await expect(page.getByRole("button", { name: /chain\.onnx/ }).first()).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
}

const SEGMENTS = "Segments (ONNX), ZIP";

async function chooseSegments(page: Page, weights: "In each model" | "In a .data file beside it"): Promise<void> {
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: SEGMENTS }).click();
  const dialog = page.getByRole("dialog", { name: "Segments (ONNX)" });
  await dialog.getByRole("button", { name: weights }).click();
  await dialog.getByRole("button", { name: "Save ZIP" }).click();
}

/** Saves by the Export menu's entry, as a browser without a file picker does. */
async function exported(
  page: Page,
  entry: string,
  weights: Parameters<typeof chooseSegments>[1] = "In each model",
): Promise<{ readonly name: string; readonly path: string }> {
  const download = page.waitForEvent("download");
  if (entry === SEGMENTS) await chooseSegments(page, weights);
  else {
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: entry }).click();
  }
  const file = await download;
  return { name: file.suggestedFilename(), path: (await file.path()) ?? "" };
}

test.setTimeout(240_000);

test("the segments are run against the whole model; the plan keeps the result and brings it back", async ({
  page,
  browser,
}) => {
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openChain(page);
  await expect(badge(page)).toHaveCount(0);
  await verify(page).click();
  await expect(badge(page)).toHaveText(/segments bit-equal/, { timeout: 60_000 });
  await expect(badge(page)).toHaveAttribute("title", /bit-equal, \d stages?, seed 1, onnxruntime-web 1\.30\.0 WASM$/);
  const panel = page.getByRole("region", { name: "Proven by running" });
  await expect(panel.getByRole("table", { name: "Outputs, all sent as the model has it" })).toContainText("none");

  await measure(page).click();
  await expect(panel.getByTestId("mean-error")).toContainText("onnxruntime-web 1.30.0 WASM", { timeout: 90_000 });
  const { path } = await exported(page, "Plan (JSON)");
  const document = JSON.parse(readFileSync(path, "utf8"));
  expect(document.verification).toMatchObject({ version: 1, result: { verdict: "bit-equal", seed: 1 } });
  expect(document.verification.measurement.stages.length).toBe(document.verification.result.stages.length);

  // Another browser, which has kept nothing of the session.
  const other = await browser.newPage();
  await openChain(other);
  await expect(badge(other)).toHaveCount(0);
  await dropFile(other, "chain.plan.json", readFileSync(path));
  await expect(badge(other)).toHaveText(/segments bit-equal/);
  await expect(other.getByTestId("mean-error")).toBeVisible();
  await other.close();
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

test("cancelled, it stops at once and proves nothing", async ({ page }) => {
  await openApp(page);
  await measure(page).click();
  await page.getByRole("button", { name: "Cancel what runs" }).click();
  await expect(measure(page)).toBeEnabled({ timeout: 2_000 });
  await expect(page.getByTestId("mean-error")).toHaveCount(0);
  await expect(badge(page)).toHaveCount(0);
});

test("a model that made-up inputs do not suit says which it needs, and takes them from files", async ({ page }) => {
  // Rows of a table of 4: a made-up index of a table that is computed is 1, of which there are 1.
  const net = new ModelBuilder({ name: "picky" });
  const rows = net.node("Unsqueeze", [net.input("rows", "float", [1]), net.integers("axis", [0])]);
  net.output(net.node("Gather", [rows, net.input("which", "int64", [1])]), "float", [1, 1]);
  await openApp(page);
  await dropFile(page, "picky.onnx", Buffer.from(net.bytes()));
  await expect(page.getByRole("button", { name: /picky\.onnx/ }).first()).toBeVisible();
  await verify(page).click();
  await expect(page.getByText(/"which" \(int64 \[1\]\).*made up from seed 1; give real ones/)).toBeVisible({
    timeout: 60_000,
  });
  const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }";
  const text = `${header.padEnd(117)}\n`;
  const npy = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY\x01\0"),
    Buffer.from([118, 0]),
    Buffer.from(text),
    Buffer.alloc(8),
  ]);
  await page.getByText("Inputs: made up from seed 1").click();
  await page
    .getByLabel("Files (.npy, .pb), named after the inputs")
    .setInputFiles({ name: "which.npy", mimeType: "application/octet-stream", buffer: npy });
  await verify(page).click();
  await expect(badge(page)).toHaveAttribute("title", /seed 1 and 1 file/, { timeout: 60_000 });
});

/** A chain of two ops, cut between them, whose cut tensor reaches `factor`. */
async function openCut(page: Page, factor: number, type = "Tanh"): Promise<void> {
  const net = new ModelBuilder({ name: "pair" });
  const middle = net.node("Mul", [net.input("x", "float", [1, 64]), net.floats("factor", [factor])], {
    name: "mul",
    outputs: ["middle"],
  });
  net.output(net.node(type, [middle], { name: "last", outputs: ["y"] }), "float", [1, 64]);
  await dropFile(page, "pair.onnx", Buffer.from(net.bytes()));
  const title = page.getByRole("button", { name: /pair\.onnx/ }).first();
  await expect(title).toBeVisible();
  await title.click();
  await page.getByRole("menuitem", { name: "Cut at tensors…" }).click();
  const dialog = page.getByRole("dialog", { name: "Cut at tensors" });
  await dialog.getByRole("textbox").fill("middle");
  await dialog.getByRole("button", { name: "Cut" }).click();
  await expect(dialog).toHaveCount(0);
}

test("the badge says what an encoding costs, and that it makes an output infinite", async ({ page }) => {
  await openApp(page);
  await openCut(page, 3, "Neg");
  await page.getByLabel("Cut tensors sent").selectOption({ label: "float 16" });
  await verify(page).click();
  await expect(badge(page)).toHaveText(/bit-equal, 0\.\d+ % off$/, { timeout: 60_000 });
  await expect(badge(page)).toHaveAttribute("data-tone", "warn");
  await page.setViewportSize({ width: 1024, height: 700 });
  const [shown, beside] = [badge(page), page.getByRole("button", { name: "Auto-partition" })];
  const { right } = await shown.evaluate((element) => element.getBoundingClientRect().toJSON());
  const controls = beside.locator("xpath=..");
  expect(right).toBeLessThanOrEqual(await controls.evaluate((element) => element.getBoundingClientRect().left));
  expect(await shown.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  const panel = page.getByRole("region", { name: "Proven by running" });
  await expect(panel.getByText(/cut tensors as float 16, outputs are off.*"y" by up to 0\.\d+ %/)).toBeVisible();
  await expect(
    panel.getByRole("table", { name: "Outputs, inputs sent as the model has them, cut tensors as float 16" }),
  ).toBeVisible();

  await openCut(page, 1e6, "Neg");
  await page.getByLabel("Cut tensors sent").selectOption({ label: "float 16" });
  await verify(page).click();
  await expect(badge(page)).toHaveAttribute("data-tone", "bad", { timeout: 60_000 });
  await expect(badge(page)).toHaveAttribute(
    "title",
    /bit-equal.*output "y" cannot be compared: float 16 cannot hold what is sent; send it as the model has it$/,
  );
});

test("an op that draws random numbers is named in place of a verdict", async ({ page }) => {
  await openApp(page);
  await openCut(page, 1, "RandomNormalLike");
  await verify(page).click();
  await expect(badge(page)).toHaveText(/draw random numbers/, { timeout: 60_000 });
  await expect(badge(page)).toHaveAttribute("data-tone", "warn");
  await expect(badge(page)).toHaveAttribute("title", /^op "last" \(RandomNormalLike\) draws random numbers/);
});

test("inputs keep to the panel, a bad seed is told, and another model forgets them", async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 700 });
  await openChain(page);
  const panel = page.getByRole("region", { name: "Proven by running" });
  await panel.getByText("Inputs: made up from seed 1").click();
  await expect
    .poll(() => panel.evaluate((section) => section.scrollWidth - section.clientWidth))
    .toBeLessThanOrEqual(0);
  const seed = panel.getByLabel("Seed");
  for (const bad of ["0", "-3", "1.5", "10001", "abc", ""]) {
    await seed.fill(bad);
    await seed.press("Enter");
    await expect(seed).toHaveValue(bad);
    await expect(panel.getByRole("alert")).toHaveText(
      `The seed is "${bad}"; expected a whole number from 1 to 10,000.`,
    );
    await expect(verify(page)).toBeDisabled();
  }
  await seed.fill("7");
  await expect(panel.getByRole("alert")).toHaveCount(0);
  await expect(verify(page)).toBeEnabled();

  const files = panel.getByLabel("Files (.npy, .pb), named after the inputs");
  const file = { name: "x.npy", mimeType: "application/octet-stream", buffer: Buffer.alloc(8) };
  await files.setInputFiles(file);
  await expect(panel.getByText("Inputs: x.npy")).toBeVisible();
  await panel.getByRole("button", { name: "Made-up inputs" }).click();
  await expect(panel.getByText("Inputs: made up from seed 7")).toBeVisible();
  await expect(files).toHaveValue("");
  await files.setInputFiles(file);
  await dropFile(page, "other.onnx", Buffer.from(chainModel(5)));
  await expect(page.getByRole("button", { name: /other\.onnx/ }).first()).toBeVisible();
  await expect(panel.getByText("Inputs: made up from seed 1")).toBeVisible();
  await expect(files).toHaveValue("");
});

test("tables break no words on a small screen", async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 700 });
  await openChain(page);
  await verify(page).click();
  await expect(badge(page)).toHaveText(/bit-equal/, { timeout: 60_000 });
  const panel = page.getByRole("region", { name: "Proven by running" });
  const cells = panel.getByRole("table", { name: "First run of each segment" }).locator("th, td");
  const heights = await cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().height));
  expect(Math.max(...heights)).toBeLessThan(1.5 * Math.min(...heights));
  expect(await panel.evaluate((section) => section.scrollWidth - section.clientWidth)).toBeLessThanOrEqual(0);
});

test("segments are saved as a ZIP: as a download, or streamed into a file", async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => {
    Object.assign(window, { showSaveFilePicker: undefined });
  });
  await openChain(page);
  const { name, path } = await exported(page, SEGMENTS);
  expect(name).toBe("chain.segments.zip");
  const script =
    "import sys,zipfile,json,hashlib\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nm=json.loads(z.read('manifest.json'))\nn=0\nfor s in m['stages']:\n  if s['file']:\n    n+=1\n    assert hashlib.sha256(z.read(s['file'])).hexdigest()==s['sha256']\nprint(n)";
  expect(Number(execFileSync("python3", ["-c", script, path], { encoding: "utf8" }))).toBeGreaterThan(0);

  // A file of the browser's own store in place of one that a person chooses.
  await page.evaluate(() => {
    const choose = async () => (await navigator.storage.getDirectory()).getFileHandle("chosen.zip", { create: true });
    Object.assign(window, { showSaveFilePicker: choose });
  });
  await chooseSegments(page, "In each model");
  const size = () =>
    page.evaluate(async () => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle("chosen.zip", { create: true });
      return (await handle.getFile()).size;
    });
  await expect.poll(size).toBe(readFileSync(path).length);
  expect(errors).toEqual([]);
});

test("weights go into files of data beside the models where that is chosen", async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
  await openApp(page);
  const net = new ModelBuilder({ name: "sums" });
  const w = net.vector("w", [4096], 0, 1);
  const sum = net.node("Add", [net.input("x", "float", [4096]), w], { name: "sum" });
  net.output(net.node("Tanh", [sum], { name: "tanh", outputs: ["y"] }), "float", [4096]);
  await dropFile(page, "sums.onnx", Buffer.from(net.bytes()));
  await expect(page.getByRole("button", { name: /sums\.onnx/ }).first()).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
  const { path } = await exported(page, SEGMENTS, "In a .data file beside it");
  const zip = readFileSync(path);
  // Stored, so that its texts stand in it as they are.
  expect(zip.toString("latin1")).toMatch(
    /"externalFiles": \[\s*\{\s*"file": "sums\.stage\d\.onnx\.data",\s*"bytes": 16384,/,
  );
  expect(errors).toEqual([]);
});
