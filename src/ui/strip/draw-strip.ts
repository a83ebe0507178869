import { at } from "../../core/columns.ts";
import type { StripModel } from "./strip-model.ts";

/** Where things lie in the strip, in CSS pixels from its top. */
export interface StripFrame {
  readonly width: number;
  readonly height: number;
  /** Base line of the area of bytes, and its height. */
  readonly areaBase: number;
  readonly areaHeight: number;
  /** Base line of the bars of latency, and their height. */
  readonly barBase: number;
  readonly barHeight: number;
}

export interface StripColors {
  readonly accent: string;
  readonly accentSoft: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly devices: readonly string[];
}

/** Side of a tile of the hatch, and the width of its lines, in CSS pixels. */
const HATCH = { tile: 4, line: 1.3 } as const;

/** Diagonal lines in the surface's colour, laid over what was not measured. */
export function hatchPattern(context: CanvasRenderingContext2D, color: string): CanvasPattern | null {
  const density = Math.max(1, Math.round(window.devicePixelRatio));
  const tile = document.createElement("canvas");
  const side = HATCH.tile * density;
  tile.width = side;
  tile.height = side;
  const pen = tile.getContext("2d");
  if (pen === null) return null;
  pen.strokeStyle = color;
  pen.lineWidth = HATCH.line * density;
  pen.lineCap = "square";
  pen.beginPath();
  // The line through the tile and its two neighbours at the corners, so that tiles meet without a gap.
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift, side);
    pen.lineTo(shift + side, 0);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / density));
  return pattern;
}

/** Radius of the mark at a one-tensor cut, in CSS pixels. */
const DOT = 1.8;

/** Maps graph coordinates to strip pixels: x * zoom + pan. */
export interface Viewport {
  readonly pan: number;
  readonly zoom: number;
}

/** Log scale of bytes: 0 at a fourth of the smallest, 1 at the largest. Bytes vary over orders of magnitude. */
function byteScale(bytes: Float64Array): (value: number) => number {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const value of bytes) {
    if (!(value > 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high === 0) return () => 0;
  const floor = Math.log(low / 4);
  const span = Math.log(high) - floor;
  return (value) => (value > 0 ? Math.max(0, (Math.log(value) - floor) / span) : 0);
}

/** Square-root scale of latencies: long tails stay visible, and so do short bars. */
function latencyScale(seconds: Float64Array): (value: number) => number {
  let high = 0;
  for (const value of seconds) if (Number.isFinite(value)) high = Math.max(high, value);
  return (value) => (high > 0 ? Math.sqrt(Math.min(value, high) / high) : 0);
}

/** Draws area, dots and bars, hatched where not measured; what is outside the frame is skipped. O(ops). */
export function drawStrip(
  context: CanvasRenderingContext2D,
  model: StripModel,
  slotX: Float64Array,
  viewport: Viewport,
  frame: StripFrame,
  colors: StripColors,
  /** Per device, 1 for each op whose time is not from the device's profile; null for devices without one. */
  guessed: readonly (Uint8Array | null)[],
  hatch: CanvasPattern | null,
): void {
  const x = (position: number) => at(slotX, position) * viewport.zoom + viewport.pan;
  const count = model.order.length;
  context.clearRect(0, 0, frame.width, frame.height);

  const scaleBytes = byteScale(model.bytes);
  const top = (position: number) => frame.areaBase - scaleBytes(at(model.bytes, position)) * frame.areaHeight;
  context.beginPath();
  context.moveTo(x(0), frame.areaBase);
  // What is narrower than a pixel is drawn together, from the largest to the least.
  const pixel = { x: Number.NEGATIVE_INFINITY, high: 0, low: 0 };
  const drawPixel = () => {
    if (pixel.x === Number.NEGATIVE_INFINITY) return;
    context.lineTo(pixel.x, pixel.high);
    if (pixel.low > pixel.high) context.lineTo(pixel.x, pixel.low);
    pixel.x = Number.NEGATIVE_INFINITY;
  };
  for (let position = 0; position <= count; position++) {
    // Each position owns the stretch between the middles of its neighbouring ops.
    const from = position === 0 ? x(0) : (x(position - 1) + x(position)) / 2;
    const to = position === count ? x(count) : (x(position) + x(position + 1)) / 2;
    if (to < 0) continue;
    if (from > frame.width) break;
    const y = top(position);
    if (to - from >= 1) {
      drawPixel();
      context.lineTo(from, y);
      context.lineTo(to, y);
      continue;
    }
    const left = Math.floor(from);
    if (left !== pixel.x) {
      drawPixel();
      pixel.x = left;
      pixel.high = y;
      pixel.low = y;
    } else if (y < pixel.high) pixel.high = y;
    else if (y > pixel.low) pixel.low = y;
  }
  drawPixel();
  context.lineTo(x(count), frame.areaBase);
  context.closePath();
  context.fillStyle = colors.accentSoft;
  context.fill();
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.25;
  context.stroke();

  context.beginPath();
  let lastDot = Number.NEGATIVE_INFINITY;
  for (let position = 0; position <= count; position++) {
    if (model.singles[position] !== 1) continue;
    const dotX = x(position);
    if (dotX < 0 || dotX > frame.width || dotX - lastDot < DOT / 2) continue;
    lastDot = dotX;
    context.moveTo(dotX + DOT, frame.areaBase + 6);
    context.arc(dotX, frame.areaBase + 6, DOT, 0, 2 * Math.PI);
  }
  context.fillStyle = colors.faint;
  context.fill();

  const scaleLatency = latencyScale(model.seconds);
  for (let first = 0, next = 0; first < count; first = next) {
    const left = x(first);
    // Of bars that share a pixel the highest is drawn.
    let place = first;
    for (next = first + 1; next < count && x(next) - left < 1; next++) {
      if (at(model.seconds, next) > at(model.seconds, place)) place = next;
    }
    const right = x(next);
    if (right < 0) continue;
    if (left > frame.width) break;
    const value = at(model.seconds, place);
    const height = Number.isFinite(value) ? Math.max(1, scaleLatency(value) * frame.barHeight) : frame.barHeight;
    context.fillStyle = colors.devices[at(model.device, place) % colors.devices.length] ?? colors.line;
    const width = Math.max(0.75, right - left - 1);
    context.fillRect(left + 0.5, frame.barBase - height, width, height);
    if (hatch !== null && guessed[at(model.device, place)]?.[at(model.order, place)] === 1) {
      context.fillStyle = hatch;
      context.fillRect(left + 0.5, frame.barBase - height, width, height);
    }
  }
}
