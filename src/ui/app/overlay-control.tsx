import { useMemo } from "react";
import type { Device } from "../../core/rig/rig.ts";
import type { Overlay } from "../../state/state.ts";
import { deviceLetter } from "../shared/device-color.ts";
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

/** Every overlay that a rig offers; letters come first, so that a narrow control still tells. O(devices^2). */
function overlayGroups(devices: readonly Device[]): readonly Group[] {
  const named = devices.map(({ id, name }, index) => ({ id, name, letter: deviceLetter(index) }));
  const pairs = named.flatMap((one, i) => named.slice(i + 1).map((other) => [one, other] as const));
  const onEach = (what: string, overlay: (device: string) => Overlay) =>
    named.map(({ id, name, letter }) => choice(`${what} on ${letter}: ${name}`, overlay(id)));
  return [
    { label: "Latency", choices: onEach("Latency", (device) => ({ kind: "latency", device })) },
    {
      label: "Comparison",
      choices: pairs.map(([one, other]) =>
        choice(`${one.letter} versus ${other.letter}: ${one.name}, ${other.name}`, {
          kind: "ratio",
          devices: [one.id, other.id],
        }),
      ),
    },
    { label: "Provenance", choices: onEach("Provenance", (device) => ({ kind: "provenance", device })) },
    { label: "Uncertainty", choices: onEach("Uncertainty", (device) => ({ kind: "uncertainty", device })) },
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
