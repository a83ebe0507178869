import { item } from "../../core/columns.ts";
import { formatSeconds } from "../../core/units.ts";
import { type SchemeRow, schemeRows } from "../schemes/scheme-rows.ts";
import { deviceColor, deviceLetter } from "../shared/device-color.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { type BarSeries, SchemeBars } from "./scheme-bars.tsx";

const LINK_COLORS = ["var(--accent)", "color-mix(in srgb, var(--accent) 55%, var(--surface))"];

/** End-to-end latency of every scheme, stacked: compute per device in its colour, transfer per link in accent. */
export default function BreakdownChart({ view }: { readonly view: PlanView }) {
  const session = useApp((state) => state.session);
  const rows = schemeRows(view, session.schemes, session.proof);
  const title = "Latency of one inference by device and link";
  const series = seriesOf(view, rows);
  return (
    <SchemeBars title={title} fileName="latency-breakdown" rows={rows} series={series} format={formatSeconds} stacked />
  );
}

/** A series per device that computes in some row, and one per link that carries in some row. */
function seriesOf(view: PlanView, rows: readonly SchemeRow[]): readonly BarSeries[] {
  const { devices, links } = view.setting.rig;
  const computing = devices.map((device, index) => ({
    key: `device-${index}`,
    name: `${deviceLetter(index)}: ${device.name}`,
    color: deviceColor(index),
    measure: (row: SchemeRow) => item(row.prediction.devices, index).computeSeconds,
  }));
  const carrying = links.map((link, index) => ({
    key: `link-${index}`,
    name: `${link.name}, transfer`,
    color: LINK_COLORS[index % LINK_COLORS.length] ?? "",
    measure: (row: SchemeRow) => linkSeconds(row, view, index),
  }));
  return [...computing, ...carrying].filter(({ measure }) => rows.some((row) => measure(row) > 0));
}

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
