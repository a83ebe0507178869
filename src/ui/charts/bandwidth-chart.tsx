import { useState } from "react";
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { at } from "../../core/columns.ts";
import { crossover } from "../../core/predict/crossover.ts";
import { formatBandwidth, formatSeconds, megabitsPerSecond } from "../../core/units.ts";
import { type SchemeRow, schemeRows } from "../schemes/scheme-rows.ts";
import { Select } from "../shared/controls.tsx";
import { deviceColor } from "../shared/device-color.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { AXIS_STYLE, GRID_STROKE, TOOLTIP_STYLE } from "./chart-style.ts";

const SAMPLES = 61;
/** The chart spans a hundredth to a hundredfold of the link's present rate. */
const SPAN = 100;
/** Every n-th sample is a row of the table. */
const TABLE_STEP = 10;

/** Every scheme's figure as one link's bandwidth changes; dots mark where another scheme becomes the best. */
export default function BandwidthChart({ view }: { readonly view: PlanView }) {
  const objective = useApp((state) => state.objective);
  const session = useApp((state) => state.session);
  const { rig } = view.setting;
  const [chosen, setChosen] = useState(rig.links[0]?.id ?? "");
  const number = Math.max(
    0,
    rig.links.findIndex((link) => link.id === chosen),
  );
  const link = rig.links[number];
  if (link === undefined) return <p className="drawer-wait">The rig has no link.</p>;
  const rows = schemeRows(view, session.schemes, session.proof);
  const predictions = rows.map((row) => row.prediction);
  const chart = crossover(view.problem, { predictions, link: number, from: 1 / SPAN, to: SPAN, samples: SAMPLES });
  const data = [...chart.scales.entries()].map(([i, scale]) => {
    const point: Record<string, number> = { rate: scale * link.aToB };
    for (const [plan, curve] of chart.curves.entries()) {
      const value = at(objective === "period" ? curve.period : curve.latency, i);
      if (Number.isFinite(value)) point[`plan-${plan}`] = value;
    }
    return point;
  });
  const marks = chart.crossovers.filter((mark) => mark.objective === objective);
  const title = `${objective === "period" ? "Time per frame, streamed," : "Latency"} against the bandwidth of ${link.name}`;
  const colorOf = (row: SchemeRow, index: number) => lineColor(row.kind, index, rows.length, rig.devices.length);
  const table = () => ({
    columns: [`Bandwidth of ${link.name}`, ...rows.map((row) => row.name)],
    rows: [...chart.scales.entries()]
      .filter(([index]) => index % TABLE_STEP === 0)
      .map(([index, scale]) => [
        formatBandwidth(scale * link.aToB),
        ...chart.curves.map((curve) => formatSeconds(at(objective === "period" ? curve.period : curve.latency, index))),
      ]),
  });
  const controls = (
    <>
      <Select
        label="Link"
        value={link.id}
        options={rig.links.map((entry) => ({ value: entry.id, text: entry.name }))}
        onChange={setChosen}
      />
      <span>{objective === "period" ? "Time per frame, streamed" : "Latency"} against the link's bandwidth</span>
    </>
  );
  const legend = rows.map((row, index) => ({ name: row.name, color: colorOf(row, index) }));
  return (
    <ChartFrame title={title} fileName="against-bandwidth" controls={controls} legend={legend} table={table}>
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={data} margin={{ top: 12, right: 24, bottom: 4, left: 8 }}>
          <CartesianGrid stroke={GRID_STROKE} />
          <XAxis
            dataKey="rate"
            type="number"
            scale="log"
            domain={["dataMin", "dataMax"]}
            ticks={decades(link.aToB / SPAN, link.aToB * SPAN, megabitsPerSecond(1))}
            tickFormatter={formatBandwidth}
            {...AXIS_STYLE}
          />
          <YAxis scale="log" domain={["auto", "auto"]} width={64} tickFormatter={formatSeconds} {...AXIS_STYLE} />
          <Tooltip
            {...TOOLTIP_STYLE}
            labelFormatter={(rate) => (typeof rate === "number" ? formatBandwidth(rate) : "")}
            formatter={(value) => (typeof value === "number" ? formatSeconds(value) : String(value))}
          />
          <ReferenceLine
            x={link.aToB}
            stroke="var(--text-soft)"
            strokeDasharray="4 4"
            label={{ value: "now", fontSize: 11, fill: "var(--text-soft)", position: "insideTopRight" }}
          />
          {rows.map((row, index) => (
            <Line
              key={row.key}
              dataKey={`plan-${index}`}
              name={row.name}
              stroke={colorOf(row, index)}
              strokeWidth={row.kind === "current" ? 3 : 1.5}
              strokeDasharray={row.kind === "pinned" ? "6 3" : "0"}
              dot={false}
              isAnimationActive={false}
            />
          ))}
          {marks.map((mark, order) => (
            <ReferenceDot
              key={mark.scale}
              x={mark.scale * link.aToB}
              y={mark.seconds}
              r={5}
              fill="var(--surface)"
              stroke="var(--text)"
              strokeWidth={2}
              label={{
                value: formatBandwidth(mark.scale * link.aToB),
                fontSize: 11,
                fill: "var(--text)",
                position: order % 2 === 0 ? "top" : "bottom",
              }}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}

/** Powers of ten of `unit` within a range: the even ticks of a logarithmic axis. */
function decades(low: number, high: number, unit: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(low / unit)); unit * 10 ** power <= high; power++)
    ticks.push(unit * 10 ** power);
  return ticks;
}

/** No-split lines carry their device's colour: they are the last rows, one per device. */
function lineColor(kind: "current" | "pinned" | "no-split", index: number, rows: number, devices: number): string {
  if (kind === "current") return "var(--text)";
  if (kind === "pinned") return "var(--text-soft)";
  return deviceColor(index - (rows - devices));
}
