import { at, item, row } from "../../core/columns.ts";
import { OP_CLASSES } from "../../core/cost/cost.ts";
import { PROVENANCES } from "../../core/profile/profile.ts";
import { formatMacs, formatMemory, formatSeconds } from "../../core/units.ts";
import { latencyTables } from "../../state/derive.ts";
import { Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { typeText } from "./shape-text.ts";
import { StateType } from "./state-type.tsx";

/** One op: its tensors, work, and latency on each device with where the figure comes from. */
export function OpDetails({ view, op }: { readonly view: PlanView; readonly op: number }) {
  const store = useAppStore();
  const { graph, model } = view;
  const { costs } = model;
  const stage = at(view.plan.stageOf, op);
  const stages = view.plan.devices.map((id, number) => {
    const device = view.setting.rig.devices.find((candidate) => candidate.id === id);
    return { value: String(number), text: `${number + 1}: ${device?.name ?? id}` };
  });
  const work = at(costs.macs, op);
  const weights = at(costs.weightBytes, op);
  return (
    <section className="inspector-section" data-testid="op-details">
      <h2>{item(graph.opTypes, op)}</h2>
      <p className="tensor-name">{item(graph.opNames, op)}</p>
      <dl className="facts">
        <Fact name="Class" value={OP_CLASSES[at(costs.opClass, op)] ?? "other"} />
        <Fact name="Work" value={Number.isFinite(work) ? formatMacs(work) : "unknown (shapes)"} />
        <Fact name="Weights" value={formatMemory(weights)} />
        {item(model.attributes, op).map((attribute) => (
          <Fact key={attribute.name} name={attribute.name} value={attribute.value} />
        ))}
      </dl>
      <h3>Latency</h3>
      <dl className="facts">
        {latencyTables(model, view.setting).map((table, index) => {
          const device = item(view.setting.rig.devices, index);
          const value = at(table.seconds, op);
          const band = `${formatSeconds(at(table.low, op))} to ${formatSeconds(at(table.high, op))}`;
          const provenance = PROVENANCES[at(table.provenance, op)] ?? "unknown";
          return (
            <div key={device.id} title={`${band}. ${table.origins.get(provenance) ?? ""}`}>
              <dt>
                <DeviceBadge index={index} /> {device.name}
              </dt>
              <dd>
                {Number.isFinite(value) ? formatSeconds(value * device.loadFactor) : "cannot run it"}{" "}
                <span className="tensor-type">{provenance}</span>
              </dd>
            </div>
          );
        })}
      </dl>
      <TensorList title="Reads" view={view} tensors={row(graph.opInputs, op)} />
      <TensorList title="Writes" view={view} tensors={row(graph.opOutputs, op)} />
      <Select
        label="Runs in stage"
        value={String(stage)}
        options={stages}
        onChange={(value) => store.getState().assignOp(op, Number(value))}
      />
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface TensorListProps {
  readonly title: string;
  readonly view: PlanView;
  readonly tensors: Int32Array;
}

function TensorList({ title, view, tensors }: TensorListProps) {
  const { graph } = view;
  return (
    <>
      <h3>{title}</h3>
      <ul className="tensor-list">
        {[...tensors].map((tensor) => (
          <li key={tensor}>
            <span className="tensor-name">{item(graph.tensorNames, tensor)}</span>
            <span className="tensor-type">
              {typeText(item(graph.tensorTypes, tensor))} · {formatMemory(at(graph.tensorBytes, tensor))}
            </span>
            <StateType model={view.model} tensor={item(graph.tensorNames, tensor)} />
          </li>
        ))}
      </ul>
    </>
  );
}
