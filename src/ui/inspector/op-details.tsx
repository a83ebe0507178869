import { at, item } from "../../core/columns.ts";
import { PROVENANCES } from "../../core/profile/profile.ts";
import { formatSeconds } from "../../core/units.ts";
import { latencyTables, runnersOf } from "../../state/derive.ts";
import { HeldBodies } from "../bodies/held-bodies.tsx";
import { Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { CutHere } from "./cut-here.tsx";
import { KeepOn } from "./keep-on.tsx";
import { OpFacts, OpTensors } from "./op-facts.tsx";

/** One op: its tensors, work, latency on each device with where the figure comes from, and what a cut behind it carries. */
export function OpDetails({ view, op }: { readonly view: PlanView; readonly op: number }) {
  const store = useAppStore();
  const { graph, model } = view;
  const stage = at(view.plan.stageOf, op);
  const stages = view.plan.devices.map((id, number) => {
    const device = view.setting.rig.devices.find((candidate) => candidate.id === id);
    return { value: String(number), text: `${number + 1}: ${device?.name ?? id}` };
  });
  const isProblem = model.given !== null;
  const tables = latencyTables(model, view.setting);
  const held = model.bodies.get(op);
  return (
    <section className="inspector-section" data-testid="op-details">
      <h2>{item(graph.opTypes, op)}</h2>
      {isProblem ? null : <p className="tensor-name">{item(graph.opNames, op)}</p>}
      <OpFacts part={model} op={op} isProblem={isProblem} />
      {held === undefined ? null : <HeldBodies held={held} around={[]} op={op} type={item(graph.opTypes, op)} />}
      <h3>Latency</h3>
      <dl className="facts">
        {runnersOf(view.problem, view.setting.rig).map((device, index) => {
          const table = item(tables, index);
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
      <OpTensors part={model} op={op} model={model} />
      <CutHere view={view} op={op} />
      <Select
        label="Runs in stage"
        value={String(stage)}
        options={stages}
        onChange={(value) => store.getState().assignOp(op, Number(value))}
      />
      <KeepOn view={view} ops={[op]} />
    </section>
  );
}
