import { useMemo, useState } from "react";
import { item } from "../../core/columns.ts";
import { framesInFlight, type Timeline, timeline } from "../../core/predict/timeline.ts";
import { queueGrowth, utilisation } from "../../core/predict/utilisation.ts";
import { formatRate, formatSeconds } from "../../core/units.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { Button, Segmented, Slider } from "../shared/controls.tsx";
import { deviceColor } from "../shared/device-color.ts";
import type { LegendEntry } from "../shared/picture.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { Gantt } from "./gantt.tsx";
import { activityText, laneName } from "./timeline-text.ts";
import "./timeline.css";

const MODES = [
  { value: "stream", text: "Stream" },
  { value: "single", text: "One inference" },
] as const;
type Mode = (typeof MODES)[number]["value"];

/** Frames that are drawn: what is in flight at once, and some after it; never so many that bars become lines. */
const MOST_FRAMES = 24;

/** When every device and link is busy: one inference alone, or a stream of frames at a given rate. */
export default function TimelinePanel({ view }: { readonly view: PlanView }) {
  const [mode, setMode] = useState<Mode>("stream");
  const arrivals = useApp((state) => state.arrivalsPerSecond);
  const { problem, prediction } = view;
  const { latencySeconds, periodSeconds } = prediction;
  const possible = latencySeconds < Number.POSITIVE_INFINITY && periodSeconds > 0;
  const interval = mode === "single" ? 0 : arrivals === null ? periodSeconds : 1 / arrivals;
  const run = useMemo(() => {
    if (!possible) return null;
    const inFlight = Math.ceil(latencySeconds / Math.max(interval, Number.MIN_VALUE));
    const frames = mode === "single" ? 1 : Math.min(MOST_FRAMES, Math.max(5, inFlight + 4));
    return timeline(problem, prediction, { frames, interval });
  }, [problem, prediction, latencySeconds, possible, mode, interval]);
  if (run === null) return <p className="drawer-wait">The plan on screen cannot run, so it has no timeline.</p>;
  const { devices } = view.setting.rig;
  const legend: readonly LegendEntry[] = [
    ...run.lanes.flatMap((lane) =>
      lane.kind === "device" ? [{ name: item(devices, lane.device).name, color: deviceColor(lane.device) }] : [],
    ),
    { name: "Sending", color: "var(--accent)" },
    { name: "On its way", color: "color-mix(in srgb, var(--accent) 30%, var(--surface))" },
    { name: "Outlined: critical path", color: "var(--text)" },
  ];
  const rate = 1 / (mode === "single" ? latencySeconds : interval);
  const use = run.lanes.map((lane) => utilisation(problem, prediction, lane, rate));
  const controls = (
    <>
      <Segmented label="What the timeline shows" value={mode} options={MODES} onChange={setMode} />
      {mode === "stream" ? <ArrivalRate periodSeconds={periodSeconds} /> : null}
    </>
  );
  const title = mode === "single" ? "Timeline of one inference" : "Timeline of a stream of frames";
  const table = () => ({
    columns: ["Where", "What", "Frame", "Start", "End"],
    rows: run.activities.map((activity) => [
      laneName(item(run.lanes, activity.lane), view),
      activityText(activity, view),
      `${activity.frame + 1}`,
      formatSeconds(activity.start),
      formatSeconds(activity.end),
    ]),
  });
  return (
    <ChartFrame title={title} fileName="timeline" controls={controls} legend={legend} table={table}>
      <Gantt run={run} view={view} use={use}>
        <Summary run={run} view={view} mode={mode} interval={interval} />
      </Gantt>
    </ChartFrame>
  );
}

/** How often a frame is born: as often as the plan can take, or a rate of the camera's own. */
function ArrivalRate({ periodSeconds }: { readonly periodSeconds: number }) {
  const arrivals = useApp((state) => state.arrivalsPerSecond);
  const store = useAppStore();
  const most = 1 / periodSeconds;
  return (
    <span className="arrival-rate">
      <Slider
        label="Frames arrive"
        text={arrivals === null ? `${formatRate(periodSeconds)}, all it can take` : formatRate(1 / arrivals)}
        value={arrivals ?? most}
        min={most / 20}
        max={most * 2}
        logarithmic
        onChange={(rate) => store.getState().setArrivals(rate)}
      />
      {arrivals === null ? null : (
        <Button kind="quiet" onClick={() => store.getState().setArrivals(null)}>
          Full rate
        </Button>
      )}
    </span>
  );
}

/** "12 more frames", "0.4 more frames". */
const queued = (growth: number) => `${Number(growth.toPrecision(2))} more frames`;

interface SummaryProps {
  readonly run: Timeline;
  readonly view: PlanView;
  readonly mode: Mode;
  readonly interval: number;
}

function Summary({ run, view, mode, interval }: SummaryProps) {
  const { latencySeconds, periodSeconds, bottleneck } = view.prediction;
  if (mode === "single") return <span>Output after {formatSeconds(latencySeconds)}; nothing overlaps.</span>;
  const { devices, links } = view.setting.rig;
  const busiest =
    bottleneck.kind === "link" ? item(links, bottleneck.link).name : item(devices, bottleneck.device).name;
  if (interval < periodSeconds * (1 - 1e-9)) {
    return (
      <span role="status" className="timeline-late">
        Falls behind by {formatSeconds(periodSeconds - interval)} with every frame: {busiest} needs{" "}
        {formatSeconds(periodSeconds)} for each, so that at least {queued(queueGrowth(view.prediction, 1 / interval))}{" "}
        wait after every second.
      </span>
    );
  }
  return (
    <span role="status">
      First output after {formatSeconds(latencySeconds)}, then one every {formatSeconds(interval)}; up to{" "}
      {framesInFlight(run)} frames in flight.
    </span>
  );
}
