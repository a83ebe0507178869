import { item } from "../columns.ts";
import { timeline } from "../predict/timeline.ts";
import { formatSeconds } from "../units.ts";
import type { ExportSubject } from "./export-subject.ts";
import { escapeHtml } from "./html.ts";

const COLORS = ["#2f6fe0", "#0c8f6b", "#8550e6", "#a8690a", "#c03a78", "#0a7f99", "#5d6778", "#6d7c0c"];
const LINK_COLOR = "#c23c10";
const WIDTH = 780;
const LABEL = 230;
const LANE = 24;
const BAR = 14;

/** One inference as bars over time, a lane for every device and direction of a link that takes part. O(stages + hops). */
export function timelineSvg({ rig, problem, prediction }: ExportSubject): string {
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) return "<p>The plan cannot run.</p>";
  const { lanes, activities, end } = timeline(problem, prediction, { frames: 1, interval: 0 });
  const x = (time: number) => LABEL + (end > 0 ? ((WIDTH - LABEL - 70) * time) / end : 0);
  const names = lanes.map((lane) => {
    if (lane.kind === "device") return item(rig.devices, lane.device).name;
    const { name, a, b } = item(rig.links, lane.link);
    const to = lane.direction === "aToB" ? b : a;
    return `${name} to ${rig.devices.find(({ id }) => id === to)?.name ?? to}`;
  });
  const labels = names.map(
    (name, index) =>
      `<text x="0" y="${index * LANE + 16}" font-size="12">${escapeHtml(name.length > 34 ? `${name.slice(0, 33)}…` : name)}</text>`,
  );
  const bars = activities.map(({ lane, start, busyUntil }) => {
    const where = item(lanes, lane);
    const color = where.kind === "device" ? item(COLORS, where.device % COLORS.length) : LINK_COLOR;
    const left = x(start);
    const width = Math.max(1, x(busyUntil) - left);
    const top = lane * LANE + (LANE - BAR) / 2;
    const time = escapeHtml(formatSeconds(busyUntil - start));
    const text = `<text x="${(left + width + 5).toFixed(1)}" y="${lane * LANE + 16}" font-size="11" fill="#556070">${time}</text>`;
    return `<rect x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>${text}`;
  });
  const height = lanes.length * LANE;
  return `<svg width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of one inference">
${[...labels, ...bars].join("\n")}
</svg>`;
}
