import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { ModelBuilder } from "../src/core/testing/model-builder.ts";
import { chainModel } from "../src/core/testing/models.ts";
import { dropFile } from "./files.ts";
import { openApp, textOf, watchErrors } from "./support.ts";

test("what a target cannot express, and how to run it, is said before it is saved", async ({ page }) => {
  const errors = watchErrors(page);
  // A browser without a picker of files, in which a ZIP is a download.
  await page.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
  await openApp(page);
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Triton model repositories, ZIP" }).click();
  const dialog = page.getByRole("dialog", { name: "Triton model repositories" });
  await expect(dialog.getByRole("listitem").first()).toContainText("Servers do not call each other");
  await expect(dialog.getByRole("textbox", { name: /How to run/ })).toHaveValue(
    /tritonserver --model-repository=models-/,
  );
  const waiting = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save ZIP" }).click();
  const zip = await waiting;
  expect(zip.suggestedFilename()).toMatch(/\.triton\.zip$/);
  const bytes = await readFile((await zip.path()) ?? "");
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  for (const name of ["client.py", "pipeline.json", "config.pbtxt"]) expect(bytes.includes(name)).toBe(true);

  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "OpenVINO" }).click();
  const affinities = page.waitForEvent("download");
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  expect((await readFile((await (await affinities).path()) ?? "")).toString()).toContain("def set_affinities(model)");

  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "How to run the exports…" }).click();
  const all = page.getByRole("dialog", { name: "How to run the exports" });
  await all.getByText("PipeEdge partition (YAML)").click();
  await expect(all.getByRole("textbox", { name: /PipeEdge/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(all).toBeHidden();
  expect(errors).toEqual([]);
});

test("plans made elsewhere are taken in: a mapping, tensors to cut at", async ({ page }) => {
  await openApp(page);
  await dropFile(page, "chain.onnx", Buffer.from(chainModel(6)));
  await expect(page.getByRole("button", { name: /chain\.onnx/ }).first()).toBeVisible();
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);

  await page
    .getByRole("button", { name: /chain\.onnx/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Cut at tensors…" }).click();
  const dialog = page.getByRole("dialog", { name: "Cut at tensors" });
  const field = dialog.getByRole("textbox");
  const [first = "", second = ""] = ((await field.getAttribute("placeholder")) ?? "").split("\n");
  await field.fill("no such tensor");
  await dialog.getByRole("button", { name: "Cut" }).click();
  await expect(dialog.getByRole("alert")).toHaveText('The model has no tensor "no such tensor".');
  await field.fill(`${first}\n${second}`);
  await dialog.getByRole("button", { name: "Cut" }).click();
  await expect(dialog).toBeHidden();
  const splits = page.getByRole("slider", { name: /split/i });
  await expect(splits).toHaveCount(2);

  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Plan (JSON)" }).click();
  const plan = JSON.parse((await readFile((await (await waiting).path()) ?? "")).toString());
  const names: string[][] = plan.assignment.stages.map((stage: { ops: { name: string }[] }) =>
    stage.ops.map(({ name }) => name),
  );
  const ops = names.flat();
  await dropFile(page, "mapping.json", Buffer.from(JSON.stringify({ one: ops.slice(0, 1), two: ops.slice(1) })));
  await expect(splits).toHaveCount(1);
  await expect(page.getByText(/The stages are on the rig's devices in order/).first()).toBeVisible();
  await dropFile(
    page,
    "circle.json",
    Buffer.from(JSON.stringify({ one: [ops[0], ops[2]], two: [ops[1], ...ops.slice(3)] })),
  );
  await expect(page.getByRole("alert").first()).toContainText("expected parts that follow each other as a chain");
  expect(await textOf(splits.first())).toBeDefined();

  await dropFile(page, "partition.txt", Buffer.from("1,2,3,4,5,6\n"));
  await expect(splits).toHaveCount(2);
  await dropFile(page, "cuts.txt", Buffer.from(`${first}\n`));
  await expect(splits).toHaveCount(1);
  for (const [name, text, says] of [
    ["gap.txt", "1,2,4,6\n", "gap.txt: Stage 2 of the partition is layers 4 to 6; expected it to begin with layer 3."],
    ["typo.txt", `${first},${second},typo\n`, 'typo.txt: The model has no tensor "typo".'],
    ["broken.json", '{"one" ["a"', "broken.json is not valid JSON"],
    ["words.txt", "only words", "words.txt is nothing that can be opened here; expected a model, a plan, a mapping,"],
  ] as const) {
    await dropFile(page, name, Buffer.from(text));
    await expect(page.getByRole("alert").filter({ hasText: says })).toBeVisible();
  }
});

/** x -> m (truth values) -> y, with a second path around m. */
function truthModel(): Buffer {
  const net = new ModelBuilder({ name: "truth" });
  const x = net.input("x", "float", [1, 64]);
  const mask = net.node("Cast", [x], { name: "mask", outputs: ["m"], attributes: { to: 9 } });
  const back = net.node("Cast", [mask], { name: "back", outputs: ["b"], attributes: { to: 1 } });
  const both = net.node("Add", [back, x], { name: "both", outputs: ["y"] });
  return Buffer.from(net.output(both, "float", [1, 64]).bytes());
}

test("what a target cannot take, or not yet, is said in place of a choice of files", async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => {
    const picked = { count: 0 };
    Object.assign(window, {
      picked,
      showSaveFilePicker: async () => {
        picked.count += 1;
        throw new DOMException("closed", "AbortError");
      },
    });
  });
  await openApp(page);
  await dropFile(page, "truth.onnx", truthModel());
  await expect(page.getByRole("button", { name: /truth\.onnx/ }).first()).toBeVisible();
  await dropFile(page, "mapping.json", Buffer.from(JSON.stringify({ one: ["mask"], two: ["back", "both"] })));
  await expect(page.getByRole("slider", { name: /split/i })).toHaveCount(1);

  const open = async (item: string) => {
    await page.getByRole("button", { name: "Export", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: item }).press("Enter");
    return page.getByRole("dialog");
  };
  const nnstreamer = await open("NNStreamer pipelines, ZIP");
  await expect(nnstreamer.getByRole("alert")).toHaveText(
    'This plan cannot be exported this way: NNStreamer has no type for tensor "m" of element type bool.',
  );
  await expect(nnstreamer.getByRole("button", { name: "Save ZIP" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Export", exact: true })).toBeFocused();

  const pipeEdge = await open("PipeEdge partition (YAML), ZIP");
  await expect(pipeEdge.getByRole("alert")).toContainText("Stages 1 and 2 of the plan part within layer 1");
  await expect(pipeEdge.getByRole("button", { name: "Save ZIP" })).toBeDisabled();
  await page.keyboard.press("Escape");

  // A run that does not end by itself: its runtime never arrives.
  await page.route(/\.wasm/, () => {});
  await page.getByRole("button", { name: "Verify segments" }).click();
  const busy = await open("Segments (ONNX), ZIP");
  await expect(busy.getByText("save once that has ended or was cancelled")).toBeVisible();
  await expect(busy.getByRole("button", { name: "Save ZIP" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Cancel what runs" }).click();
  const free = await open("Segments (ONNX), ZIP");
  await expect(free.getByRole("button", { name: "Save ZIP" })).toBeEnabled();
  expect(await page.evaluate(() => Reflect.get(window, "picked").count)).toBe(0);
  expect(errors).toEqual([]);
});

test("an open menu lies above notices", async ({ page }) => {
  await openApp(page);
  for (let i = 0; i < 3; i++) await dropFile(page, `words-${i}.onnx`, Buffer.from("this is not a model at all"));
  await expect(page.getByRole("alert")).toHaveCount(3);
  await page.setViewportSize({ width: 1024, height: 700 });
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "How to run the exports…" }).click();
  await expect(page.getByRole("dialog", { name: "How to run the exports" })).toBeVisible();
});
