import { DEVICE_PRESETS, LINK_PRESETS, linkFromPreset } from "../../core/rig/presets.ts";
import type { RigFault } from "../../core/rig/rewire.ts";
import type { Link, Rig } from "../../core/rig/rig.ts";
import { exchangeDevice } from "../../core/rig/rig-edit.ts";
import { Button, Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import type { RigPart } from "./rig-picture.tsx";

interface RigListsProps {
  readonly rig: Rig;
  readonly faults: readonly RigFault[];
  readonly selected: RigPart;
  readonly onSelect: (part: RigPart) => void;
  readonly onChange: (rig: Rig) => void;
  readonly onRemove: (part: NonNullable<RigPart>) => void;
}

const OWN = "own";

/** The same rig as lists, which serve the keyboard: each device and link with its kind, its ends and its faults. */
export function RigLists({ rig, faults, selected, onSelect, onChange, onRemove }: RigListsProps) {
  const setLink = (position: number, link: Link) => onChange({ ...rig, links: rig.links.with(position, link) });
  const ends = rig.devices.map(({ id, name }) => ({ value: id, text: name }));
  const endsWith = (id: string) =>
    ends.some(({ value }) => value === id) ? ends : [{ value: id, text: "nowhere" }, ...ends];
  return (
    <div className="rig-lists">
      <h3>Devices</h3>
      <ul>
        {rig.devices.map((device, index) => {
          const part = { kind: "device", id: device.id } as const;
          const own = DEVICE_PRESETS.some(({ id }) => id === device.preset) ? [] : [{ value: OWN, text: device.name }];
          return (
            <li key={device.id} data-selected={isSame(selected, part)} onFocus={() => onSelect(part)}>
              <div className="rig-row">
                <DeviceBadge index={index} />
                <Select
                  label={`Device ${device.name}`}
                  hideLabel
                  value={own.length > 0 ? OWN : (device.preset ?? OWN)}
                  options={[...own, ...DEVICE_PRESETS.map(({ id, name }) => ({ value: id, text: name }))]}
                  onChange={(key) => {
                    const preset = DEVICE_PRESETS.find(({ id }) => id === key);
                    if (preset === undefined) return;
                    const changed = exchangeDevice(rig, device.id, preset);
                    if (changed.ok) onChange(changed.value);
                  }}
                />
                <Button
                  kind="quiet"
                  label={`Remove device ${device.name}`}
                  disabled={rig.devices.length === 1}
                  onClick={() => onRemove(part)}
                >
                  ×
                </Button>
              </div>
              <Faults faults={faults} part={part} />
            </li>
          );
        })}
      </ul>
      <h3>Links</h3>
      <ul>
        {rig.links.map((link, position) => {
          const part = { kind: "link", id: link.id } as const;
          const own = link.preset === null ? [{ value: OWN, text: link.name }] : [];
          return (
            <li key={link.id} data-selected={isSame(selected, part)} onFocus={() => onSelect(part)}>
              <div className="rig-row">
                <Select
                  label={`Kind of link ${position + 1}`}
                  hideLabel
                  value={link.preset ?? OWN}
                  options={[...own, ...LINK_PRESETS.map(({ id, name }) => ({ value: id, text: name }))]}
                  onChange={(preset) => {
                    if (preset !== OWN) setLink(position, linkFromPreset(preset, link.a, link.b, link.id));
                  }}
                />
                <Button kind="quiet" label={`Remove link ${position + 1}`} onClick={() => onRemove(part)}>
                  ×
                </Button>
              </div>
              <div className="rig-row">
                <Select
                  label={`First end of link ${position + 1}`}
                  hideLabel
                  value={link.a}
                  options={endsWith(link.a)}
                  onChange={(a) => setLink(position, { ...link, a })}
                />
                <span aria-hidden="true">↔</span>
                <Select
                  label={`Second end of link ${position + 1}`}
                  hideLabel
                  value={link.b}
                  options={endsWith(link.b)}
                  onChange={(b) => setLink(position, { ...link, b })}
                />
              </div>
              <Faults faults={faults} part={part} />
            </li>
          );
        })}
        {rig.links.length === 0 ? <li className="rig-hint">No link yet.</li> : null}
      </ul>
      <h3>Input and output</h3>
      <Select
        label="Input is born on"
        value={rig.source}
        options={endsWith(rig.source)}
        onChange={(source) => onChange({ ...rig, source })}
      />
      <Select
        label="Output is needed on"
        value={rig.sink}
        options={endsWith(rig.sink)}
        onChange={(sink) => onChange({ ...rig, sink })}
      />
    </div>
  );
}

function isSame(one: RigPart, other: RigPart): boolean {
  return one !== null && other !== null && one.kind === other.kind && one.id === other.id;
}

function Faults({ faults, part }: { readonly faults: readonly RigFault[]; readonly part: RigPart }) {
  return faults
    .filter(({ at }) => isSame(at, part))
    .map(({ sentence, tone }) => (
      <p key={sentence} className="rig-fault" data-tone={tone}>
        {sentence}
      </p>
    ));
}
