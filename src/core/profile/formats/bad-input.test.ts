import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Result } from "../../result.ts";
import { PROFILE_TEXTS } from "../../testing/profile-texts.ts";
import { PROFILE_FORMATS, readProfileText } from "./formats.ts";
import type { Reading } from "./raw-profile.ts";

const FORMATS = Object.entries(PROFILE_TEXTS);
const TEXT_BY_ID = new Map<string, string>(FORMATS);

/** One line that names the file first, without anything that a terminal would obey. */
const SENTENCE = /^f\.x [^\p{Cc}]+\.$/u;

/** A reading whose every figure can be worked with, or one sentence. */
function expectWhole(result: Result<Reading>): void {
  if (!result.ok) {
    expect(result.error).toMatch(SENTENCE);
    return;
  }
  const reading = result.value;
  if (reading.kind === "profile" || reading.kind === "unitless") {
    const { entries, runs, endToEnd } = reading.profile;
    expect(entries.length).toBeGreaterThan(0);
    expect(runs).toBeGreaterThanOrEqual(1);
    const distributions = [...entries.map(({ latency }) => latency), ...(endToEnd === null ? [] : [endToEnd])];
    const figures = distributions.flatMap(({ min, p25, median, p75, p95, mean }) => [min, p25, median, p75, p95, mean]);
    expect(figures.filter((figure) => !(figure >= 0 && Number.isFinite(figure)))).toEqual([]);
  } else if (reading.kind === "power") {
    const { idleWatts, activeWatts } = reading.power;
    expect([idleWatts, activeWatts].every(Number.isFinite)).toBe(true);
  } else if (reading.kind === "layers") expect(reading.layers.length).toBeGreaterThan(0);
  else if (reading.kind === "layerNames") expect(reading.names.length).toBeGreaterThan(0);
}

/** What each entry takes, as "label=seconds"; what is no profile of ops as it is. */
function figures(reading: Reading): readonly string[] {
  return reading.kind === "profile" || reading.kind === "unitless"
    ? reading.profile.entries.map(({ label, latency }) => `${label}=${latency.median.toPrecision(6)}`)
    : [JSON.stringify(reading)];
}

test("every reader has its text here", () => {
  const read = PROFILE_FORMATS.filter(({ id }) => TEXT_BY_ID.has(id)).map(({ id }) => id);
  const refused = PROFILE_FORMATS.filter(({ id }) => !TEXT_BY_ID.has(id)).map(({ id }) => id);
  expect(read.length).toBe(FORMATS.length);
  expect(refused).toEqual(["pickle", "pytorch-trace", "html", "git-lfs"]);
});

describe.each(FORMATS)("%s", (_, text) => {
  test("cut anywhere", () => {
    for (let length = 0; length < text.length; length++) {
      expectWhole(readProfileText(text.slice(0, length), "f.x"));
    }
  });

  test("with control characters anywhere", () => {
    const characters = ["\u0000", "\u001b", "\u001e", "\u001f", "\u007f"];
    for (let place = 0; place <= text.length; place += 2) {
      const character = characters[(place / 2) % characters.length] ?? "";
      expectWhole(readProfileText(text.slice(0, place) + character + text.slice(place), "f.x"));
    }
  });

  test("with any number replaced by what is none, or by one beyond reason", () => {
    for (const { 0: number, index } of text.matchAll(/\d+(?:[.,]\d+)?/g)) {
      for (const other of ["nan", "-nan", "NaN", "inf", "-1", "1e999", "9".repeat(400), "", '"1"', "null"]) {
        expectWhole(readProfileText(text.slice(0, index) + other + text.slice(index + number.length), "f.x"));
      }
    }
  });

  test("with decimal commas: the same figures, or rows left out, never others", () => {
    const whole = readProfileText(text, "f.x");
    const result = readProfileText(text.replaceAll(/(\d)\.(\d)/g, "$1,$2"), "f.x");
    expectWhole(result);
    if (!result.ok || !whole.ok) return;
    const known = new Set(figures(whole.value));
    expect(figures(result.value).filter((figure) => !known.has(figure))).toEqual([]);
  });

  test("behind the first bytes of a pickle", () => {
    for (const head of ["\ufffd\u0002}q\u0000", "\u0080\u0005\u0095", "(dp0\n", "cnumpy.core\nndarray\n"]) {
      const result = readProfileText(`${head}\n${text}`, "f.x");
      expect(result.ok ? "accepted" : result.error).toMatch(/^f\.x is a Python pickle, .*expected the figures as CSV/);
    }
  });

  test("given to every other reader", () => {
    for (const format of PROFILE_FORMATS) {
      const reader = format.open("f.x");
      reader.push(text);
      expectWhole(reader.end());
    }
  });

  test("with any line or stretch doubled, moved or lost", () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), fc.nat(text.length), (from, to, place) => {
        const stretch = text.slice(from, to);
        expectWhole(readProfileText(text.slice(0, place) + stretch + text.slice(place), "f.x"));
        expectWhole(readProfileText(text.slice(0, from) + text.slice(Math.max(from, to)), "f.x"));
      }),
      { numRuns: 100 },
    );
  });
});

test.each(["", " ", "\r\n\r\n", "\ufeff", "\ufeff \n"])("nothing: %j", (text) => {
  expect(readProfileText(text, "f.x")).toEqual({ ok: false, error: "f.x is empty; expected a device profile." });
});

test.each([
  ["a picture", "\ufffdPNG\r\n\u001a\n\u0000\u0000\u0000\rIHDR"],
  ["markup", '<?xml version="1.0"?><net name="m" version="11"><layers/></net>'],
  ["another JSON", '{"name": "package", "version": "1.0.0", "dependencies": {"a": "^1.0.0"}}'],
  ["bare JSON", "null"],
  ["a list", "[]"],
  ["an object", "{}"],
  ["words", "these are only words"],
  ["one long line", "a".repeat(1_000_000)],
  ["many brackets", "[".repeat(100_000)],
  ["many braces", '{"a":'.repeat(100_000)],
  ["many quotes", '"a"b"'.repeat(100_000)],
  ["a program", "import onnx\nmodel = onnx.load('m.onnx')\n"],
  ["a table of something else", "city,inhabitants\nUlm,126000\n"],
])("%s is no profile", (_, text) => {
  const result = readProfileText(text, "f.x");
  expect(result.ok ? "accepted" : result.error).toMatch(/^f\.x is no device profile that can be read here; expected /);
});

describe("names that come twice", () => {
  const native = (entry: string) =>
    `{"format": "splitscope-profile", "version": 1, "provenance": {"kind": "user"}, "entries": [${entry}, ${entry}]}`;
  const node = (dur: number, ts: number) =>
    `{"cat":"Node","dur":${dur},"ts":${ts},"ph":"X","name":"_kernel_time","args":{"op_name":"Relu"}},`;
  const cases: readonly (readonly [string, string, readonly string[] | RegExp])[] = [
    [
      "two entries of one label",
      native('{"label": "a", "latency_us": {"median": 1}}'),
      ["a=0.00000100000", "a=0.00000100000"],
    ],
    [
      "an op that two entries claim",
      native('{"nodes": ["a"], "latency_us": {"median": 1}}'),
      /entries\[1\]\.nodes names "a"/,
    ],
    [
      "nodes without names, told apart by their order",
      `[${node(5, 1)}${node(7, 9)}{"cat":"Session","dur":20,"ts":1,"name":"model_run"}]`,
      ["=0.00000500000", "=0.00000700000"],
    ],
    [
      "layers of an engine",
      '[{"count":9},{"name":"a","averageMs":1},{"name":"a","averageMs":2}]',
      ["a=0.00100000", "a=0.00200000"],
    ],
    [
      "counters of one table",
      "layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms);\na;EXECUTED;MatMul;x;1;1;\na;EXECUTED;MatMul;x;2;2;\n",
      ["a=0.00100000", "a=0.00200000"],
    ],
    [
      "counters as JSON",
      '{"report_type":"average","avg_performance":{"nodes":[{"name":"a","status":"EXECUTED","real_time":1},{"name":"a","status":"EXECUTED","real_time":2}]}}',
      ["a=0.00100000", "a=0.00200000"],
    ],
    [
      "ops of one tensor",
      "Operator-wise Profiling Info for Regular Benchmark Runs:\n== Run Order ==\nnode type, first, avg_ms, %, cdf%, mem KB, times called, name\nADD, 1, 1, 9%, 9%, 0, 1, [a]:0\nADD, 1, 2, 9%, 9%, 0, 1, [a]:1\n",
      ["a=0.00100000", "a=0.00200000"],
    ],
    ["layers of SNPE", "SNPE\nLayer Times:\na: 5 us\na: 6 us\n", ["a=0.00000500000", "a=0.00000600000"]],
    ["rows of a table are runs of one node", "node,latency_ms\na,1\na,3\n", ["a=0.00200000"]],
    ["lines of a layer are its runs", "ReLU a 1ms |\n".repeat(3), ["a=0.00100000"]],
    [
      "two models in one table",
      "loop_count = 1\na min = 1 max = 1 avg = 1\na min = 2 max = 2 avg = 2\n",
      /with 2 models/,
    ],
    ["a key of YAML", "box:\n  mem_MB: 1\n  mem_MB: 2\n  bw_Mbps: 1\n  model_profiles: {}\n", /mem_MB|unique/i],
    [
      "a key of JSON: the last counts, as everywhere",
      '{"results": {"a": {"value": 1}, "a": {"value": 2}}}',
      ["a=2.00000"],
    ],
  ];

  test.each(cases)("%s", (_, text, expected) => {
    const result = readProfileText(text, "f.x");
    if (expected instanceof RegExp) expect(result.ok ? "accepted" : result.error).toMatch(expected);
    else expect(result.ok ? figures(result.value) : result.error).toEqual(expected);
    expectWhole(result);
  });
});

test("a name with an escape sequence does not reach a terminal", () => {
  const result = readProfileText("node,latency_ms\na\u001b[31m,-1\n", "f.x");
  expect(result).toEqual({ ok: false, error: 'f.x says that "a\\u001b[31m" takes -1; expected times of at least 0.' });
});
