import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatTraffic } from "../../core/units.ts";
import { schemeRows } from "../schemes/scheme-rows.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { AXIS_STYLE, GRID_STROKE, TOOLTIP_STYLE } from "./chart-style.ts";
import "./charts.css";

const COLORS = ["var(--device-5)", "var(--device-3)", "var(--device-6)", "var(--device-4)"];

/** Bytes that each link carries per inference, both directions together, for every scheme. */
export default function TrafficChart({ view }: { readonly view: PlanView }) {
  const session = useApp((state) => state.session);
  const { links } = view.setting.rig;
  const rows = schemeRows(view, session.schemes, session.proof);
  const data = rows.map((row) => {
    const bar: Record<string, number | string> = { name: row.name };
    for (const index of links.keys()) {
      bar[`link-${index}`] = row.prediction.links
        .filter((entry) => entry.link === index)
        .reduce((sum, entry) => sum + entry.bytes, 0);
    }
    return bar;
  });
  return (
    <div className="chart">
      <div className="chart-body">
        <ResponsiveContainer width="100%" height="100%">
          <BarChart data={data} layout="vertical" margin={{ top: 8, right: 24, bottom: 8, left: 8 }}>
            <CartesianGrid horizontal={false} stroke={GRID_STROKE} />
            <XAxis type="number" tickFormatter={formatTraffic} {...AXIS_STYLE} />
            <YAxis type="category" dataKey="name" width={190} {...AXIS_STYLE} />
            <Tooltip
              {...TOOLTIP_STYLE}
              formatter={(value) => (typeof value === "number" ? formatTraffic(value) : String(value))}
            />
            {links.map((link, index) => (
              <Bar
                key={link.id}
                dataKey={`link-${index}`}
                name={link.name}
                fill={COLORS[index % COLORS.length] ?? ""}
                isAnimationActive={false}
                barSize={10}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <ul className="legend">
        {links.map((link, index) => (
          <li key={link.id}>
            <span className="legend-swatch" style={{ background: COLORS[index % COLORS.length] }} />
            {link.name}
          </li>
        ))}
      </ul>
    </div>
  );
}
