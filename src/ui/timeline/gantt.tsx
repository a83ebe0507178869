import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { at, item } from "../../core/columns.ts";
import type { Activity, Timeline } from "../../core/predict/timeline.ts";
import { formatSeconds } from "../../core/units.ts";
import { deviceColor, deviceLetter } from "../shared/device-color.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { useSize } from "../shared/use-size.ts";
import { activitySentence, laneName } from "./timeline-text.ts";

const LABEL_WIDTH = 210;
const USE_WIDTH = 84;
const AXIS_HEIGHT = 18;
const LANE_HEIGHT = 24;
const BAR_HEIGHT = 16;
/** Bars narrower than this carry no frame number. */
const NUMBER_WIDTH = 16;
const TICKS = 6;

interface GanttProps {
  readonly run: Timeline;
  readonly view: PlanView;
  /** Busy share of each lane, 1 = always. */
  readonly use: readonly number[];
  /** What is said while no activity is pointed at. */
  readonly children: ReactNode;
}

/** Lanes of devices and links over time. Arrow keys step through the activities of all lanes. */
export function Gantt({ run, view, use, children }: GanttProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = chosen === null ? undefined : run.activities[chosen];
  const sentence = shown === undefined ? "" : activitySentence(shown, item(run.lanes, shown.lane), view);
  const plot = Math.max(40, width - LABEL_WIDTH - USE_WIDTH);
  const x = (time: number) => LABEL_WIDTH + (plot * time) / run.end;
  const height = AXIS_HEIGHT + run.lanes.length * LANE_HEIGHT;
  const critical = new Set(run.criticalPath);

  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") setChosen(null);
    if (by === undefined) return;
    event.preventDefault();
    const count = run.activities.length;
    setChosen(chosen === null ? (by > 0 ? 0 : count - 1) : (chosen + by + count) % count);
  };
  return (
    <div className="gantt">
      <div
        ref={frame}
        className="gantt-frame"
        role="slider"
        aria-label="Activities of the timeline"
        aria-valuemin={0}
        aria-valuemax={run.activities.length}
        aria-valuenow={chosen === null ? 0 : chosen + 1}
        aria-valuetext={sentence === "" ? "none chosen; the arrow keys step through them" : sentence}
        tabIndex={0}
        onKeyDown={step}
        onPointerLeave={() => setChosen(null)}
      >
        <svg width={width} height={height} role="presentation">
          {ticksOf(run.end).map((time) => (
            <g key={time}>
              <line className="gantt-grid" x1={x(time)} x2={x(time)} y1={AXIS_HEIGHT} y2={height} />
              <text className="gantt-tick" x={x(time)} y={AXIS_HEIGHT - 6} textAnchor={time === 0 ? "start" : "middle"}>
                {formatSeconds(time)}
              </text>
            </g>
          ))}
          {run.lanes.map((lane, index) => (
            <LaneHead
              key={laneName(lane, view)}
              name={laneName(lane, view)}
              device={lane.kind === "device" ? lane.device : null}
              y={AXIS_HEIGHT + index * LANE_HEIGHT}
              width={width}
              use={at(use, index)}
            />
          ))}
          {run.activities.map((activity, index) => (
            <Bar
              key={`${activity.frame}-${activity.work.kind}-${activity.lane}-${activity.start}`}
              activity={activity}
              color={colorOf(run, activity)}
              x={x}
              isCritical={critical.has(index)}
              isChosen={index === chosen}
              onEnter={() => setChosen(index)}
            />
          ))}
        </svg>
      </div>
      <ul className="visually-hidden" aria-label="How busy each lane is">
        {run.lanes.map((lane, index) => (
          <li key={laneName(lane, view)}>
            {laneName(lane, view)}: {busyText(at(use, index))}
          </li>
        ))}
      </ul>
      <p className="gantt-detail">{sentence === "" ? children : sentence}</p>
    </div>
  );
}

function colorOf({ lanes }: Timeline, { lane }: Activity): string {
  const where = item(lanes, lane);
  return where.kind === "device" ? deviceColor(where.device) : "var(--accent)";
}

interface LaneHeadProps {
  readonly name: string;
  readonly device: number | null;
  readonly y: number;
  readonly width: number;
  readonly use: number;
}

function LaneHead({ name, device, y, width, use }: LaneHeadProps) {
  const middle = y + LANE_HEIGHT / 2;
  const letters = 27;
  return (
    <>
      <line className="gantt-grid" x1={0} x2={width} y1={y + LANE_HEIGHT} y2={y + LANE_HEIGHT} />
      {device === null ? (
        <text className="gantt-arrow" x={11} y={middle + 4} textAnchor="middle">
          →
        </text>
      ) : (
        <>
          <rect x={3} y={middle - 8} width={16} height={16} rx={4} style={{ fill: deviceColor(device) }} />
          <text className="gantt-letter" x={11} y={middle + 4} textAnchor="middle">
            {deviceLetter(device)}
          </text>
        </>
      )}
      <text className="gantt-name" x={26} y={middle + 4}>
        {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
        <title>{name}</title>
      </text>
      <text className="gantt-use" data-over={use > 1 + 1e-9} x={width - 6} y={middle + 4} textAnchor="end">
        {busyText(use)}
      </text>
    </>
  );
}

/** "63 % busy"; where there is not enough of it, what would be needed: "needs 149 %". */
function busyText(use: number): string {
  const share = `${(use * 100).toFixed(use < 0.1 ? 1 : 0)} %`;
  return use > 1 + 1e-9 ? `needs ${share}` : `${share} busy`;
}

interface BarProps {
  readonly activity: Activity;
  readonly color: string;
  readonly x: (time: number) => number;
  readonly isCritical: boolean;
  readonly isChosen: boolean;
  readonly onEnter: () => void;
}

function Bar({ activity, color, x, isCritical, isChosen, onEnter }: BarProps) {
  const { lane, start, busyUntil, end, frame } = activity;
  const y = AXIS_HEIGHT + lane * LANE_HEIGHT + (LANE_HEIGHT - BAR_HEIGHT) / 2;
  const left = x(start);
  const right = x(busyUntil);
  const width = Math.max(1, right - left);
  return (
    <g className="gantt-activity" data-chosen={isChosen} onPointerEnter={onEnter}>
      {end > busyUntil ? (
        <rect x={right} y={y + 5} width={x(end) - right} height={BAR_HEIGHT - 10} className="gantt-way" />
      ) : null}
      <rect
        x={left}
        y={y}
        width={width}
        height={BAR_HEIGHT}
        rx={Math.min(3, width / 2)}
        className="gantt-bar"
        data-critical={isCritical}
        style={{ fill: color, fillOpacity: frame % 2 === 0 ? 1 : 0.72 }}
      />
      {width < NUMBER_WIDTH ? null : (
        <text className="gantt-number" x={left + width / 2} y={y + 12} textAnchor="middle">
          {frame + 1}
        </text>
      )}
    </g>
  );
}

/** Round times from 0 on, about `TICKS` of them. */
function ticksOf(end: number): readonly number[] {
  const rough = end / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}
