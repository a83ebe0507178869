import { useMemo } from "react";
import type { Device } from "../../core/rig/rig.ts";
import type { Overlay } from "../../state/state.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";

interface Choice {
  readonly key: string;
  readonly text: string;
  readonly overlay: Overlay;
}

interface Group {
  readonly label: string;
  readonly choices: readonly Choice[];
}

const keyOf = (overlay: Overlay): string => JSON.stringify(overlay);

const choice = (text: string, overlay: Overlay): Choice => ({ key: keyOf(overlay), text, overlay });

/** Every overlay that a rig offers. O(devices^2). */
export function overlayGroups(devices: readonly Device[]): readonly Group[] {
  const pairs = devices.flatMap((one, i) => devices.slice(i + 1).map((other) => [one, other] as const));
  return [
    {
      label: "Latency",
      choices: devices.map(({ id, name }) => choice(`Latency on ${name}`, { kind: "latency", device: id })),
    },
    {
      label: "Comparison",
      choices: pairs.map(([one, other]) =>
        choice(`${one.name} versus ${other.name}`, { kind: "ratio", devices: [one.id, other.id] }),
      ),
    },
    {
      label: "Provenance",
      choices: devices.map(({ id, name }) => choice(`Provenance on ${name}`, { kind: "provenance", device: id })),
    },
    {
      label: "Uncertainty",
      choices: devices.map(({ id, name }) => choice(`Uncertainty on ${name}`, { kind: "uncertainty", device: id })),
    },
  ].filter(({ choices }) => choices.length > 0);
}

const PLAN: Overlay = { kind: "plan" };

/** What the colours of the network show. */
export function OverlayControl({ devices }: { readonly devices: readonly Device[] }) {
  const store = useAppStore();
  const overlay = useApp((state) => state.overlay);
  const groups = useMemo(() => overlayGroups(devices), [devices]);
  const choices = groups.flatMap((group) => group.choices);
  const key = keyOf(overlay);
  return (
    <select
      className="select overlay-control"
      aria-label="Colour of the ops"
      title="What the colours of the ops show"
      value={choices.some((candidate) => candidate.key === key) ? key : keyOf(PLAN)}
      onChange={(event) => {
        const chosen = choices.find((candidate) => candidate.key === event.target.value);
        store.getState().setOverlay(chosen?.overlay ?? PLAN);
      }}
    >
      <option value={keyOf(PLAN)}>Colour: plan</option>
      {groups.map((group) => (
        <optgroup key={group.label} label={group.label}>
          {group.choices.map((candidate) => (
            <option key={candidate.key} value={candidate.key}>
              {candidate.text}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
