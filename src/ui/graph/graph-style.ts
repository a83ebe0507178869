import type { StylesheetJson } from "cytoscape";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { LEAST_LETTERS, TITLE_SIZE } from "./elements.ts";

/** The look of the network. Colours that change with the plan come as element data, the rest is fixed per theme. */
export function graphStyle(colors: ThemeColors): StylesheetJson {
  const leastLetters = LEAST_LETTERS * window.devicePixelRatio;
  return [
    // Wires run over panels and under ops; without this, cytoscape draws every edge below every node.
    { selector: "*", style: { "z-index-compare": "manual" } },
    {
      selector: "node.panel",
      style: {
        shape: "round-rectangle",
        "corner-radius": "8",
        width: "data(w)",
        height: "data(h)",
        "background-color": colors.panel,
        events: "no",
        "z-index": 0,
      },
    },
    {
      selector: "node.title",
      style: {
        width: 1,
        height: 1,
        "background-opacity": 0,
        label: "data(label)",
        color: colors.textSoft,
        "font-size": TITLE_SIZE,
        "font-weight": 600,
        "text-halign": "right",
        "text-valign": "center",
        "text-max-width": "data(w)",
        "text-wrap": "ellipsis",
        "text-background-color": colors.panel,
        "text-background-opacity": 1,
        "text-background-padding": "2px",
        "min-zoomed-font-size": leastLetters,
        events: "no",
        "z-index": 2,
      },
    },
    {
      selector: "node.op",
      style: {
        shape: "round-rectangle",
        "corner-radius": "5",
        width: "data(w)",
        height: "data(h)",
        "background-color": "data(fill)",
        "border-width": 1,
        "border-color": "data(border)",
        label: "data(label)",
        color: "data(ink)",
        "font-size": "data(font)",
        "text-valign": "center",
        "text-halign": "center",
        "text-max-width": "data(w)",
        "text-wrap": "ellipsis",
        "min-zoomed-font-size": leastLetters,
        "z-index": 2,
      },
    },
    {
      selector: "node.folded",
      style: { "font-weight": 600, "text-wrap": "wrap", "border-width": 2 },
    },
    {
      selector: "node.guess",
      style: { "border-style": "dashed", "border-width": 1.5, "border-color": colors.textSoft },
    },
    { selector: "node.op:selected", style: { "border-width": 3, "border-color": colors.text } },
    {
      selector: "node.port",
      style: { width: 6, height: 6, "background-color": colors.textSoft, events: "no", "z-index": 3 },
    },
    {
      selector: "node.hub",
      style: { "background-color": colors.surface, "border-width": 1.5, "border-color": colors.edge },
    },
    {
      selector: "edge",
      style: {
        "curve-style": "straight",
        "source-endpoint": "data(sourceEnd)",
        "target-endpoint": "data(targetEnd)",
        width: 1.2,
        "line-color": colors.edge,
        "target-arrow-shape": "none",
        events: "no",
        "z-index": 1,
      },
    },
    { selector: "node.port.crossing", style: { "background-color": colors.accent, "border-color": colors.accent } },
    {
      selector: "edge.bent",
      style: {
        "curve-style": "round-segments",
        "edge-distances": "node-position",
        "segment-weights": "data(weights)",
        "segment-distances": "data(distances)",
        "segment-radii": [5],
      },
    },
    { selector: ".aside", style: { opacity: 0.18 } },
    { selector: "edge.crossing", style: { "line-color": colors.accent, width: 2.4, "z-index": 3 } },
  ];
}
