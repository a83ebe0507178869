import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { openApp, watchErrors } from "./support.ts";

test("the timeline shows a stream, says when the plan falls behind, and leaves as a table and as a picture", async ({
  page,
}) => {
  const errors = watchErrors(page);
  await openApp(page);
  await page.getByRole("tab", { name: "Timeline" }).click();
  const chart = page.getByRole("figure", { name: "Timeline of a stream of frames" });
  await expect(chart.getByRole("status")).toContainText(/then one every [\d.]+ ms; up to \d+ frames in flight/);

  const busy = chart.getByRole("list", { name: "How busy each lane is" }).getByRole("listitem");
  await expect(busy.first()).toHaveText("Raspberry Pi 4: 100 % busy");

  const steps = chart.getByRole("slider", { name: "Activities of the timeline" });
  await steps.focus();
  await page.keyboard.press("ArrowRight");
  await expect(steps).toHaveAttribute("aria-valuetext", /^Frame 1 on Raspberry Pi 4: stage 1, \d+ ops, from 0 ms to/);
  await page.keyboard.press("Escape");

  await chart.getByRole("slider", { name: "Frames arrive" }).focus();
  await page.keyboard.press("End");
  await expect(chart.getByRole("status")).toContainText(/Falls behind by [\d.]+ ms with every frame: Raspberry Pi 4/);
  await expect(chart.getByRole("status")).toContainText(/so that at least [\d.]+ more frames wait after every second/);
  await expect(busy.first()).toHaveText("Raspberry Pi 4: needs 200 %");
  await chart.getByRole("button", { name: "Full rate" }).click();
  await expect(chart.getByRole("status")).toContainText("then one every");

  await page.getByRole("button", { name: "One inference" }).click();
  const single = page.getByRole("figure", { name: "Timeline of one inference" });
  const download = page.waitForEvent("download");
  await single.getByRole("button", { name: "as SVG" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("timeline.svg");
  const svg = await readFile(await file.path(), "utf8");
  expect(svg).toContain("Timeline of one inference");
  expect(svg).toContain("Raspberry Pi 4");
  expect(svg).not.toContain("var(");

  await single.getByRole("button", { name: "Table" }).click();
  await expect(single.getByRole("row")).toHaveCount(5);
  await expect(single.getByRole("row").nth(1)).toContainText(/Raspberry Pi 4.*stage 1, \d+ ops.*0 ms/);
  expect(errors).toEqual([]);
});
