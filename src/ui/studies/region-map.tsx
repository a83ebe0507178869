import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";
import { axisShare, axisValue, type CrossoverMap, type MapPoint } from "../../core/solve/crossover-map.ts";
import type { MapStudy } from "../../state/state.ts";
import { useSize } from "../shared/use-size.ts";
import { useThemeColors } from "../shared/use-theme-colors.ts";
import { labelPlaces } from "./region-labels.ts";
import { regionPicture } from "./region-picture.ts";

interface RegionMapProps {
  readonly study: MapStudy;
  /** Where the rig stands, in values of the axes. */
  readonly here: MapPoint;
  readonly names: (index: number) => string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  readonly onMove: (to: MapPoint) => void;
}

const MARGIN = { left: 84, right: 12, top: 8, bottom: 22 };
const KEY_STEP = 0.02;
/** Mean width of a letter of a region's name: names wider than their region are left to the legend. */
const LETTER_WIDTH = 7;
const X_TICKS = [0, 0.25, 0.5, 0.75, 1];
const Y_TICKS = [0, 0.5, 1];

/** Of the small text beside borders, with the space that keeps two apart. */
const NOTE_LETTER_WIDTH = 7;
const NOTE_GAP = 4;
/** Of the point. */
const RADIUS = 8;

/** Regions of the best plan. The point is the rig as it stands: drag it, or move it by the arrow keys. */
export function RegionMap({ study, here, names, xText, yText, onMove }: RegionMapProps) {
  const frame = useRef<HTMLDivElement>(null);
  const dragging = useRef(false);
  const { width, height } = useSize(frame);
  const { map, request } = study;
  const colors = useThemeColors();
  const plot = {
    width: Math.max(60, width - MARGIN.left - MARGIN.right),
    height: Math.max(40, height - MARGIN.top - MARGIN.bottom),
  };
  const x = (share: number) => MARGIN.left + plot.width * share;
  const y = (share: number) => MARGIN.top + plot.height * (1 - share);
  const image = useMemo(() => regionPicture(map, colors), [map, colors]);
  const labels = useMemo(() => labelPlaces(map), [map]);
  const point = {
    x: clamp(axisShare(request.x, here.x)),
    y: clamp(axisShare(request.y, Math.max(here.y, request.y.from))),
  };
  const winner = winnerNear(map, point);
  const notes = withRoom(
    bordersOnRow(map, point).map((share) => ({ at: x(share), text: xText(axisValue(request.x, share)) })),
    x(point.x),
    x(1),
  );

  const onKey = (event: KeyboardEvent) => {
    const step = {
      ArrowRight: { x: KEY_STEP, y: 0 },
      ArrowLeft: { x: -KEY_STEP, y: 0 },
      ArrowUp: { x: 0, y: KEY_STEP },
      ArrowDown: { x: 0, y: -KEY_STEP },
    }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onMove({ x: clamp(point.x + step.x), y: clamp(point.y + step.y) });
  };
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onMove({
      x: clamp((event.clientX - box.left - MARGIN.left) / plot.width),
      y: clamp(1 - (event.clientY - box.top - MARGIN.top) / plot.height),
    });
  };
  const text = `${xText(here.x)}, ${yText(here.y)}: ${names(winner)}`;
  return (
    <div className="map">
      <div
        ref={frame}
        className="map-frame"
        role="slider"
        tabIndex={0}
        aria-label="The rig on the map; arrow keys move it"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(point.x * 100)}
        aria-valuetext={text}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          dragging.current = true;
          follow(event);
        }}
        onPointerMove={(event) => {
          if (dragging.current) follow(event);
        }}
        onPointerUp={() => {
          dragging.current = false;
        }}
      >
        <svg width={width} height={height} role="presentation">
          <image href={image} x={x(0)} y={y(1)} width={plot.width} height={plot.height} preserveAspectRatio="none" />
          {map.borders.map(({ from, to }) => (
            <line
              key={`${from.x} ${from.y} ${to.x} ${to.y}`}
              className="map-border"
              x1={x(from.x)}
              y1={y(from.y)}
              x2={x(to.x)}
              y2={y(to.y)}
            />
          ))}
          {labels
            .filter(({ plan, room }) => names(plan).length * LETTER_WIDTH < room * plot.width)
            .map(({ plan, at }) => (
              <text key={plan} className="map-label" x={x(at.x)} y={y(at.y) + 4} textAnchor="middle">
                {names(plan)}
              </text>
            ))}
          <line className="map-cross" x1={x(0)} x2={x(1)} y1={y(point.y)} y2={y(point.y)} />
          {notes.map(({ left, text: note }) => (
            <text key={left} className="map-note" x={left} y={y(point.y) - 5}>
              {note}
            </text>
          ))}
          <circle className="map-here" cx={x(point.x)} cy={y(point.y)} r={RADIUS} />
          {X_TICKS.map((share) => (
            <text
              key={`x ${share}`}
              className="scatter-tick"
              x={x(share)}
              y={height - 7}
              textAnchor={share === 0 ? "start" : share === 1 ? "end" : "middle"}
            >
              {xText(axisValue(request.x, share))}
            </text>
          ))}
          {Y_TICKS.map((share) => (
            <text
              key={`y ${share}`}
              className="scatter-tick"
              x={MARGIN.left - 8}
              y={y(share) + (share === 1 ? 10 : share === 0 ? 0 : 4)}
              textAnchor="end"
            >
              {yText(axisValue(request.y, share))}
            </text>
          ))}
        </svg>
      </div>
      <p className="gantt-detail">{text}. Drag the point; the sliders of the rig follow.</p>
    </div>
  );
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

function winnerNear({ winners, columns, rows }: CrossoverMap, { x, y }: MapPoint): number {
  return winners[Math.round(y * (rows - 1)) * columns + Math.round(x * (columns - 1))] ?? -1;
}

/** Where the horizontal line through a point meets borders, from left to right. */
function bordersOnRow({ borders }: CrossoverMap, { y }: MapPoint): readonly number[] {
  const found = borders.flatMap(({ from, to }) => {
    if ((from.y - y) * (to.y - y) > 0 || from.y === to.y) return [];
    return [from.x + ((to.x - from.x) * (y - from.y)) / (to.y - from.y)];
  });
  const sorted = found.sort((a, b) => a - b);
  // A line through a corner of two pieces meets both.
  return sorted.filter((share, index) => index === 0 || share - (sorted[index - 1] ?? 0) > 0.01);
}

interface Note {
  readonly left: number;
  readonly text: string;
}

/**
 * Notes beside borders at `places`, to the right or else to the left of each, that touch neither each other nor the point
 * at `here`: of those that would, the one nearer to the point stays.
 */
function withRoom(places: readonly { at: number; text: string }[], here: number, right: number): readonly Note[] {
  const kept: Note[] = [];
  const end = ({ left, text }: Note) => left + text.length * NOTE_LETTER_WIDTH;
  const isFree = (note: Note) =>
    end(note) < right &&
    (end(note) < here - RADIUS || note.left > here + RADIUS) &&
    kept.every((other) => end(note) < other.left || note.left > end(other));
  for (const { at, text } of [...places].sort((a, b) => Math.abs(a.at - here) - Math.abs(b.at - here))) {
    const sides = [at + NOTE_GAP, at - NOTE_GAP - text.length * NOTE_LETTER_WIDTH];
    const free = sides.map((left) => ({ left, text })).find(isFree);
    if (free !== undefined) kept.push(free);
  }
  return kept;
}
