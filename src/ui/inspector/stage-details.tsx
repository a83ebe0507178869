import { item } from "../../core/columns.ts";
import { formatMemory, formatSeconds } from "../../core/units.ts";
import { Button } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** A stage: where its time and its device's memory go. */
export function StageDetails({ view, stage }: { readonly view: PlanView; readonly stage: number }) {
  const store = useAppStore();
  const prediction = view.prediction.stages.find((entry) => entry.stage === stage);
  if (prediction === undefined) return null;
  const device = item(view.setting.rig.devices, prediction.device);
  const memory = item(view.prediction.devices, prediction.device);
  const rows: [string, string][] = [
    ["Ops", String(prediction.opCount)],
    ["Ops' time", formatSeconds(prediction.opSeconds)],
  ];
  if (prediction.overheadSeconds > 0) rows.push(["Fixed per run", formatSeconds(prediction.overheadSeconds)]);
  if (prediction.spillSeconds > 0) rows.push(["Weights streamed", formatSeconds(prediction.spillSeconds)]);
  rows.push(
    ["Weights", formatMemory(memory.weightBytes)],
    ["Live activations", formatMemory(memory.activationBytes)],
    ["Memory of device", `${formatMemory(memory.memoryBytes)} of ${formatMemory(device.memory)}`],
  );
  return (
    <section className="inspector-section">
      <h2>
        <DeviceBadge index={prediction.device} /> Stage {stage + 1}: {device.name}
      </h2>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {stage > 0 ? (
        <Button kind="quiet" onClick={() => store.getState().removeStage(stage)}>
          Merge into the stage before
        </Button>
      ) : null}
    </section>
  );
}
