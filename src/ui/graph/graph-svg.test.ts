import { expect, test } from "vitest";
import { graphBlocks } from "../../core/graph/blocks.ts";
import { layoutFilmstrip } from "../../core/layout/filmstrip.ts";
import { textGraph } from "../../core/testing/text-graph.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { graphSvg } from "./graph-svg.ts";

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
  devices: ["#0000ff"],
  deviceSoft: ["#ddddff"],
  deviceText: "#ffffff",
};

const { graph } = textGraph("a -> b -> c; a -> c");
const blocks = graphBlocks(graph);
const layout = layoutFilmstrip(graph, blocks, { aspect: 2, collapsed: new Set() });
const paint = { fill: "#ddddff", border: "#0000ff", ink: "#000000" };

const draw = (label: string, crossing: ReadonlySet<number> = new Set()) => {
  const looks = Array.from({ length: layout.nodes.count }, () => ({ label, ...paint }));
  return graphSvg({ layout, names: blocks.names, looks, crossing, colors });
};

test("every box is in the file, and crossing wires in the accent", () => {
  const boxes = (text: string) => text.match(/rx="5"/g)?.length;
  expect(boxes(draw("Conv"))).toBe(3);
  expect(draw("Conv")).not.toContain(colors.accent);
  expect(draw("Conv", new Set([1]))).toContain(colors.accent);
});

test("names out of files are text, whatever they hold", () => {
  const svg = draw("<a>&\u0000\ud800");
  expect(svg).toContain("&lt;a&gt;&amp;");
  expect(svg).not.toContain("<a>");
  expect(svg.includes("\u0000") || svg.includes("\ud800")).toBe(false);
});
