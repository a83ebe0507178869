import { latencyNodeData } from "../../core/export/model-explorer.ts";
import { UNLIMITED } from "../../core/plan/problem-rig.ts";
import type { Device } from "../../core/rig/rig.ts";
import { bytes, bytesPerSecond, mebibytes, milliseconds } from "../../core/units.ts";
import { latencyTables } from "../../state/derive.ts";
import { Button, Slider } from "../shared/controls.tsx";
import { NumberField, OptionalField } from "../shared/number-fields.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { ProfileDetails } from "./profile-details.tsx";

interface DeviceDetailsProps {
  readonly device: Device;
  readonly index: number;
  readonly view: PlanView | null;
}

const MIB = mebibytes(1);
/** Three digits: more would be noise of the conversion. */
const short = (value: number): number => Number(value.toPrecision(3));

/** The editable properties of a device, its source and its profile. */
export function DeviceDetails({ device, index, view }: DeviceDetailsProps) {
  const store = useAppStore();
  const profile = useApp((state) => state.session.setting.profiles.get(device.id));
  const overlay = useApp((state) => state.overlay);
  const { updateDevice, setOverlay } = store.getState();
  const shown = overlay.kind === "latency" && overlay.device === device.id;
  const isProblem = useApp((state) => state.session.setting.rig.ofProblem === true);
  const { onChip } = device;
  return (
    <div className="device-details">
      {isProblem ? null : <NameField device={device} />}
      <Slider
        label="Load from other work"
        text={device.loadFactor === 1 ? "idle" : `${device.loadFactor.toFixed(1)}x slower`}
        value={device.loadFactor}
        min={1}
        max={8}
        onChange={(value) => updateDevice(device.id, { loadFactor: Math.round(value * 10) / 10 })}
      />
      {isProblem ? (
        <OptionalField
          label="Memory"
          unit="MiB"
          value={device.memory >= UNLIMITED ? null : device.memory / MIB}
          min={1e-6}
          onChange={(value) =>
            updateDevice(device.id, { memory: value === null ? bytes(UNLIMITED) : mebibytes(value) })
          }
        />
      ) : (
        <NumberField
          label="Memory"
          unit="MiB"
          value={Math.round(device.memory / MIB)}
          min={1}
          max={1e7}
          onChange={(value) => updateDevice(device.id, { memory: mebibytes(value) })}
        />
      )}
      <NumberField
        label="Fixed time per run"
        unit="ms"
        value={short(device.stageOverhead * 1e3)}
        min={0}
        max={10_000}
        onChange={(value) => updateDevice(device.id, { stageOverhead: milliseconds(value) })}
      />
      {onChip === null ? null : (
        <>
          <NumberField
            label="On-chip memory"
            unit="MiB"
            value={short(onChip.capacity / MIB)}
            min={0.01}
            max={1e5}
            onChange={(value) => updateDevice(device.id, { onChip: { ...onChip, capacity: mebibytes(value) } })}
          />
          <NumberField
            label="Streaming of the rest"
            unit="MB/s"
            value={short(onChip.streaming / 1e6)}
            min={0.1}
            max={1e6}
            onChange={(value) =>
              updateDevice(device.id, { onChip: { ...onChip, streaming: bytesPerSecond(value * 1e6) } })
            }
          />
        </>
      )}
      <p className="device-line">Source: {device.source}</p>
      {profile === undefined || view === null ? null : <ProfileDetails device={device} profile={profile} view={view} />}
      <div className="device-buttons">
        <Button
          kind="quiet"
          pressed={shown}
          onClick={() => setOverlay(shown ? { kind: "plan" } : { kind: "latency", device: device.id })}
        >
          {shown ? "Hide latencies" : "Show latencies on graph"}
        </Button>
        {view === null || isProblem ? null : <SaveLatencies device={device} index={index} view={view} />}
        {isProblem ? null : <PlaceButtons device={device} index={index} />}
        {view !== null && view.plan.devices.at(-1) !== device.id && view.setting.rig.source !== device.id ? (
          <Button kind="quiet" onClick={() => store.getState().addStage(device.id)}>
            Add a stage here
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function NameField({ device }: { readonly device: Device }) {
  const { updateDevice } = useAppStore().getState();
  return (
    <label className="field">
      <span className="field-label">Name</span>
      <input
        className="text-input"
        key={device.name}
        defaultValue={device.name}
        onBlur={(event) => {
          const name = event.target.value.trim();
          if (name !== "" && name !== device.name) updateDevice(device.id, { name });
        }}
      />
    </label>
  );
}

/** Its place among the devices, and its end. */
function PlaceButtons({ device, index }: { readonly device: Device; readonly index: number }) {
  const count = useApp((state) => state.session.setting.rig.devices.length);
  const { moveDevice, removeDevice } = useAppStore().getState();
  return (
    <>
      <Button
        kind="quiet"
        label={`Move ${device.name} up`}
        disabled={index === 0}
        onClick={() => moveDevice(device.id, index - 1)}
      >
        ↑
      </Button>
      <Button
        kind="quiet"
        label={`Move ${device.name} down`}
        disabled={index === count - 1}
        onClick={() => moveDevice(device.id, index + 1)}
      >
        ↓
      </Button>
      <Button
        kind="quiet"
        label={`Remove ${device.name}`}
        disabled={count === 1}
        onClick={() => removeDevice(device.id)}
      >
        Remove
      </Button>
    </>
  );
}

/** The device's latencies as node data, for Model Explorer. */
function SaveLatencies({ device, index, view }: DeviceDetailsProps & { readonly view: PlanView }) {
  const table = latencyTables(view.model, view.setting)[index];
  if (table === undefined) return null;
  return (
    <Button
      kind="quiet"
      title="Latency of every op on this device, as node data that Model Explorer opens"
      onClick={() => {
        const text = latencyNodeData(view.graph, device, table);
        saveBlob(`${device.id}.nodedata.json`, new Blob([text], { type: "application/json" }));
      }}
    >
      Save for Model Explorer
    </Button>
  );
}
