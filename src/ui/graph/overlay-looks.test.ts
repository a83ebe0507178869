import { describe, expect, test } from "vitest";
import { item } from "../../core/columns.ts";
import { graphBlocks } from "../../core/graph/blocks.ts";
import { layoutFilmstrip } from "../../core/layout/filmstrip.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "../../core/profile/profile.ts";
import { textGraph } from "../../core/testing/text-graph.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import {
  latencyLooks,
  type OverlayLooks,
  provenanceLooks,
  ratioLooks,
  type TimedDevice,
  uncertaintyLooks,
} from "./overlay-looks.ts";

const colors: ThemeColors = {
  surface: "#ffffff",
  panel: "#eeeeee",
  text: "#000000",
  textSoft: "#555555",
  edge: "#cccccc",
  line: "#dddddd",
  faint: "#999999",
  accent: "#d9481c",
  accentSoft: "#fbe3da",
  devices: ["#0000ff", "#008000"],
  deviceSoft: ["#ddddff", "#ddffdd"],
  deviceText: "#ffffff",
};

const { graph } = textGraph("a:Conv -> b:Relu -> c:Conv -> d:Gemm");
const blocks = graphBlocks(graph);
const canvas = { graph, blocks, colors, layout: layoutFilmstrip(graph, blocks, { aspect: 2, collapsed: new Set() }) };

/** A device from "seconds provenance" per op, with a band of +- 10 %. */
function device(index: number, ops: readonly (readonly [number, Provenance])[], loadFactor = 1): TimedDevice {
  const seconds = Float64Array.from(ops, ([value]) => value);
  const table: LatencyTable = {
    seconds,
    low: seconds.map((value) => 0.9 * value),
    high: seconds.map((value) => 1.1 * value),
    provenance: Uint8Array.from(ops, ([, provenance]) => PROVENANCES.indexOf(provenance)),
    group: new Int32Array(ops.length).fill(-1),
    origins: new Map(),
  };
  return { name: `device ${index}`, index, loadFactor, table };
}

const fast = device(0, [
  [1e-3, "measured"],
  [0, "elided"],
  [4e-3, "fitted"],
  [9e-3, "measured"],
]);
const slow = device(1, [
  [8e-3, "estimated"],
  [0, "estimated"],
  [2e-3, "estimated"],
  [Number.POSITIVE_INFINITY, "estimated"],
]);

const labels = ({ looks }: OverlayLooks) => looks.map(({ label }) => label);
const guesses = ({ looks }: OverlayLooks) => looks.map(({ isGuess }) => isGuess === true);
const fills = ({ looks }: OverlayLooks) => looks.map(({ fill }) => fill);

describe("latency", () => {
  test("figures carry the load, and a mark where they are not measured", () => {
    const looks = latencyLooks(canvas, { ...fast, loadFactor: 2 });
    expect(labels(looks)).toEqual(["2 ms", "Relu", "~8 ms", "18 ms"]);
    expect(guesses(looks)).toEqual([false, false, true, false]);
    expect(looks.legend).toMatchObject({
      title: "Latency on device 0",
      ends: ["0 ms", "4.5 ms", "18 ms"],
      hasGuesses: true,
    });
  });
  test("nothing is marked on a device where all is estimated", () => {
    expect(guesses(latencyLooks(canvas, slow))).toEqual([false, false, false, false]);
  });
  test("the scale ends at the slowest op's colour", () => {
    const { looks, legend } = latencyLooks(canvas, fast);
    if (legend.kind !== "scale") throw new Error("latency has a scale");
    expect(legend.fills.at(-1)).toBe(item(looks, 3).fill);
    expect(legend.fills[0]).toBe("rgb(255,255,255)");
  });
});

describe("ratio", () => {
  const looks = ratioLooks(canvas, fast, slow);
  test("says which device is faster and how many times", () => {
    expect(labels(looks)).toEqual(["A 8.00x", "Relu", "B 2.00x", "only A"]);
    expect(labels(ratioLooks(canvas, slow, fast))).toEqual(["A 8.00x", "Relu", "B 2.00x", "only A"]);
  });
  test("has the colour of the faster one, the stronger the faster", () => {
    const [a, , c, d] = fills(looks);
    expect(a).toBe("rgb(26,26,255)");
    expect(d).toBe(a);
    const [red = 0, green = 0, blue = 0] = (c ?? "").match(/\d+/g)?.map(Number) ?? [];
    expect(green).toBeGreaterThan(red);
    expect(red).toBe(blue);
  });
  test("the load of a device counts", () => {
    expect(labels(ratioLooks(canvas, { ...fast, loadFactor: 8 }, slow))[0]).toBe("Conv");
  });
});

test("provenance names how each op is known, and lists those that occur", () => {
  const looks = provenanceLooks(canvas, fast);
  expect(labels(looks)).toEqual(["measured", "no time", "fitted", "measured"]);
  expect(guesses(looks)).toEqual([false, false, true, false]);
  expect(looks.legend).toMatchObject({
    kind: "list",
    entries: [{ text: "measured" }, { text: "fitted", isGuess: true }, { text: "no time" }],
  });
});

test("a folded block tells how most of its ops are known", () => {
  const layout = layoutFilmstrip(graph, blocks, { aspect: 2, collapsed: new Set([...Array(blocks.count).keys()]) });
  const looks = provenanceLooks({ ...canvas, layout }, fast);
  const counted = labels(looks).map((label) => label.split("\n")[1]);
  expect(layout.nodes.count).toBe(blocks.count);
  expect(counted.every((text) => text !== undefined && /^(\d+ of \d+ )?(measured|fitted|no time)$/.test(text))).toBe(
    true,
  );
});

test("uncertainty is half the band relative to the figure; none where there is no time", () => {
  const looks = uncertaintyLooks(canvas, fast);
  expect(labels(looks)).toEqual(["±10 %", "Relu", "±10 %", "±10 %"]);
  expect(labels(uncertaintyLooks(canvas, slow))[3]).toBe("Gemm");
  expect(looks.legend).toMatchObject({ ends: ["±0 %", "±25 %", "±100 % or more"] });
});

test("ink reads on every fill", () => {
  const contrast = (fill: string, ink: string) => {
    const luminance = (channels: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = channels.map((c) =>
        c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const hex = (text: string) => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
    const [a, b] = [luminance((fill.match(/\d+/g) ?? []).map(Number)), luminance(hex(ink))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  for (const { looks } of [
    latencyLooks(canvas, fast),
    ratioLooks(canvas, fast, slow),
    provenanceLooks(canvas, fast),
    uncertaintyLooks(canvas, fast),
  ]) {
    for (const { fill, ink } of looks) expect(contrast(fill, ink)).toBeGreaterThanOrEqual(4.5);
  }
});
