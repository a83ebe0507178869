import { Bar, BarChart, CartesianGrid, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { SchemeRow } from "../schemes/scheme-rows.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { AXIS_STYLE, GRID_STROKE, TOOLTIP_STYLE } from "./chart-style.ts";

export interface BarSeries {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly measure: (row: SchemeRow) => number;
}

interface SchemeBarsProps {
  readonly title: string;
  readonly fileName: string;
  readonly rows: readonly SchemeRow[];
  readonly series: readonly BarSeries[];
  readonly format: (value: number) => string;
  /** One bar per scheme with its parts end to end, instead of one bar per series. */
  readonly stacked: boolean;
}

/** Horizontal bars for every scheme, the plan on screen in full colour, with a legend. */
export function SchemeBars({ title, fileName, rows, series, format, stacked }: SchemeBarsProps) {
  const data = rows.map((row) =>
    Object.fromEntries([["name", row.name], ...series.map(({ key, measure }) => [key, measure(row)] as const)]),
  );
  const table = () => ({
    columns: ["Scheme", ...series.map(({ name }) => name)],
    rows: rows.map((row) => [row.name, ...series.map(({ measure }) => format(measure(row)))]),
  });
  return (
    <ChartFrame title={title} fileName={fileName} controls={<span>{title}</span>} legend={series} table={table}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={data} layout="vertical" margin={{ top: 8, right: 24, bottom: 8, left: 8 }}>
          <CartesianGrid horizontal={false} stroke={GRID_STROKE} />
          <XAxis type="number" tickFormatter={format} {...AXIS_STYLE} />
          <YAxis type="category" dataKey="name" width={190} {...AXIS_STYLE} />
          <Tooltip
            {...TOOLTIP_STYLE}
            formatter={(value) => (typeof value === "number" ? format(value) : String(value))}
          />
          {series.map(({ key, name, color }) => (
            <Bar
              key={key}
              dataKey={key}
              name={name}
              fill={color}
              isAnimationActive={false}
              barSize={stacked ? 18 : 10}
              {...(stacked ? { stackId: "parts" } : {})}
            >
              {rows.map((row) => (
                <Cell key={row.key} fillOpacity={row.kind === "current" ? 1 : 0.75} />
              ))}
            </Bar>
          ))}
        </BarChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}
