import { at, item } from "../../core/columns.ts";
import type { Blocks } from "../../core/graph/blocks.ts";
import type { Graph } from "../../core/graph/graph.ts";
import type { FilmstripLayout } from "../../core/layout/filmstrip.ts";
import { type LatencyTable, PROVENANCES, type Provenance } from "../../core/profile/profile.ts";
import { formatRatio, formatSeconds } from "../../core/units.ts";
import { guessedOn } from "../../state/derive.ts";
import { deviceLetter } from "../shared/device-color.ts";
import type { ThemeColors } from "../shared/use-theme-colors.ts";
import { type BoxLook, boxes, shortType } from "./looks.ts";
import { heatPaint, type Paint, tone } from "./op-paint.ts";

/** What an overlay's colours mean: a scale from one end to the other, or a list of kinds. */
export type Legend =
  | {
      readonly kind: "scale";
      readonly title: string;
      /** Five colours at equal distances. */
      readonly fills: readonly string[];
      /** Texts at the left end, the middle and the right end. */
      readonly ends: readonly [string, string, string];
      /** True where some boxes are dashed. */
      readonly hasGuesses: boolean;
    }
  | {
      readonly kind: "list";
      readonly title: string;
      readonly entries: readonly { readonly text: string; readonly paint: Paint; readonly isGuess: boolean }[];
    };

export interface OverlayLooks {
  readonly looks: readonly BoxLook[];
  readonly legend: Legend;
}

/** A device with its latencies, without load. */
export interface TimedDevice {
  readonly name: string;
  /** Its number in the rig: it has that colour and letter. */
  readonly index: number;
  readonly loadFactor: number;
  readonly table: LatencyTable;
}

/** What every overlay is drawn on. */
export interface Canvas {
  readonly graph: Graph;
  readonly layout: FilmstripLayout;
  readonly blocks: Blocks;
  readonly colors: ThemeColors;
}

const GUESSED: readonly Provenance[] = ["scaled", "fitted", "estimated", "unknown"];
function nameOf({ graph, layout, blocks }: Canvas, node: number, op: number): string {
  return layout.nodes.folded[node] === 1
    ? item(blocks.names, at(layout.nodes.blockOf, node))
    : shortType(item(graph.opTypes, op));
}

/** Text of a box: a figure, under the block's name where a block is folded; the name alone where there is no figure. */
function labelOf(canvas: Canvas, node: number, op: number, text: string | null): string {
  const name = nameOf(canvas, node, op);
  if (text === null) return name;
  return canvas.layout.nodes.folded[node] === 1 ? `${name}\n${text}` : text;
}

interface BoxTime {
  /** Seconds with load; Infinity where an op cannot run. */
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  /** Most of the time is not from the profile. */
  readonly isGuess: boolean;
}

/** Time of each box's ops on a device. O(ops). */
function boxTimes({ layout }: Canvas, { table, loadFactor }: TimedDevice): readonly BoxTime[] {
  const guessed = guessedOn(table);
  return boxes(layout, (_, from, to) => {
    let [seconds, low, high, guess] = [0, 0, 0, 0];
    for (let op = from; op < to; op++) {
      seconds += at(table.seconds, op);
      low += at(table.low, op);
      high += at(table.high, op);
      if (guessed?.[op] === 1) guess += at(table.seconds, op);
    }
    return {
      seconds: seconds * loadFactor,
      low: low * loadFactor,
      high: high * loadFactor,
      isGuess: guess > seconds / 2,
    };
  });
}

const STEPS = [0, 0.25, 0.5, 0.75, 1];

/** Boxes by their latency on one device, from the surface's colour to the accent on a square-root scale. O(ops). */
export function latencyLooks(canvas: Canvas, device: TimedDevice): OverlayLooks {
  const { colors } = canvas;
  const times = boxTimes(canvas, device);
  const slowest = times.reduce((most, { seconds }) => (Number.isFinite(seconds) ? Math.max(most, seconds) : most), 0);
  const looks = boxes(canvas.layout, (node, from) => {
    const { seconds, isGuess } = item(times, node);
    const text = seconds > 0 ? `${isGuess ? "~" : ""}${formatSeconds(seconds)}` : null;
    return { label: labelOf(canvas, node, from, text), isGuess, ...heatPaint(seconds, slowest, colors) };
  });
  return {
    looks,
    legend: {
      kind: "scale",
      title: `Latency on ${device.name}`,
      fills: STEPS.map((share) => heatPaint(share * share * slowest, slowest, colors).fill),
      ends: ["0 ms", formatSeconds(slowest / 4), formatSeconds(slowest)],
      hasGuesses: times.some(({ isGuess }) => isGuess),
    },
  };
}

/** A device this many times faster has its full colour. */
const MOST_TIMES = 8;

/** Boxes in the colour of the faster of two devices, the stronger the faster (log scale to 8x). O(ops). */
export function ratioLooks(canvas: Canvas, one: TimedDevice, other: TimedDevice): OverlayLooks {
  const { colors, layout } = canvas;
  const [first, second] = [boxTimes(canvas, one), boxTimes(canvas, other)];
  const colorOf = ({ index }: TimedDevice) => item(colors.devices, index % colors.devices.length);
  /** `times` is above 1 where the first device is the faster. */
  const paint = (times: number) => {
    const share = Math.min(1, Math.abs(Math.log(times)) / Math.log(MOST_TIMES));
    return tone(colorOf(times >= 1 ? one : other), share * 0.9, colors);
  };
  const looks = boxes(layout, (node, from): BoxLook => {
    const [a, b] = [item(first, node), item(second, node)];
    const isGuess = a.isGuess || b.isGuess;
    if (a.seconds === b.seconds)
      return { label: nameOf(canvas, node, from), isGuess, ...tone(colors.surface, 1, colors) };
    const times = b.seconds / a.seconds;
    const faster = deviceLetter((times >= 1 ? one : other).index);
    const factor = times >= 1 ? times : 1 / times;
    const text = Number.isFinite(factor) ? `${faster} ${formatRatio(factor)}` : `only ${faster}`;
    return { label: labelOf(canvas, node, from, text), isGuess, ...paint(times) };
  });
  const name = ({ index }: TimedDevice) => deviceLetter(index);
  return {
    looks,
    legend: {
      kind: "scale",
      title: `${one.name} (${name(one)}) versus ${other.name} (${name(other)})`,
      fills: [MOST_TIMES, MOST_TIMES ** 0.5, 1, MOST_TIMES ** -0.5, 1 / MOST_TIMES].map((times) => paint(times).fill),
      ends: [`${name(one)} ${MOST_TIMES}x faster`, "equal", `${name(other)} ${MOST_TIMES}x faster`],
      hasGuesses: [...first, ...second].some(({ isGuess }) => isGuess),
    },
  };
}

/** How strong a colour each provenance has: the better known, the darker. */
const STRENGTH: Readonly<Record<Provenance, number>> = {
  measured: 0.95,
  imported: 0.7,
  user: 0.7,
  given: 0.7,
  scaled: 0.4,
  fitted: 0.3,
  estimated: 0.15,
  elided: 0,
  unknown: 0,
};

/** What each is called on a box and in the legend. */
const KNOWN_AS: Readonly<Record<Provenance, string>> = {
  measured: "measured",
  imported: "imported",
  user: "by hand",
  given: "given",
  scaled: "scaled to total",
  fitted: "fitted",
  estimated: "estimated",
  elided: "no time",
  unknown: "unknown",
};

/** Boxes by how the latency of most of their ops on a device is known. O(ops). */
export function provenanceLooks(canvas: Canvas, { name, index, table }: TimedDevice): OverlayLooks {
  const { colors, layout } = canvas;
  const color = item(colors.devices, index % colors.devices.length);
  const paint = (provenance: Provenance) => tone(color, STRENGTH[provenance], colors);
  const isGuess = (provenance: Provenance) => GUESSED.includes(provenance);
  const occurring = new Set<Provenance>();
  const looks = boxes(layout, (node, from, to): BoxLook => {
    const counts = new Map<Provenance, number>();
    for (let op = from; op < to; op++) {
      const provenance = item(PROVENANCES, at(table.provenance, op));
      counts.set(provenance, (counts.get(provenance) ?? 0) + 1);
      occurring.add(provenance);
    }
    const [most, count] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    const text = count === to - from ? KNOWN_AS[most] : `${count} of ${to - from} ${KNOWN_AS[most]}`;
    return { label: labelOf(canvas, node, from, text), isGuess: isGuess(most), ...paint(most) };
  });
  return {
    looks,
    legend: {
      kind: "list",
      title: `How latencies on ${name} are known`,
      entries: PROVENANCES.filter((provenance) => occurring.has(provenance)).map((provenance) => ({
        text: KNOWN_AS[provenance],
        paint: paint(provenance),
        isGuess: isGuess(provenance),
      })),
    },
  };
}

/** Boxes by half the width of the band around their latency, relative to it: the greyer, the less is known. O(ops). */
export function uncertaintyLooks(canvas: Canvas, device: TimedDevice): OverlayLooks {
  const { colors } = canvas;
  const times = boxTimes(canvas, device);
  const paint = (spread: number) => tone(colors.textSoft, Math.sqrt(Math.min(1, spread)) * 0.9, colors);
  const looks = boxes(canvas.layout, (node, from): BoxLook => {
    const { seconds, low, high, isGuess } = item(times, node);
    if (!(seconds > 0 && Number.isFinite(seconds))) {
      return { label: nameOf(canvas, node, from), ...tone(colors.surface, 1, colors) };
    }
    const spread = (high - low) / 2 / seconds;
    return { label: labelOf(canvas, node, from, `±${percent(spread)}`), isGuess, ...paint(spread) };
  });
  return {
    looks,
    legend: {
      kind: "scale",
      title: `Band around the latency on ${device.name}`,
      fills: STEPS.map((share) => paint(share * share).fill),
      ends: ["±0 %", "±25 %", "±100 % or more"],
      hasGuesses: times.some(({ isGuess }) => isGuess),
    },
  };
}

function percent(share: number): string {
  return `${share < 0.0995 ? Number((100 * share).toPrecision(2)) : Math.round(100 * share)} %`;
}
