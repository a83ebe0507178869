import { lazy, Suspense, useState } from "react";
import { Button } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import { useCommittedPlan } from "../shared/use-plan.ts";
import type { Compared } from "./difference-panel.tsx";
import { DrawerEdge } from "./drawer-edge.tsx";
import { SchemesTable } from "./schemes-table.tsx";
import "./drawer.css";

/** Charts come with recharts: loaded when first looked at, never in the first bundle. */
const TimelinePanel = lazy(() => import("../timeline/timeline-panel.tsx"));
const BreakdownChart = lazy(() => import("../charts/breakdown-chart.tsx"));
const TrafficChart = lazy(() => import("../charts/traffic-chart.tsx"));
const DifferencePanel = lazy(() => import("./difference-panel.tsx"));
const ParetoPanel = lazy(() => import("../studies/pareto-panel.tsx"));
const MapPanel = lazy(() => import("../studies/map-panel.tsx"));
const BandwidthChart = lazy(() => import("../charts/bandwidth-chart.tsx"));

const TABS = [
  { id: "schemes", text: "Schemes" },
  { id: "difference", text: "Difference" },
  { id: "timeline", text: "Timeline" },
  { id: "breakdown", text: "Breakdown" },
  { id: "traffic", text: "Traffic" },
  { id: "bandwidth", text: "Bandwidth" },
  { id: "trade-offs", text: "Trade-offs" },
  { id: "map", text: "Map" },
] as const;
type Tab = (typeof TABS)[number]["id"];

/** Comparisons below the graph: one tab at a time. */
export function Drawer() {
  const [tab, setTab] = useState<Tab>("schemes");
  const [compared, setCompared] = useState<Compared>({ from: null, to: null });
  const store = useAppStore();
  const view = useCommittedPlan();
  return (
    <section className="drawer" aria-label="Comparison">
      <DrawerEdge />
      <div className="drawer-head">
        <div className="tabs" role="tablist" aria-label="Comparison">
          {TABS.map((entry, index) => (
            <button
              type="button"
              role="tab"
              key={entry.id}
              id={`tab-${entry.id}`}
              className="tab"
              aria-selected={entry.id === tab}
              aria-controls="drawer-panel"
              tabIndex={entry.id === tab ? 0 : -1}
              onClick={() => setTab(entry.id)}
              onKeyDown={(event) => {
                const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                const next = TABS[(index + step + TABS.length) % TABS.length];
                if (step === 0 || next === undefined) return;
                setTab(next.id);
                document.getElementById(`tab-${next.id}`)?.focus();
              }}
            >
              {entry.text}
            </button>
          ))}
        </div>
        <Button kind="quiet" disabled={view === null} onClick={() => store.getState().pinScheme()}>
          Pin this plan
        </Button>
      </div>
      <div className="drawer-panel" role="tabpanel" id="drawer-panel" aria-labelledby={`tab-${tab}`}>
        {view === null ? null : (
          <Suspense fallback={<p className="drawer-wait">Loading the chart…</p>}>
            {tab === "schemes" ? (
              <SchemesTable
                view={view}
                onCompare={(row) => {
                  setCompared({ from: row.key, to: null });
                  setTab("difference");
                }}
              />
            ) : null}
            {tab === "difference" ? <DifferencePanel view={view} compared={compared} onChange={setCompared} /> : null}
            {tab === "timeline" ? <TimelinePanel view={view} /> : null}
            {tab === "breakdown" ? <BreakdownChart view={view} /> : null}
            {tab === "traffic" ? <TrafficChart view={view} /> : null}
            {tab === "trade-offs" ? <ParetoPanel view={view} /> : null}
            {tab === "map" ? <MapPanel view={view} /> : null}
            {tab === "bandwidth" ? <BandwidthChart view={view} /> : null}
          </Suspense>
        )}
      </div>
    </section>
  );
}
