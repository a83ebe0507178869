import { formatTraffic } from "../../core/units.ts";
import { type SchemeRow, schemeRows } from "../schemes/scheme-rows.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { SchemeBars } from "./scheme-bars.tsx";

const COLORS = ["var(--device-5)", "var(--device-3)", "var(--device-6)", "var(--device-4)"];

/** Bytes that each link carries per inference, both directions together, for every scheme. */
export default function TrafficChart({ view }: { readonly view: PlanView }) {
  const session = useApp((state) => state.session);
  const series = view.setting.rig.links.map((link, index) => ({
    key: `link-${index}`,
    name: link.name,
    color: COLORS[index % COLORS.length] ?? "",
    measure: ({ prediction }: SchemeRow) =>
      prediction.links.reduce((sum, entry) => (entry.link === index ? sum + entry.bytes : sum), 0),
  }));
  const rows = schemeRows(view, session.schemes, session.proof);
  const title = "Bytes on each link per inference";
  return (
    <SchemeBars
      title={title}
      fileName="link-traffic"
      rows={rows}
      series={series}
      format={formatTraffic}
      stacked={false}
    />
  );
}
