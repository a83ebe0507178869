import { at } from "../../core/columns.ts";
import { formatMacs, formatMemory } from "../../core/units.ts";
import { Select } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { KeepOn } from "./keep-on.tsx";

const SEVERAL = "several";

/** Several ops together: their work and weights, and where they run. */
export function OpsDetails({ view, ops }: { readonly view: PlanView; readonly ops: readonly number[] }) {
  const store = useAppStore();
  const { costs } = view.model;
  const sum = (values: Float64Array) => ops.reduce((total, op) => total + (at(values, op) || 0), 0);
  const devices = new Set(ops.map((op) => view.plan.devices[at(view.plan.stageOf, op)] ?? SEVERAL));
  const [only = SEVERAL] = devices;
  const options = view.setting.rig.devices.map(({ id, name }) => ({ value: id, text: name }));
  return (
    <section className="inspector-section" data-testid="ops-details">
      <h2>{ops.length} ops</h2>
      <dl className="facts">
        <div>
          <dt>Work</dt>
          <dd>{formatMacs(sum(costs.macs))}</dd>
        </div>
        <div>
          <dt>Weights</dt>
          <dd>{formatMemory(sum(costs.weightBytes))}</dd>
        </div>
      </dl>
      <Select
        label="Run on"
        value={devices.size === 1 ? only : SEVERAL}
        options={devices.size === 1 ? options : [{ value: SEVERAL, text: "several devices" }, ...options]}
        onChange={(device) => {
          if (device !== SEVERAL) store.getState().assignOps(ops, device);
        }}
      />
      <KeepOn view={view} ops={ops} />
    </section>
  );
}
