/** What an SVG needs of its page's styles to look the same alone. */
const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
  "visibility",
  "display",
] as const;

export interface LegendEntry {
  readonly name: string;
  /** A CSS colour; variables of the page are resolved. */
  readonly color: string;
}

export interface PictureText {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
}

const NAMESPACE = "http://www.w3.org/2000/svg";
const TITLE_HEIGHT = 34;
const LEGEND_ROW = 20;
const MARGIN = 12;
/** Mean width of a letter at the legend's size: legends are placed without measuring. */
const LETTER_WIDTH = 6.6;

function svgElement(name: string, attributes: Readonly<Record<string, string | number>>, text?: string): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A copy in which every element carries its computed styles itself. */
function withStyles(source: SVGSVGElement): SVGSVGElement {
  const copy = source.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new Error("the copy of an SVG is none");
  const originals = [source, ...source.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [index, original] of originals.entries()) {
    const computed = getComputedStyle(original);
    const target = copies[index];
    for (const style of STYLES) target?.setAttribute(style, computed.getPropertyValue(style));
    target?.removeAttribute("class");
    target?.removeAttribute("style");
  }
  return copy;
}

/** A colour of the page as it is at this moment, without variables. */
function resolved(color: string): string {
  const probe = document.createElement("span");
  probe.style.color = color;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** A chart of the page as an SVG file's text: title above, legend below, in the colours of the present theme. */
export function svgText(source: SVGSVGElement, { title, legend }: PictureText): string {
  const { width, height } = source.getBoundingClientRect();
  const rows: { readonly entry: LegendEntry; readonly x: number; readonly row: number }[] = [];
  let x = MARGIN;
  let row = 0;
  for (const entry of legend) {
    const entryWidth = 18 + entry.name.length * LETTER_WIDTH + 16;
    if (x > MARGIN && x + entryWidth > width - MARGIN) {
      x = MARGIN;
      row += 1;
    }
    rows.push({ entry, x, row });
    x += entryWidth;
  }
  const legendHeight = legend.length === 0 ? 0 : (row + 1) * LEGEND_ROW + MARGIN;
  const total = TITLE_HEIGHT + height + legendHeight;
  const { fontFamily } = getComputedStyle(document.body);
  const picture = svgElement("svg", {
    xmlns: NAMESPACE,
    width,
    height: total,
    viewBox: `0 0 ${width} ${total}`,
    "font-family": fontFamily,
  });
  picture.append(svgElement("rect", { width, height: total, fill: resolved("var(--surface)") }));
  const heading = { x: MARGIN, y: 22, "font-size": 14, "font-weight": 600, fill: resolved("var(--text)") };
  picture.append(svgElement("text", heading, title));
  const body = withStyles(source);
  for (const [key, value] of Object.entries({ x: 0, y: TITLE_HEIGHT, width, height })) {
    body.setAttribute(key, String(value));
  }
  picture.append(body);
  for (const { entry, x: left, row: line } of rows) {
    const y = TITLE_HEIGHT + height + line * LEGEND_ROW + 4;
    picture.append(svgElement("rect", { x: left, y, width: 12, height: 12, rx: 3, fill: resolved(entry.color) }));
    const text = { x: left + 18, y: y + 10, "font-size": 12, fill: resolved("var(--text-soft)") };
    picture.append(svgElement("text", text, entry.name));
  }
  return new XMLSerializer().serializeToString(picture);
}

/** An SVG as PNG, twice as fine as on screen; null where the browser cannot draw it. */
export async function pngOf(svg: string): Promise<Blob | null> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}
