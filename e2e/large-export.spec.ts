import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { largeModel } from "../src/core/testing/large-model.ts";
import { openApp, watchErrors } from "./support.ts";

const hasPython = spawnSync("python3", ["-c", "import zipfile"], { stdio: "ignore" }).status === 0;

/** Reads every file of a ZIP and holds it against the manifest; prints how many models, and the largest's megabytes. */
const CHECK = `
import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
stages = [s for s in json.loads(z.read("manifest.json"))["stages"] if s["file"]]
for stage in stages:
    digest = hashlib.sha256()
    with z.open(stage["file"]) as f:
        for piece in iter(lambda: f.read(1 << 20), b""):
            digest.update(piece)
    assert digest.hexdigest() == stage["sha256"], stage["file"]
print(len(stages), max(s["bytes"] for s in stages) // 1000000)`;

test("segments of hundreds of megabytes are whole in the ZIP, and have the digests that its manifest tells", async ({
  page,
}) => {
  test.skip(!hasPython, "python3 is not there");
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  const folder = mkdtempSync(join(tmpdir(), "splitscope-"));
  try {
    const source = largeModel(300e6);
    const path = join(folder, "large.onnx");
    const file = openSync(path, "w");
    const step = 8 * 2 ** 20;
    for (let at = 0; at < source.size; at += step) writeSync(file, source.read(at, Math.min(step, source.size - at)));
    closeSync(file);
    await page.addInitScript(() => Object.assign(window, { showSaveFilePicker: undefined }));
    await openApp(page);
    await page.getByTestId("model-file").setInputFiles(path);
    await expect(page.getByRole("button", { name: /large\.onnx/ }).first()).toBeVisible();
    await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/);
    const waiting = page.waitForEvent("download", { timeout: 120_000 });
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Segments (ONNX), ZIP" }).click();
    await page.getByRole("button", { name: "Save ZIP" }).click();
    const saved = (await (await waiting).path()) ?? "";
    const { stdout, stderr } = spawnSync("python3", ["-c", CHECK, saved], { encoding: "utf8" });
    expect(stderr).toBe("");
    const [stages, largest] = stdout.trim().split(" ").map(Number);
    expect(stages).toBeGreaterThan(0);
    // Large enough for a digest that is made piece by piece.
    expect(largest).toBeGreaterThan(50);
    expect(errors).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
