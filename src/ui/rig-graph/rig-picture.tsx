import { type PointerEvent, useRef, useState } from "react";
import { type RigFault, type RigPlace, rigPlaces } from "../../core/rig/rewire.ts";
import type { Link, Rig } from "../../core/rig/rig.ts";
import { deviceColor, deviceLetter } from "../shared/device-color.ts";

/** What is selected in the editor. */
export type RigPart = RigFault["at"];

interface RigPictureProps {
  readonly rig: Rig;
  readonly faults: readonly RigFault[];
  readonly selected: RigPart;
  readonly onSelect: (part: RigPart) => void;
  readonly onJoin: (a: string, b: string) => void;
  /** A line was let go beside every device. */
  readonly onMiss: () => void;
}

const WIDTH = 560;
const HEIGHT = 380;
const BOX = { width: 140, height: 46 };

interface Pull {
  readonly from: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Devices as boxes, links as lines. A line is drawn by dragging from device to device. For the pointer only: the lists
 * beside it hold the same for keyboards and screen readers.
 */
export function RigPicture({ rig, faults, selected, onSelect, onJoin, onMiss }: RigPictureProps) {
  const svg = useRef<SVGSVGElement>(null);
  const [pull, setPull] = useState<Pull | null>(null);
  const places = rigPlaces(rig).map(({ x, y }) => ({
    x: BOX.width / 2 + 4 + x * (WIDTH - BOX.width - 8),
    y: BOX.height / 2 + 4 + y * (HEIGHT - BOX.height - 8),
  }));
  const placeOf = (id: string): RigPlace | undefined => places[rig.devices.findIndex((device) => device.id === id)];
  const isFaulty = (kind: "device" | "link", id: string) =>
    faults.some(({ at, tone }) => tone === "error" && at?.kind === kind && at.id === id);
  const pointOf = (event: PointerEvent): RigPlace => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined) return { x: 0, y: 0 };
    return {
      x: ((event.clientX - box.left) * WIDTH) / box.width,
      y: ((event.clientY - box.top) * HEIGHT) / box.height,
    };
  };
  const deviceAt = ({ x, y }: RigPlace) =>
    rig.devices.find((_, i) => {
      const place = places[i];
      if (place === undefined) return false;
      return Math.abs(place.x - x) <= BOX.width / 2 && Math.abs(place.y - y) <= BOX.height / 2;
    });
  const from = pull === null ? undefined : placeOf(pull.from);
  return (
    <svg ref={svg} className="rig-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {rig.links.map((link) => (
        <LinkLine
          key={link.id}
          link={link}
          from={placeOf(link.a)}
          to={placeOf(link.b)}
          offset={rig.links.filter((other) => isBetween(other, link)).indexOf(link)}
          selected={selected?.kind === "link" && selected.id === link.id}
          faulty={isFaulty("link", link.id)}
          onSelect={() => onSelect({ kind: "link", id: link.id })}
        />
      ))}
      {pull === null || from === undefined ? null : (
        <line className="rig-pull" x1={from.x} y1={from.y} x2={pull.x} y2={pull.y} />
      )}
      {rig.devices.map((device, index) => {
        const place = places[index];
        if (place === undefined) return null;
        const roles = [rig.source === device.id ? "input" : "", rig.sink === device.id ? "output" : ""].filter(Boolean);
        return (
          <g
            key={device.id}
            className="rig-node"
            data-selected={selected?.kind === "device" && selected.id === device.id}
            data-faulty={isFaulty("device", device.id)}
            transform={`translate(${place.x - BOX.width / 2} ${place.y - BOX.height / 2})`}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              onSelect({ kind: "device", id: device.id });
              setPull({ from: device.id, ...pointOf(event) });
            }}
            onPointerMove={(event) => {
              if (pull !== null) setPull({ from: device.id, ...pointOf(event) });
            }}
            onPointerUp={(event) => {
              const target = deviceAt(pointOf(event));
              setPull(null);
              if (target === undefined) onMiss();
              else if (target.id !== device.id) onJoin(device.id, target.id);
            }}
            onPointerCancel={() => setPull(null)}
          >
            <rect width={BOX.width} height={BOX.height} rx={8} />
            <rect width={6} height={BOX.height} rx={3} style={{ fill: deviceColor(index) }} />
            <text x={16} y={19} className="rig-node-name">
              {deviceLetter(index)} {shortened(device.name)}
            </text>
            <text x={16} y={36} className="rig-node-role">
              {roles.join(", ")}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const LONGEST_NAME = 15;
const shortened = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

const isBetween = (one: Link, other: Link): boolean =>
  (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a);

interface LinkLineProps {
  readonly link: Link;
  /** Undefined for an end at a device that is not there. */
  readonly from: RigPlace | undefined;
  readonly to: RigPlace | undefined;
  /** How many links between the same two devices are drawn before it. */
  readonly offset: number;
  readonly selected: boolean;
  readonly faulty: boolean;
  readonly onSelect: () => void;
}

/** Room between two links that join the same devices. */
const BEND = 34;

function LinkLine({ link, from, to, offset, selected, faulty, onSelect }: LinkLineProps) {
  const start = from ?? to;
  if (start === undefined) return null;
  const end = from === undefined || to === undefined ? { x: start.x, y: start.y + 70 } : to;
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const bend = { x: (-BEND * offset * (end.y - start.y)) / length, y: (BEND * offset * (end.x - start.x)) / length };
  const middle = { x: (start.x + end.x) / 2 + bend.x, y: (start.y + end.y) / 2 + bend.y };
  const path = `M${start.x} ${start.y} Q${middle.x + bend.x} ${middle.y + bend.y} ${end.x} ${end.y}`;
  return (
    <g className="rig-edge" data-selected={selected} data-faulty={faulty} onPointerDown={onSelect}>
      <path className="rig-edge-reach" d={path} />
      <path className="rig-edge-line" d={path} />
      <text x={middle.x} y={middle.y - 7}>
        {link.name}
      </text>
    </g>
  );
}
