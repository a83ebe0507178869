// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { figure } from "../predict/prediction.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { formatSeconds } from "../units.ts";
import { writePlanPage } from "./plan-page.ts";

const subject = exportSubject("[in:600000] -> a=3 -> b:Conv=2 -> c=4 -> [out:10]", [2]);
const pageOf = (html: string) => new DOMParser().parseFromString(html, "text/html");
const tableAfter = (page: Document, heading: RegExp) => {
  const title = [...page.querySelectorAll("h2")].find(({ textContent }) => heading.test(textContent ?? ""));
  const table = title?.nextElementSibling;
  return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) =>
    [...row.children].map(({ textContent }) => textContent ?? ""),
  );
};

describe("the report", () => {
  test("holds the plan's figures beside each no split", () => {
    const page = pageOf(writePlanPage(subject));
    expect(page.querySelector(".figures")?.textContent).toContain(formatSeconds(subject.prediction.latencySeconds));
    const rows = tableAfter(page, /Compared with no split/);
    expect(rows.map(([name]) => name)).toEqual([
      "This plan",
      ...subject.rig.devices.map(({ name }) => `All on ${name}`),
    ]);
    expect(item(rows, 0)[1]).toBe(formatSeconds(figure(subject.prediction, "latency")));
  });

  test("a no split that does not fit is no match, and where none fits the page says so", () => {
    const { problem } = subject;
    const within = (memory: readonly number[]) => {
      const devices = problem.devices.map((device, number) => ({ ...device, memoryBytes: memory[number] ?? 1e12 }));
      return pageOf(writePlanPage({ ...subject, problem: { ...problem, devices } }));
    };
    const one = within([1e12, 1, 1]);
    expect(one.body.textContent).toMatch(/the best no split \(All on Raspberry Pi 4\)/);
    expect(tableAfter(one, /Compared with no split/).map(([name = ""]) => / \(not allowed\)$/.test(name))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    const none = within([1, 1, 1]);
    expect(none.body.textContent).toContain("No device can run the model alone within the constraints.");
    expect(tableAfter(none, /^Why/)).toEqual([]);
  });

  test("explains by terms that add up, and says where op times come from", () => {
    const page = pageOf(writePlanPage(subject));
    const amounts = tableAfter(page, /^Why/).map(([, text = ""]) => {
      const value = Number(text.replace(/[^\d.]/g, "")) * (text.endsWith(" s") ? 1e3 : 1);
      return text.startsWith("−") ? -value : value;
    });
    const [from = Number.NaN, ...terms] = amounts;
    const to = terms.pop() ?? Number.NaN;
    expect(terms.length).toBeGreaterThan(1);
    expect(Math.abs(from + terms.reduce((sum, term) => sum + term, 0) - to)).toBeLessThan(0.02 * Math.max(from, to));
    expect(tableAfter(page, /Where the figures come from/).every(([, ops = ""]) => /^\d+ \w+/.test(ops))).toBe(true);
  });

  test("says what a run of the segments came to, where, how and on what", () => {
    const verification = {
      verdict: "bit-equal" as const,
      tolerance: 1e-4,
      runtime: "onnxruntime-web 1.30.0 WASM",
      level: "all" as const,
      seed: 7,
      given: [{ name: "x", file: "x.npy" }],
      outputs: [],
      encoded: {
        input: "as-stored" as const,
        cut: "f16" as const,
        outputs: [
          { name: "y", elementType: "float", dims: [4], bitEqual: false, maxAbsolute: 0.25, maxRelative: 0.125 },
        ],
      },
      random: null,
      whole: { loadSeconds: 1, runSeconds: 1 },
      stages: [],
      transfers: [],
    };
    const record = { fingerprint: "", verification, measurement: null };
    const { textContent } = pageOf(writePlanPage({ ...subject, verification: record })).body;
    expect(textContent).toContain(
      'give the same bits as the whole model. With inputs sent as the model has them, cut tensors as float 16, outputs are off, relative to their largest value: "y" by up to 13 %. 0 stages, onnxruntime-web 1.30.0 WASM, optimisation level all; inputs made up from seed 7 and from x.npy.',
    );
    expect(pageOf(writePlanPage(subject)).body.textContent).not.toContain("The segments were run");
  });

  test("names out of files are text, never markup", () => {
    const hostile = "<img src=x onerror=alert(1)>&\"'";
    const { model } = subject;
    const graph = { ...model.graph, tensorNames: model.graph.tensorNames.map(() => hostile) };
    const page = pageOf(writePlanPage({ ...subject, model: { ...model, graph, fileName: hostile } }));
    expect(page.querySelectorAll("img, script")).toHaveLength(0);
    expect(page.querySelector("h1")?.textContent).toBe(hostile);
    expect(page.body.textContent).toContain(hostile);
  });

  test("loads nothing: no address and no script in it", () => {
    expect(writePlanPage(subject)).not.toMatch(/https?:|<script|<link|@import|url\(/i);
  });
});
