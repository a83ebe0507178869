import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BenchRow } from "./table.ts";

/** Paths of what a page loads before any script runs: scripts, preloaded modules and style sheets. */
export function eagerFiles(html: string): readonly string[] {
  const scripts = [...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"/g)];
  const links = [...html.matchAll(/<link\b[^>]*>/g)].flatMap(([tag]) =>
    /\brel="(?:modulepreload|stylesheet)"/.test(tag) ? [/\bhref="([^"]+)"/.exec(tag)] : [],
  );
  return [...scripts, ...links].flatMap((match) => match?.[1] ?? []);
}

/** Size over the wire of the first bundle of the built app, its page included; kB are 1000 bytes. */
export function bundleSizeRow(appFolder: string): BenchRow {
  const html = readFileSync(join(appFolder, "index.html"), "utf8");
  const files = [...new Set(eagerFiles(html))];
  const sizes = ["index.html", ...files].map((file) => gzipSync(readFileSync(join(appFolder, file))).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    name: `first bundle, gzip (${files.length} files before any engine loads)`,
    goal: "<= 350 kB",
    result: { value: total / 1000, unit: "kB" },
  };
}
