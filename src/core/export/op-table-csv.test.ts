import { describe, expect, test } from "vitest";
import { at } from "../columns.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { csvCell, csvText, writeOpTable } from "./op-table-csv.ts";

/** RFC 4180, read by a state machine of its own. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "," || (char === "\r" && text[i + 1] === "\n")) {
      rows.at(-1)?.push(cell);
      cell = "";
      if (char === "\r") {
        i++;
        rows.push([]);
      }
    } else cell += char;
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

describe("csvCell", () => {
  const cases: readonly (readonly [string | number, string])[] = [
    ["conv1", "conv1"],
    ['say "a", b', '"say ""a"", b"'],
    ["two\nlines", '"two\nlines"'],
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@x", "'@x"],
    ["\tx", "'\tx"],
    ["\r=1", `"'\r=1"`],
    [-1.5, "-1.5"],
    [Number.NaN, ""],
    [Number.POSITIVE_INFINITY, ""],
  ];
  for (const [value, cell] of cases) {
    test(JSON.stringify(value), () => expect(csvCell(value)).toBe(cell));
  }
});

test("what is written can be read by the standard's rules", () => {
  const rows = [
    ["a", 'b"c', "d,e"],
    ["f\r\ng", "", "h"],
  ];
  expect(parseCsv(csvText(rows))).toEqual(rows);
});

test("one row per op with its place, work and latencies", () => {
  const subject = exportSubject("[in:600000] -> a=3 -> b:Conv=2 -> c", [2]);
  const [pi, jetson, server] = subject.rig.devices;
  if (pi === undefined || jetson === undefined || server === undefined)
    throw new Error("the default rig has 3 devices");
  const loaded = { ...jetson, loadFactor: 2 };
  const limited = { ...server, unsupportedOps: ["Conv"] };
  const changed = exportSubject("[in:600000] -> a=3 -> b:Conv=2 -> c", [2], {
    ...subject.rig,
    devices: [pi, loaded, limited],
  });
  const [header = [], ...rows] = parseCsv(writeOpTable(changed));
  const column = (name: string) => rows.map((cells) => cells[header.indexOf(name)]);
  expect(column("op")).toEqual(["a", "b", "c"]);
  expect(column("type")).toEqual(["Op", "Conv", "Op"]);
  expect(column("domain")).toEqual(["ai.onnx", "ai.onnx", "ai.onnx"]);
  expect(column("stage")).toEqual(["0", "0", "1"]);
  expect(column("device")).toEqual([pi.id, pi.id, jetson.id]);
  expect(column("macs")).toEqual(["3000000", "2000000", "1000000"]);
  expect(Number(column(`${jetson.id} ms`)[0])).toBeCloseTo(2e3 * at(subject.latencies[1]?.seconds ?? [], 0), 9);
  expect(column(`${server.id} ms`)[1]).toBe("");
  expect(column(`${server.id} provenance`)[1]).toBe("not supported");
  expect(Number(column(`${jetson.id} ms low`)[2])).toBeLessThanOrEqual(Number(column(`${jetson.id} ms`)[2]));
});
