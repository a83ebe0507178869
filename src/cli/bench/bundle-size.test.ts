import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleSizeRow, eagerFiles } from "./bundle-size.ts";
import { verdict } from "./table.ts";

const PAGE = `<head>
  <link rel="icon" href="./icon.svg" />
  <script type="module" crossorigin src="./a.js"></script>
  <link rel="modulepreload" crossorigin href="./b.js">
  <link rel="stylesheet" crossorigin href="./c.css">
</head>`;

test("what loads at once is found", () => {
  expect(eagerFiles(PAGE)).toEqual(["./a.js", "./b.js", "./c.css"]);
});

test("sizes are summed after gzip, and a large bundle misses the goal", () => {
  const folder = mkdtempSync(join(tmpdir(), "splitscope-bundle-"));
  try {
    const random = createHash("shake256", { outputLength: 400_000 }).update("noise").digest();
    writeFileSync(join(folder, "index.html"), PAGE);
    writeFileSync(join(folder, "a.js"), "x".repeat(1e6));
    writeFileSync(join(folder, "b.js"), "");
    writeFileSync(join(folder, "c.css"), "");
    expect(verdict(bundleSizeRow(folder))).toBe("ok");
    writeFileSync(join(folder, "b.js"), random);
    expect(verdict(bundleSizeRow(folder))).toBe("MISSED");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
