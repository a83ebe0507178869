import { Bar, BarChart, CartesianGrid, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { item } from "../../core/columns.ts";
import { formatSeconds } from "../../core/units.ts";
import { type SchemeRow, schemeRows } from "../schemes/scheme-rows.ts";
import { deviceColor, deviceLetter } from "../shared/device-color.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { AXIS_STYLE, GRID_STROKE, TOOLTIP_STYLE } from "./chart-style.ts";
import "./charts.css";

interface Series {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly hatched: boolean;
}

/** End-to-end latency of every scheme, stacked: compute per device in its colour, transfer per link in accent. */
export default function BreakdownChart({ view }: { readonly view: PlanView }) {
  const session = useApp((state) => state.session);
  const rows = schemeRows(view, session.schemes, session.proof);
  const series = seriesOf(view, rows);
  const data = rows.map((row) => barOf(row, view));
  return (
    <div className="chart">
      <div className="chart-body">
        <ResponsiveContainer width="100%" height="100%">
          <BarChart data={data} layout="vertical" margin={{ top: 8, right: 24, bottom: 8, left: 8 }}>
            <CartesianGrid horizontal={false} stroke={GRID_STROKE} />
            <XAxis type="number" tickFormatter={formatSeconds} {...AXIS_STYLE} />
            <YAxis type="category" dataKey="name" width={190} {...AXIS_STYLE} />
            <Tooltip
              {...TOOLTIP_STYLE}
              formatter={(value) => (typeof value === "number" ? formatSeconds(value) : String(value))}
            />
            {series.map((entry) => (
              <Bar
                key={entry.key}
                dataKey={entry.key}
                name={entry.name}
                stackId="time"
                fill={entry.color}
                isAnimationActive={false}
                barSize={18}
              >
                {rows.map((row) => (
                  <Cell key={row.key} fillOpacity={row.kind === "current" ? 1 : 0.75} />
                ))}
              </Bar>
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <ul className="legend">
        {series.map((entry) => (
          <li key={entry.key}>
            <span className="legend-swatch" data-hatched={entry.hatched} style={{ background: entry.color }} />
            {entry.name}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A series per device that computes in some row, and one per link that carries in some row. */
function seriesOf(view: PlanView, rows: readonly SchemeRow[]): readonly Series[] {
  const { devices, links } = view.setting.rig;
  const computing = devices.flatMap((device, index): Series[] =>
    rows.some((row) => item(row.prediction.devices, index).computeSeconds > 0)
      ? [
          {
            key: `device-${index}`,
            name: `${deviceLetter(index)}: ${device.name}`,
            color: deviceColor(index),
            hatched: false,
          },
        ]
      : [],
  );
  const carrying = links.flatMap((link, index): Series[] =>
    rows.some((row) => linkSeconds(row, view, index) > 0)
      ? [{ key: `link-${index}`, name: `${link.name}, transfer`, color: LINK_COLORS[index % 2] ?? "", hatched: true }]
      : [],
  );
  return [...computing, ...carrying];
}

const LINK_COLORS = ["var(--accent)", "color-mix(in srgb, var(--accent) 55%, var(--surface))"];

/** Seconds that one inference spends on a link: latency and bytes of each message over each of its hops. */
function linkSeconds(row: SchemeRow, view: PlanView, link: number): number {
  let total = 0;
  for (const transfer of row.prediction.transfers) {
    const route = view.problem.routes[transfer.fromDevice]?.[transfer.toDevice];
    for (const hop of route?.hops ?? []) {
      if (hop.link === link) total += hop.latency + transfer.bytes * hop.secondsPerByte;
    }
  }
  return total;
}

function barOf(row: SchemeRow, view: PlanView): Record<string, number | string> {
  const bar: Record<string, number | string> = { name: row.name };
  for (const device of row.prediction.devices) bar[`device-${device.device}`] = device.computeSeconds;
  for (const index of view.setting.rig.links.keys()) bar[`link-${index}`] = linkSeconds(row, view, index);
  return bar;
}
