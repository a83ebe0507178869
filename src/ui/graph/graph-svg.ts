import { at, item } from "../../core/columns.ts";
import { EDGE_KINDS, PORT_KINDS } from "../../core/layout/edges.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { fontSize } from "./elements.ts";
import type { BoxLook } from "./looks.ts";

interface Picture {
  readonly layout: FilmstripLayout;
  /** Names of the layout's blocks, written on the panels of those that are open. */
  readonly names: readonly string[];
  readonly looks: readonly BoxLook[];
  /** Tensors that cross a split. */
  readonly crossing: ReadonlySet<number>;
  readonly colors: ThemeColors;
}

const MARGIN = 12;
const HUB = EDGE_KINDS.indexOf("hub");
/** Mean width of a letter, as a share of its size: the file is drawn without measuring text. */
const LETTER = 0.58;
const LINE_HEIGHT = 1.15;

const escapes = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/** Text for XML: marked-up characters are escaped, and what XML forbids (control characters, half pairs) is replaced. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => escapes.get(character) ?? "");
}

const round = (value: number) => Math.round(value * 10) / 10;

/** The whole drawing as an SVG file, as it is on screen: panels, wires, boxes, ports. O(boxes + corners). */
export function graphSvg({ layout, names, looks, crossing, colors }: Picture): string {
  const width = Math.ceil(layout.width) + 2 * MARGIN;
  const height = Math.ceil(layout.height) + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="Helvetica Neue, Helvetica, Arial, sans-serif">`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="${colors.surface}"/>`,
    ...panels(layout, colors),
    ...wires(layout, crossing, colors),
    ...titles(layout, names, colors),
    ...looks.map((look, node) => box(layout, node, look)),
    ...ports(layout, crossing, colors),
    "</svg>",
  ].join("\n");
}

function openBlocks({ nodes, panels: { x } }: FilmstripLayout): readonly number[] {
  const open = new Set<number>();
  for (let node = 0; node < nodes.count; node++) if (nodes.folded[node] !== 1) open.add(at(nodes.blockOf, node));
  return [...open].filter((block) => block < x.length);
}

function panels(layout: FilmstripLayout, colors: ThemeColors): string[] {
  const { x, y, width, height } = layout.panels;
  return openBlocks(layout).map(
    (block) =>
      `<rect x="${round(at(x, block))}" y="${round(at(y, block))}" width="${round(at(width, block))}" height="${round(at(height, block))}" rx="8" fill="${colors.panel}"/>`,
  );
}

function titles(layout: FilmstripLayout, names: readonly string[], colors: ThemeColors): string[] {
  const { x, y, width } = layout.panels;
  return openBlocks(layout).map((block) => {
    const text = shortened(item(names, block), at(width, block) - 10, 11);
    return `<text x="${round(at(x, block) + 5)}" y="${round(at(y, block) + 14)}" font-size="11" font-weight="600" fill="${colors.textSoft}">${xml(text)}</text>`;
  });
}

function wires({ edges }: FilmstripLayout, crossing: ReadonlySet<number>, colors: ThemeColors): string[] {
  const plain: string[] = [];
  const crossed: string[] = [];
  for (let edge = 0; edge < edges.count; edge++) {
    if (at(edges.kind, edge) === HUB) continue;
    let path = "";
    for (let i = at(edges.pointOffsets, edge); i < at(edges.pointOffsets, edge + 1); i += 2) {
      path += `${path === "" ? "M" : "L"}${round(at(edges.points, i))} ${round(at(edges.points, i + 1))}`;
    }
    if (path !== "") (crossing.has(at(edges.tensor, edge)) ? crossed : plain).push(path);
  }
  const group = (paths: readonly string[], color: string, width: number) =>
    paths.length === 0
      ? []
      : [`<path fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round" d="${paths.join("")}"/>`];
  return [...group(plain, colors.edge, 1.2), ...group(crossed, colors.accent, 2.4)];
}

function box(layout: FilmstripLayout, node: number, { label, fill, border, ink, isGuess }: BoxLook): string {
  const op = at(layout.nodes.firstOp, node);
  const isFolded = layout.nodes.folded[node] === 1;
  const [x, y, w, h] = [at(layout.opX, op), at(layout.opY, op), at(layout.opWidth, op), at(layout.opHeight, op)];
  const size = fontSize(w, isFolded);
  const lines = label.split("\n");
  const dashes = isGuess === true ? ' stroke-dasharray="4 3"' : "";
  const texts = lines.map((line, index) => {
    const lineY = y + (index - (lines.length - 1) / 2) * size * LINE_HEIGHT + size * 0.35;
    return `<text x="${round(x)}" y="${round(lineY)}" font-size="${round(size)}"${isFolded ? ' font-weight="600"' : ""} text-anchor="middle" fill="${ink}">${xml(shortened(line, w - 4, size))}</text>`;
  });
  return `<rect x="${round(x - w / 2)}" y="${round(y - h / 2)}" width="${round(w)}" height="${round(h)}" rx="5" fill="${fill}" stroke="${border}" stroke-width="${isFolded ? 2 : 1}"${dashes}/>${texts.join("")}`;
}

function ports({ ports: place }: FilmstripLayout, crossing: ReadonlySet<number>, colors: ThemeColors): string[] {
  return Array.from({ length: place.count }, (_, port) => {
    const isHub = PORT_KINDS[at(place.kind, port)]?.startsWith("hub") === true;
    const color = crossing.has(at(place.tensor, port)) ? colors.accent : isHub ? colors.surface : colors.textSoft;
    const stroke = isHub ? ` stroke="${colors.edge}" stroke-width="1.5"` : "";
    return `<circle cx="${round(at(place.x, port))}" cy="${round(at(place.y, port))}" r="3" fill="${color}"${stroke}/>`;
  });
}

function shortened(text: string, width: number, size: number): string {
  const letters = Math.max(1, Math.floor(width / (size * LETTER)));
  const characters = [...text];
  return characters.length <= letters ? text : `${characters.slice(0, Math.max(1, letters - 1)).join("")}…`;
}
