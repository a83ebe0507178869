import { at } from "../../core/columns.ts";
import { ancestors, descendants } from "../../core/graph/closure.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { assignOps, movedOps } from "../../core/plan/assign.ts";
import { pinnedDevice } from "../../core/plan/pins.ts";
import { figureOf } from "../../core/predict/prediction.ts";
import type { Objective } from "../../core/solve/solver.ts";
import { faultOf } from "../../state/commit-edit.ts";
import { planById, planByIndex, predictionOf, runnersOf } from "../../state/derive.ts";
import type { AppStore } from "../../state/store.ts";
import { deviceLetter } from "../shared/device-color.ts";
import { objectiveFormat } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { type PopupGroup, PopupMenu } from "./popup-menu.tsx";

interface OpMenuProps {
  readonly view: PlanView;
  readonly ops: readonly number[];
  readonly x: number;
  readonly y: number;
  readonly onClose: () => void;
}

/** How some ops are called: by name, or by their number. */
export function opsText(graph: Graph, ops: readonly number[]): string {
  const [first] = ops;
  return ops.length === 1 && first !== undefined ? (graph.opNames[first] ?? `op ${first}`) : `${ops.length} ops`;
}

/** What can be done with an op, a module or a selection. */
export function OpMenu({ view, ops, x, y, onClose }: OpMenuProps) {
  const store = useAppStore();
  const objective = useApp((state) => state.objective);
  const groups = [
    { title: `Run ${opsText(view.graph, ops)} on`, items: runItems(store, view, ops, objective) },
    ...insideGroups(store, view, ops),
    ...splitGroups(store, view, ops),
    { title: "Keep in every plan", items: keepItems(store, view, ops) },
    { title: "Select", items: selectItems(store, view.graph, ops) },
  ];
  return <PopupMenu label={`Menu of ${opsText(view.graph, ops)}`} x={x} y={y} groups={groups} onClose={onClose} />;
}

/** Each device, with what would come along and what it would cost; why not, where it cannot be. */
function runItems(store: AppStore, view: PlanView, ops: readonly number[], objective: Objective): PopupGroup["items"] {
  const { problem, model, setting } = view;
  const { rig } = setting;
  const plan = planByIndex(view.plan, rig);
  return runnersOf(problem, rig).map(({ id, name }, device) => {
    const text = `${deviceLetter(device)}  ${name}`;
    const onChoose = () => store.getState().assignOps(ops, id);
    const after = assignOps(problem, plan, ops, device);
    if (after === plan) return { key: id, text, detail: "there already", disabled: true, onChoose };
    const staged = planById(after, rig);
    const fault = faultOf(model, setting, staged);
    if (fault !== null) return { key: id, text, detail: fault, onChoose };
    const here = new Set(ops.filter((op) => plan.stages[at(plan.stageOf, op)] !== device)).size;
    const along = movedOps(plan, after) - here;
    const figure = objectiveFormat(objective)(figureOf(predictionOf(problem, staged, rig), objective));
    const company = along > 0 ? `, ${along} more ${along === 1 ? "op comes" : "ops come"} along` : "";
    return { key: id, text, detail: `${figure}${company}`, onChoose };
  });
}

/** Each device that ops can be pinned to; letting them go, where they are. */
function keepItems(store: AppStore, view: PlanView, ops: readonly number[]): PopupGroup["items"] {
  const { constraints, rig } = view.setting;
  const held = new Set(ops.map((op) => pinnedDevice(constraints, view.graph, op)));
  const items = runnersOf(view.problem, rig).map(({ id, name }, device) => ({
    key: `keep ${id}`,
    text: `On ${deviceLetter(device)}  ${name}`,
    disabled: held.size === 1 && held.has(id),
    ...(held.has(id) ? { detail: "kept there already" } : {}),
    onChoose: () => store.getState().keepOps(ops, id),
  }));
  const isHeld = held.size > 1 || !held.has(null);
  const letGo = { key: "let go", text: "Let go", onChoose: () => store.getState().keepOps(ops, null) };
  return isHeld ? [...items, letGo] : items;
}

/** A way into each body of an op of control flow. */
function insideGroups(store: AppStore, { model }: PlanView, ops: readonly number[]): readonly PopupGroup[] {
  const [only] = ops;
  const held = ops.length === 1 && only !== undefined ? model.bodies.get(only) : undefined;
  if (held === undefined || only === undefined) return [];
  const items = held.bodies.map(({ attribute, totals }, body) => ({
    key: `inside ${attribute}`,
    text: attribute,
    detail: `${totals.ops} ${totals.ops === 1 ? "op" : "ops"}`,
    onChoose: () => store.getState().lookInto([{ op: only, body }]),
  }));
  return [{ title: "Look inside", items }];
}

function splitGroups(store: AppStore, view: PlanView, ops: readonly number[]): readonly PopupGroup[] {
  const first = ops[0];
  const last = ops.at(-1);
  if (first === undefined || last === undefined) return [];
  const { cutAtOp, splitStage } = store.getState();
  const devices = runnersOf(view.problem, view.setting.rig);
  const runs = view.plan.devices[at(view.plan.stageOf, first)];
  const isSplit = view.plan.devices.length > 1;
  const others = devices.filter(({ id }) => id !== runs);
  return [
    {
      title: isSplit ? "Move the nearest split" : "Split",
      items: [
        { key: "before", text: "Cut before here", onChoose: () => cutAtOp(first, "before") },
        { key: "after", text: "Cut after here", onChoose: () => cutAtOp(last, "after") },
      ],
    },
    {
      title: "Another stage",
      items: others.map(({ id, name }) => ({
        key: `from ${id}`,
        text: `From here on, on ${name}`,
        onChoose: () => splitStage(first, "before", id),
      })),
    },
  ];
}

function selectItems(store: AppStore, graph: Graph, ops: readonly number[]): PopupGroup["items"] {
  const closure = (marksOf: (graph: Graph, op: number) => Uint8Array) => {
    const found = new Set<number>();
    for (const op of ops) for (const [other, mark] of marksOf(graph, op).entries()) if (mark === 1) found.add(other);
    store.getState().select({ kind: "ops", ops: [...found].sort((a, b) => a - b) });
  };
  return [
    { key: "upstream", text: "All that it depends on", onChoose: () => closure(ancestors) },
    { key: "downstream", text: "All that depends on it", onChoose: () => closure(descendants) },
  ];
}
