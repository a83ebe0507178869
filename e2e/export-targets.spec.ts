import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
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
});
