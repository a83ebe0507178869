import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unwrap } from "../core/result.ts";
import { chainModel } from "../core/testing/models.ts";
import { openSource, UnreadableFile } from "./files.ts";
import { checkWritable, writeText } from "./output-file.ts";
import { cli, cliSentence } from "./testing/cli.ts";

let folder = "";
const path = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a text file", () => {
  test("takes the place of another whole, and keeps its rights; a link stays one", () => {
    writeFileSync(path("plan.json"), "before");
    chmodSync(path("plan.json"), 0o640);
    symlinkSync(path("plan.json"), path("link.json"));
    expect(writeText(path("link.json"), "after").ok).toBe(true);
    expect(readFileSync(path("plan.json"), "utf8")).toBe("after");
    expect(lstatSync(path("link.json")).isSymbolicLink()).toBe(true);
    expect(lstatSync(path("plan.json")).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(["link.json", "plan.json"]);
  });

  test("goes to a device as it is", () => {
    expect(writeText("/dev/null", "text").ok).toBe(true);
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("never takes the place of what was read, by whatever name", () => {
    writeFileSync(path("net.onnx"), "weights");
    linkSync(path("net.onnx"), path("other.onnx"));
    expect(checkWritable(path("other.onnx"), [path("none"), path("net.onnx")])).toMatchObject({ ok: false });
    expect(writeText(path("other.onnx"), "text", [path("net.onnx")])).toMatchObject({ ok: false });
    expect(readFileSync(path("net.onnx"), "utf8")).toBe("weights");
  });
});

test("a file that shrinks while it is read is told by a sentence", () => {
  writeFileSync(path("net.onnx"), new Uint8Array(5000));
  const source = unwrap(openSource(path("net.onnx")));
  truncateSync(path("net.onnx"), 1000);
  expect(() => source.read(500, 1000)).toThrow(UnreadableFile);
  expect(() => source.read(500, 1000)).toThrow(
    `"${path("net.onnx")}" ends at byte 1,000, where byte 1,500 was expected: it was changed after it was opened.`,
  );
  source.close();
});

test("no command writes over the model that it reads, or over the plan another thing than a plan", async () => {
  const [model, plan] = [path("chain.onnx"), path("plan.json")];
  writeFileSync(model, chainModel(4));
  expect((await cli("plan", model, "--out", plan)).code).toBe(0);
  const before = readFileSync(plan, "utf8");
  const refused = (file: string) => `"${file}" is read by this command; expected another path to write to.`;
  expect(await cliSentence("plan", model, "--out", model)).toBe(refused(model));
  expect(await cliSentence("predict", model, "--plan", plan, "--out", model)).toBe(refused(model));
  expect(await cliSentence("verify", model, "--plan", plan, "--out", model)).toBe(refused(model));
  expect(await cliSentence("profile", model, "--out", model)).toBe(refused(model));
  const table = ["export", model, "--plan", plan, "--format", "op-table", "--out"];
  expect(await cliSentence(...table, model)).toBe(refused(model));
  expect(await cliSentence(...table, plan)).toBe(refused(plan));
  expect(Buffer.from(chainModel(4)).equals(readFileSync(model))).toBe(true);
  expect(readFileSync(plan, "utf8")).toBe(before);
  // What becomes of a plan may take its place.
  expect((await cli("plan", model, "--out", plan)).code).toBe(0);
});

test("an empty path is none", async () => {
  const [model, plan] = [path("chain.onnx"), path("plan.json")];
  writeFileSync(model, chainModel(4));
  expect(await cliSentence("plan", model, "--out", "")).toBe(
    'The path to write to is ""; expected a path that can be written.',
  );
  expect((await cli("plan", model, "--out", plan)).code).toBe(0);
  const segments = ["export", model, "--plan", plan, "--format", "segments", "--out", ""];
  expect(await cliSentence(...segments)).toBe('The path to write to is ""; expected a new or empty folder.');
});
