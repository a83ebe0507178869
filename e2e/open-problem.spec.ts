import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { namedProblem, parseProblemContent } from "../src/core/plan/abstract-problem.ts";
import type { Objective } from "../src/core/plan/objective.ts";
import { unwrap } from "../src/core/result.ts";
import { PIPE_EDGE_MODELS } from "../src/core/testing/pipe-edge.ts";
import { MSR_PROBLEMS } from "../src/core/testing/published.ts";
import { formatSeconds } from "../src/core/units.ts";
import { solveFully } from "../src/engine/solve-fully.ts";
import { dropFile, dropFiles, smallModel } from "./files.ts";
import { mainFigure, openApp, textOf, watchErrors, watchForeignRequests } from "./support.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const title = (page: Page, name: string) => page.getByRole("button", { name: new RegExp(`^Model: ${name}`) });
const certificate = (page: Page) => page.getByTestId("certificate");
const figure = (page: Page) => page.getByTestId("main-figure");
const handle = (page: Page) => page.getByRole("slider", { name: /split/i }).first();
const alert = (page: Page, text: string | RegExp) => page.getByRole("alert").filter({ hasText: text });

/** A chain with a branch on two devices of which the second is faster; the camera's side has few bytes half way. */
function madeUp(stretch = 1): object {
  const count = 12;
  const ops = Array.from({ length: count }, (_, op) => ({
    id: `step ${op + 1}`,
    seconds: [stretch * (0.004 + 0.001 * (op % 3)), op === 0 ? null : 0.003 + 0.0005 * (op % 4)],
    weightBytes: 1000 * (op + 1),
  }));
  const tensors = [
    { id: "picture", producer: null, consumers: ["step 1"], bytes: 600_000 },
    ...ops.map(({ id }, op) => ({
      id: `after ${op + 1}`,
      producer: id,
      consumers: [op + 2, ...(op === 3 ? [op + 3] : [])].filter((next) => next <= count).map((next) => `step ${next}`),
      bytes: 20_000 + 9_000 * Math.abs(op - 5),
    })),
  ];
  return {
    format: "splitscope-problem",
    version: 2,
    name: "made up",
    devices: [
      { id: "camera", memoryBytes: 1e6 },
      { id: "hub", memoryBytes: null },
    ],
    links: [{ from: "camera", to: "hub", bytesPerSecond: 5e6, latencySeconds: 0.001 }],
    ops,
    tensors,
    sourceDevice: "camera",
    sinkDevice: "hub",
  };
}

const asFile = (content: object): Buffer => Buffer.from(JSON.stringify(content));

/** What `splitscope plan --problem` prints as the value. */
async function bestOf(content: unknown, objective: Objective): Promise<number> {
  const { problem } = unwrap(namedProblem(unwrap(parseProblemContent(content))));
  return unwrap(await solveFully(problem, { objective }, 30)).value;
}

async function exported(page: Page, item: RegExp): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: item }).click();
  return readFile(await (await waiting).path(), "utf8");
}

async function openMadeUp(page: Page): Promise<void> {
  await dropFile(page, "made-up.json", asFile(madeUp()));
  await expect(title(page, "made-up\\.json")).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
}

test("a problem file opens like a model: drag, undo, auto-partition to the command line's value, reload", async ({
  page,
}) => {
  await openApp(page);
  const errors = watchErrors(page);
  const foreign = watchForeignRequests(page);
  await openMadeUp(page);
  await expect(title(page, "made-up\\.json")).toContainText("12 ops · placement problem on 2 devices");
  const best = await bestOf(madeUp(), "period");
  await expect(figure(page)).toHaveText(formatSeconds(best));
  await expect(page.getByRole("region", { name: "camera", exact: true })).toContainText("given");

  const box = await handle(page).boundingBox();
  if (box === null) throw new Error("the handle is not on screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + box.height / 2, { steps: 8 });
  await expect(figure(page)).not.toHaveText(formatSeconds(best));
  await page.mouse.up();
  await expect(certificate(page)).toHaveText("by hand");
  const dragged = await textOf(figure(page));
  await page.keyboard.press("Control+z");
  await expect(figure(page)).toHaveText(formatSeconds(best));
  await page.keyboard.press("Control+Shift+z");
  await expect(figure(page)).toHaveText(dragged);

  for (const objective of ["latency", "period"] as const) {
    await page.getByLabel("Objective").selectOption(objective);
    await page.getByRole("button", { name: "Auto-partition", exact: true }).click();
    await expect(certificate(page)).toHaveText(/optimal/);
    const value = await bestOf(madeUp(), objective);
    await expect(figure(page)).toHaveText(formatSeconds(value));
    const plan = JSON.parse(await exported(page, /^Plan \(JSON\)/));
    expect(Math.abs(plan.certificate.value / value - 1)).toBeLessThan(1e-9);
    expect(plan.certificate.status).toBe("optimal");
  }

  await page.getByRole("button", { name: "Pin this plan" }).click();
  await expect(page.getByRole("row", { name: /Scheme 1/ })).toBeVisible();
  const before = await textOf(figure(page));
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(title(page, "made-up\\.json")).toBeVisible();
  await expect(figure(page)).toHaveText(before);
  await expect(certificate(page)).toHaveText(/optimal/);
  await expect(page.getByRole("row", { name: /Scheme 1/ })).toBeVisible();
  await page.getByRole("button", { name: "Undo Pin scheme" }).click();
  await expect(page.getByRole("row", { name: /Scheme 1/ })).toBeHidden();
  expect(errors).toEqual([]);
  expect(foreign).toEqual([]);
});

test("edits of the rig are written into the problem, which opens again as edited; models have their own rig back", async ({
  page,
}) => {
  await openApp(page);
  const modelFigure = await mainFigure(page);
  await openMadeUp(page);
  const untouched = JSON.parse(await exported(page, /^Placement problem \(JSON\)/));
  expect(untouched).toEqual(JSON.parse(JSON.stringify({ ...untouched, ...madeUp(), ...withDefaults(untouched) })));
  const card = page.getByRole("region", { name: "hub", exact: true });
  await card.getByRole("button", { name: "hub" }).click();
  await card.getByLabel("Fixed time per run").fill("40");
  await page.keyboard.press("Enter");
  await card.getByLabel("Load from other work").focus();
  await page.keyboard.press("PageUp");
  await page.getByRole("button", { name: "Auto-partition", exact: true }).click();
  await expect(certificate(page)).toHaveText(/optimal/);
  const edited = JSON.parse(await exported(page, /^Placement problem \(JSON\)/));
  expect(edited.devices[1].stageOverheadSeconds).toBe(0.04);
  expect(edited.ops[1].seconds[1]).toBeGreaterThan(1.2 * untouched.ops[1].seconds[1]);
  await expect(figure(page)).toHaveText(formatSeconds(await bestOf(edited, "period")));

  const slower = await textOf(figure(page));
  await dropFile(page, "edited.json", asFile(edited));
  await expect(title(page, "edited\\.json")).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
  await expect(figure(page)).toHaveText(slower);

  await dropFile(page, "own.onnx", smallModel());
  await expect(title(page, "own\\.onnx")).toBeVisible();
  await expect(certificate(page)).toHaveText(/optimal/);
  expect(await mainFigure(page)).toBe(modelFigure);
});

/** Fields that an export writes although they were left out. */
function withDefaults(whole: { readonly [name: string]: unknown }): object {
  return { devices: whole["devices"], links: whole["links"], ops: whole["ops"], tensors: whole["tensors"] };
}

test("what needs a model says why it cannot be had", async ({ page }) => {
  await openApp(page);
  await openMadeUp(page);
  await expect(page.getByRole("region", { name: "Proven by running" })).toContainText(
    /"made-up\.json" is a placement problem.*nothing of it can be run/,
  );
  await expect(page.getByRole("button", { name: /Profile this browser|Verify segments|Measure/ })).toHaveCount(0);
  await expect(page.getByRole("complementary", { name: "Devices and links" })).toContainText(
    "devices cannot be added, removed or profiled here",
  );
  await page.getByRole("button", { name: "Export" }).click();
  for (const name of [/^Segments/, /^Triton/, /^AutoDiCE/, /^OpenVINO/]) {
    const item = page.getByRole("menuitem", { name });
    await expect(item).toBeDisabled();
    await expect(item).toContainText("Needs a model");
  }
  for (const name of [/^Plan \(JSON\)/, /^Placement problem/, /^Report/, /^Table of ops/, /^Copy link/]) {
    await expect(page.getByRole("menuitem", { name })).toBeEnabled();
  }
  await page.keyboard.press("Escape");
  await dropFile(page, "times.csv", Buffer.from("node,latency_ms\nstep 1,2\n"), 'section[aria-label="hub"]');
  await expect(alert(page, "there is nothing for a profile to tell")).toBeVisible();
  await page.getByRole("searchbox").fill("step 4");
  await page.keyboard.press("Enter");
  const details = page.getByTestId("op-details");
  await expect(details).toContainText("step 4");
  await expect(details).toContainText("given");
  for (const tab of ["Difference", "Timeline", "Breakdown", "Traffic", "Bandwidth", "Trade-offs", "Map"]) {
    await page.getByRole("tab", { name: tab }).click();
    await expect(page.getByRole("tabpanel")).toBeVisible();
  }
  await expect(page.getByRole("slider", { name: /rig on the map/ })).toBeVisible({ timeout: 30_000 });
  const report = await exported(page, /^Report/);
  expect(report).toContain("12 ops, placement problem on 2 devices");
  expect(report).not.toMatch(/NaN|undefined|1\.797/);
});

const cycle = {
  ...madeUp(),
  tensors: [
    { id: "a", producer: "step 1", consumers: ["step 2"], bytes: 1 },
    { id: "b", producer: "step 2", consumers: ["step 1"], bytes: 1 },
  ],
};
const BAD: readonly (readonly [name: string, content: object, says: RegExp])[] = [
  ["cycle.json", cycle, /depends on itself; expected a graph without cycles/],
  ["stray.json", { ...madeUp(), sourceDevice: "moon" }, /source device is "moon"/],
  ["later.json", { ...madeUp(), version: 99 }, /version 99; this version of Splitscope reads up to/],
  ["typing.json", { ...madeUp(), maxStage: 2 }, /maxStage.*expected no field but/],
  ["short.json", { ...madeUp(), ops: [{ id: "step 1", seconds: [-1, 2] }] }, /seconds.*at least 0/],
];

test("bad problem files have their sentence, and what was open stays", async ({ page }) => {
  await openApp(page);
  const before = await mainFigure(page);
  for (const [name, content, says] of BAD) {
    await dropFile(page, name, asFile(content));
    await expect(alert(page, says)).toBeVisible();
  }
  await dropFiles(
    page,
    new Map([
      ["one.json", asFile(madeUp())],
      ["two.json", asFile(madeUp())],
    ]),
  );
  await expect(alert(page, '"one.json" and "two.json" were given together')).toBeVisible();
  expect(await mainFigure(page)).toBe(before);
  await expect(title(page, "MobileNetV2")).toBeVisible();
  await expect(page.getByRole("button", { name: "Rewire…" })).toBeVisible();
});

async function openElsewhere(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(() => localStorage.setItem("splitscope-tour-seen", "yes"));
  await page.goto(address);
  return page;
}

test("a link to a plan of a problem waits for the problem, in whichever file it comes", async ({ page, browser }) => {
  await openApp(page);
  await openMadeUp(page);
  await handle(page).focus();
  await page.keyboard.press("ArrowRight");
  await expect(certificate(page)).toHaveText("by hand");
  const shown = await textOf(figure(page));
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: /^Copy link/ }).click();
  await expect(page.locator(".notice", { hasText: "The link is copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await openElsewhere(browser, link);
  await expect(other.getByRole("region", { name: "Waiting for a file" })).toContainText("made-up.json");
  // The same content, laid out in another way and under another name.
  await dropFile(other, "sent.json", Buffer.from(JSON.stringify(madeUp(), null, 4)));
  await expect(title(other, "sent\\.json")).toBeVisible();
  await expect(figure(other)).toHaveText(shown);
  await expect(other.getByRole("button", { name: "Undo Open link" })).toBeEnabled();
  await other.close();
});

const MODELS = `vit/small:
  layers: 3
  mem_MB: [1, 2, 1]
  parameters_in: 3000
  parameters_out: [1000, 1500, 10]
`;
const TYPES = `pi:
  bw_Mbps: 100
  mem_MB: 1000
  model_profiles:
    vit/small:
    - batch_size: 8
      dtype: torch.float32
      time_s: [0.3, 0.1, 0.2]
    vit/large:
    - batch_size: 8
      dtype: torch.float32
      time_s: [0.5, 0.4, 0.6]
`;
const HOSTS = "pi:\n- pi-1\n- pi-2\n";
const LARGE = MODELS.replace("small", "large").replace("3000", "5000");
const yaml = (models: string) =>
  new Map([
    ["devices.yml", Buffer.from(HOSTS)],
    ["models.yml", Buffer.from(models)],
    ["device_types.yml", Buffer.from(TYPES)],
  ]);

test("PipeEdge's files open together as one problem; of several models one is asked for", async ({ page }) => {
  await openApp(page);
  await dropFiles(page, yaml(MODELS));
  await expect(title(page, "devices\\.yml")).toContainText("3 ops · placement problem on 2 devices");
  await expect(certificate(page)).toHaveText(/optimal/);
  await expect(figure(page)).toHaveText("300 ms");
  await dropFiles(page, yaml(MODELS + LARGE));
  const dialog = page.getByRole("dialog", { name: "Which model?" });
  await dialog.getByLabel("Model").selectOption("vit/large");
  await dialog.getByRole("button", { name: "Open" }).click();
  await expect(figure(page)).toHaveText("900 ms");
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(figure(page)).toHaveText("900 ms");
  await dropFile(page, "device_types.yml", Buffer.from(TYPES));
  await expect(alert(page, "The PipeEdge files describe no model; expected a models.yml among them.")).toBeVisible();
});

const FOLDER = new URL("../../shared/bench/", import.meta.url);
const present = existsSync(FOLDER);
console.log(
  present
    ? `published problems opened in a browser: ${MSR_PROBLEMS.length + PIPE_EDGE_MODELS.length}`
    : "published problems: skipped, ../shared/bench is not there",
);
const published = (file: string) => readFileSync(new URL(file, FOLDER));

test("published problems show their known optimum", async ({ page }) => {
  test.skip(!present, "../shared/bench is not there");
  test.setTimeout(180_000);
  await openApp(page);
  const shows = async (seconds: number) => {
    await expect(figure(page)).toHaveText(formatSeconds(seconds), { timeout: 60_000 });
    await expect(certificate(page)).toHaveText(/optimal/);
    const plan = JSON.parse(await exported(page, /^Plan \(JSON\)/));
    expect(Math.abs(plan.certificate.value - seconds)).toBeLessThan(5e-5 * (seconds < 1 ? 1e-3 : 1));
  };
  for (const { file, optimum } of MSR_PROBLEMS) {
    await dropFile(page, file, published(`msr/throughput/${file}`));
    await expect(title(page, file)).toBeVisible();
    await shows(optimum / 1e3);
  }
  for (const { model, optimum } of PIPE_EDGE_MODELS) {
    const names = ["models.yml", "device_types.yml", "devices.yml"];
    await dropFiles(page, new Map(names.map((name) => [name, published(`pipeedge/${name}`)])));
    const dialog = page.getByRole("dialog", { name: "Which model?" });
    await dialog.getByLabel("Model").selectOption(model);
    await dialog.getByRole("button", { name: "Open" }).click();
    await shows(optimum);
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });

    test("a problem's screen and the question for a model pass WCAG 2.2 AA", async ({ page }) => {
      await openApp(page);
      const violations = async () => {
        const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
        const { violations: found } = await new AxeBuilder({ page }).withTags(tags).analyze();
        return found.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
        );
      };
      await openMadeUp(page);
      await page.getByRole("region", { name: "hub", exact: true }).getByRole("button", { name: "hub" }).click();
      await page.getByRole("searchbox").fill("step 4");
      await page.keyboard.press("Enter");
      expect(await violations()).toEqual([]);
      await page.getByRole("button", { name: "Export" }).click();
      expect(await violations(), "export menu").toEqual([]);
      await page.keyboard.press("Escape");
      await dropFiles(page, yaml(MODELS + LARGE));
      await expect(page.getByRole("dialog", { name: "Which model?" })).toBeVisible();
      expect(await violations(), "question").toEqual([]);
    });
  });
}
