import { at, item } from "../../core/columns.ts";
import { moduleTotals } from "../../core/cost/module-totals.ts";
import { cutBehind, runEnds } from "../../core/graph/module-ends.ts";
import { alikeModules } from "../../core/graph/module-tree.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { formatCount, formatMacs, formatMemory, formatSeconds } from "../../core/units.ts";
import { latencyTables } from "../../state/derive.ts";
import { memo } from "../../state/memo.ts";
import { Select } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { CutText } from "./cut-here.tsx";
import { KeepOn } from "./keep-on.tsx";
import { type ModuleLatency, moduleLatency, opTypesText, provenanceText } from "./module-figures.ts";
import { Fact, TensorList } from "./op-facts.tsx";

const totalsOf = memo(({ modules, graph, costs }: OpenedModel) => moduleTotals(modules, graph, costs), 2);
const endsOf = memo(({ graph, modules, cuts }: OpenedModel, module: number) => {
  const [from, to] = [at(modules.firstOp, module), at(modules.endOp, module)];
  return { ...runEnds(graph, from, to), before: cutBehind(graph, cuts, from), behind: cutBehind(graph, cuts, to) };
}, 2);

const SEVERAL = "several";

/** A module: sums over its ops, its latency on each device, what it exchanges with the rest, and where it runs. */
export function ModuleDetails({ view, module }: { readonly view: PlanView; readonly module: number }) {
  const store = useAppStore();
  const { model, graph, plan, setting } = view;
  const { modules } = model;
  const [from, to] = [at(modules.firstOp, module), at(modules.endOp, module)];
  const totals = totalsOf(model);
  const ends = endsOf(model, module);
  const alike = alikeModules(modules, module);
  const macs = at(totals.macs, module);
  const ops = Array.from({ length: to - from }, (_, place) => from + place);
  const stages = [...new Set(ops.map((op) => at(plan.stageOf, op)))].sort((a, b) => a - b);
  const devices = [...new Set(stages.map((stage) => plan.devices[stage] ?? SEVERAL))];
  const options = setting.rig.devices.map(({ id, name }) => ({ value: id, text: name }));
  return (
    <section className="inspector-section" data-testid="module-details">
      <h2>{item(modules.names, module)}</h2>
      <p className="inspector-hint">
        Module of {to - from} {to - from === 1 ? "op" : "ops"}
        {alike === 0 ? "" : `, of the same ops and shapes as ${alike} ${alike === 1 ? "other" : "others"}`}.
      </p>
      <dl className="facts">
        <Fact name="Work" value={Number.isFinite(macs) ? formatMacs(macs) : "unknown (shapes)"} />
        <Fact name="Parameters" value={countText(at(totals.parameters, module))} />
        <Fact name="Weights" value={formatMemory(at(totals.weightBytes, module))} />
        <Fact name="Ops" value={opTypesText(graph, from, to)} />
        <Fact name="Runs in" value={stagesText(view, stages)} />
      </dl>
      <h3>Latency, one op after the other</h3>
      <dl className="facts">
        {latencyTables(model, setting).map((table, index) => {
          const device = item(setting.rig.devices, index);
          const latency = moduleLatency(table, from, to);
          return (
            <div key={device.id} title={latencyTitle(latency, device.loadFactor)}>
              <dt>
                <DeviceBadge index={index} /> {device.name}
              </dt>
              <dd>
                {latency.unsupported > 0
                  ? `cannot run ${latency.unsupported} of them`
                  : formatSeconds(latency.seconds * device.loadFactor)}{" "}
                <span className="tensor-type">{provenanceText(latency)}</span>
              </dd>
            </div>
          );
        })}
      </dl>
      <TensorList title="Comes in" part={model} tensors={ends.reads} model={model} />
      <TensorList title="Goes out" part={model} tensors={ends.writes} model={model} />
      <h3>A cut before it</h3>
      <CutText graph={graph} cut={ends.before} whole="Nothing is computed before it." />
      <h3>A cut behind it</h3>
      <CutText graph={graph} cut={ends.behind} whole="Nothing is left to compute behind it." />
      <Select
        label="Run on"
        value={devices.length === 1 ? (devices[0] ?? SEVERAL) : SEVERAL}
        options={devices.length === 1 ? options : [{ value: SEVERAL, text: "several devices" }, ...options]}
        onChange={(device) => {
          if (device !== SEVERAL) store.getState().assignOps(ops, device);
        }}
      />
      <KeepOn view={view} ops={ops} />
    </section>
  );
}

const countText = (count: number): string => (Number.isFinite(count) ? formatCount(count) : "unknown (shapes)");

function stagesText({ plan, setting }: PlanView, stages: readonly number[]): string {
  const name = (stage: number) => {
    const id = plan.devices[stage];
    return `stage ${stage + 1} (${setting.rig.devices.find((device) => device.id === id)?.name ?? id})`;
  };
  const text = stages.map(name).join(", ");
  return stages.length > 1 ? `${text}: split` : text;
}

function latencyTitle({ low, high, unsupported }: ModuleLatency, loadFactor: number): string {
  if (unsupported > 0) return "Some of its ops are not among those that the device supports.";
  return `${formatSeconds(low * loadFactor)} to ${formatSeconds(high * loadFactor)}, as the sum of its ops.`;
}
