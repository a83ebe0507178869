import { useMemo, useRef, useState } from "react";
import { OUTSIDE } from "../../core/plan/problem-columns.ts";
import { latencySummary, profileCoverage } from "../../core/profile/apply.ts";
import { totalOf } from "../../core/profile/scale-to-total.ts";
import type { Device } from "../../core/rig/rig.ts";
import { formatMemory, formatSeconds } from "../../core/units.ts";
import { profileRefusal } from "../../state/actions-import.ts";
import { latencyTables } from "../../state/derive.ts";
import { Button } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { deviceColor } from "../shared/device-color.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { DeviceDetails } from "./device-details.tsx";

interface DeviceCardProps {
  readonly device: Device;
  readonly index: number;
  readonly view: PlanView | null;
}

/** A device: what it does in the plan, what its figures rest on, and its editable properties. */
export function DeviceCard({ device, index, view }: DeviceCardProps) {
  const store = useAppStore();
  const [open, setOpen] = useState(false);
  const [over, setOver] = useState(false);
  // The place outside of a problem file has no figures.
  const isOutside = view !== null && view.problem.devices[index]?.id === OUTSIDE;
  const role = [
    view?.setting.rig.source === device.id ? "input" : null,
    view?.setting.rig.sink === device.id ? "output" : null,
  ].filter((part) => part !== null);
  return (
    <section
      className="device-card"
      data-over={over}
      aria-label={device.name}
      style={{ borderLeftColor: deviceColor(index) }}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        void store.getState().openDropped([...event.dataTransfer.files], device.id);
      }}
    >
      <div className="device-head">
        <DeviceBadge index={index} />
        {isOutside ? (
          <span className="device-name">{device.name}</span>
        ) : (
          <button type="button" className="device-name" aria-expanded={open} onClick={() => setOpen(!open)}>
            {device.name}
          </button>
        )}
        {role.length > 0 ? <span className="device-role">{role.join(", ")}</span> : null}
      </div>
      <p className="device-line">{device.runtime}</p>
      {isOutside ? null : <DeviceUse device={device} index={index} />}
      {view === null || isOutside ? null : <LatencySource device={device} index={index} view={view} />}
      {open && !isOutside ? <DeviceDetails device={device} index={index} view={view} /> : null}
    </section>
  );
}

/** What the device does in the plan at this moment. */
function DeviceUse({ device, index }: { readonly device: Device; readonly index: number }) {
  const used = useLivePlan()?.prediction.devices[index];
  if (used === undefined) return null;
  if (used.computeSeconds === 0) {
    return (
      <p className="device-line">
        <strong>not used</strong>
      </p>
    );
  }
  return (
    <p className="device-line">
      <strong>{formatSeconds(used.computeSeconds)}</strong>
      <span data-tone={used.fits ? "plain" : "bad"}>
        {" "}
        · {formatMemory(used.memoryBytes)} of {formatMemory(device.memory)}
        {used.fits ? "" : " (does not fit)"}
      </span>
    </p>
  );
}

/** What the device's latencies rest on: measured by a profile, fitted, or estimated, with its band. */
function LatencySource({ device, index, view }: DeviceCardProps & { readonly view: PlanView }) {
  const store = useAppStore();
  const profile = useApp((state) => state.session.setting.profiles.get(device.id));
  const chooser = useRef<HTMLInputElement>(null);
  const table = latencyTables(view.model, view.setting)[index];
  // Of thousands of ops, at each movement of a slider that changes none of them.
  const summary = useMemo(() => (table === undefined ? null : latencySummary(table)), [table]);
  if (summary === null) return null;
  const coverage = profile === undefined ? null : profileCoverage(profile);
  return (
    <div className="device-source" data-profiled={coverage !== null}>
      {coverage === null || (profile !== undefined && totalOf(profile.raw) !== null) ? (
        <span>{summary.text}</span>
      ) : (
        <span className="device-source-wide" title={`${coverage.unmatchedEntries} entries of the file match no op`}>
          {profile?.raw.kind ?? "measured"}, {coverage.matchedOps} of {coverage.ops} ops
          {coverage.unmatchedEntries > 0 ? ` · ${coverage.unmatchedEntries} unmatched` : ""}
        </span>
      )}
      {profile === undefined ? null : (
        <Button
          kind="quiet"
          label={`Details of the profile of ${device.name}`}
          title="What the profile covers, and matches by hand"
          onClick={() => store.getState().reviewProfile(device.id)}
        >
          Details…
        </Button>
      )}
      {profileRefusal(view.model) === null ? (
        <Button
          kind="quiet"
          label={`Open a profile of ${device.name}`}
          title="Open profiles or power logs of this device, or drop them on this card"
          onClick={() => chooser.current?.click()}
        >
          Profile…
        </Button>
      ) : null}
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        data-testid={`profile-${device.id}`}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          void store.getState().importProfiles(files, device.id);
        }}
      />
    </div>
  );
}
