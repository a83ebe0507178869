import { at, item } from "../core/columns.ts";
import { assignOps, moveOps, positionBefore, splitAfter, splitBefore } from "../core/plan/assign.ts";
import { boundaryPositions } from "../core/plan/order.ts";
import { withOpsPinned } from "../core/plan/pins.ts";
import type { Plan } from "../core/plan/plan.ts";
import { addStage, moveBoundary } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import { commitEdit, faultOf } from "./commit-edit.ts";
import { planById, planByIndex, problemOf } from "./derive.ts";
import type { StagedPlan } from "./state.ts";
import type { Access } from "./store.ts";

/** Which side of an op a split is to be on. */
export type Side = "before" | "after";

export interface DirectActions {
  /** Shows ops in another stage while they are dragged, with what has to come along. */
  dragOps(ops: readonly number[], stage: number): void;
  moveOps(ops: readonly number[], stage: number): void;
  /** Runs ops on a device, in a stage of it that exists or in one of their own. */
  assignOps(ops: readonly number[], device: string): void;
  /** Keeps ops on a device in every plan from now on, and moves them there; null lets them go. */
  keepOps(ops: readonly number[], device: string | null): void;
  /** Moves the nearest split next to an op; a plan without one gets it, to the next device of the rig. */
  cutAtOp(op: number, side: Side): void;
  /** From an op on ("before" it is the split), or up to it: the rest of its stage on a device. */
  splitStage(op: number, side: Side, device: string): void;
  /** A stage of a device behind stage `after`, with the later half of that one's ops. */
  insertStage(after: number, device: string): void;
  /** Takes the split that was offered in place of one that cannot run. */
  takeNearest(): void;
  dismissRefusal(): void;
}

export function createDirectActions(access: Access): DirectActions {
  const { get, set } = access;

  /** The plan of the last finished step after an edit, null where nothing changes. */
  const edited = (edit: (problem: Problem, plan: Plan) => Plan): StagedPlan | null => {
    const { model, session } = get();
    const problem = model === null ? null : problemOf(model, session.setting);
    if (problem === null || !problem.ok) return null;
    const before = planByIndex(session.plan, session.setting.rig);
    const after = edit(problem.value, before);
    return after === before ? null : planById(after, session.setting.rig);
  };
  const take = (label: string, plan: StagedPlan | null) => {
    if (plan !== null) commitEdit(access, label, plan);
  };
  const deviceIndex = (id: string) => get().session.setting.rig.devices.findIndex((device) => device.id === id);
  const nameOf = (id: string) => item(get().session.setting.rig.devices, deviceIndex(id)).name;
  const opName = (op: number) => get().model?.graph.opNames[op] ?? `op ${op}`;
  const opsText = (ops: readonly number[]) => (ops.length === 1 ? opName(ops[0] ?? 0) : `${ops.length} ops`);

  return {
    dragOps: (ops, stage) => {
      const plan = edited((problem, before) => moveOps(problem, before, ops, stage));
      if (plan !== get().draft) set({ draft: plan, refusal: null });
    },
    moveOps: (ops, stage) =>
      take(
        `Move ${opsText(ops)}`,
        edited((problem, before) => moveOps(problem, before, ops, stage)),
      ),
    assignOps: (ops, device) =>
      take(
        `Run ${opsText(ops)} on ${nameOf(device)}`,
        edited((problem, before) => assignOps(problem, before, ops, deviceIndex(device))),
      ),
    keepOps: (ops, device) => {
      const { model, session } = get();
      if (model === null) return;
      const { setting } = session;
      const constraints = withOpsPinned(setting.constraints, model.graph, ops, device);
      if (device === null) {
        get().setConstraints(`Let ${opsText(ops)} go`, constraints);
        return;
      }
      const pinned = { ...setting, constraints };
      const problem = problemOf(model, pinned);
      if (!problem.ok) {
        get().notify("error", problem.error);
        return;
      }
      const before = planByIndex(session.plan, setting.rig);
      const moved = planById(assignOps(problem.value, before, ops, deviceIndex(device)), setting.rig);
      // Where they cannot simply move, the plan stays and says what it does not keep to.
      const plan = faultOf(model, pinned, moved) === null ? moved : session.plan;
      get().commit(`Keep ${opsText(ops)} on ${nameOf(device)}`, { ...session, setting: pinned, plan, proof: null });
    },
    cutAtOp: (op, side) =>
      take(
        `Cut ${side} ${opName(op)}`,
        edited((problem, before) => cutAt(problem, before, op, side)),
      ),
    splitStage: (op, side, device) => {
      const split = side === "before" ? splitBefore : splitAfter;
      take(
        `Split ${side} ${opName(op)}`,
        edited((problem, before) => split(problem, before, op, deviceIndex(device))),
      );
    },
    insertStage: (after, device) => {
      const plan = edited((problem, before) => addStage(problem, before, deviceIndex(device), after));
      if (plan === null) get().notify("info", `Stage ${after + 1} has no op to give to ${nameOf(device)}.`);
      take(`Add stage on ${nameOf(device)}`, plan);
    },
    takeNearest: () => {
      const { refusal } = get();
      if (refusal?.nearest !== null && refusal?.nearest !== undefined) take(refusal.label, refusal.nearest.plan);
    },
    dismissRefusal: () => set({ refusal: null }),
  };
}

/** The nearest boundary next to an op; without any, one to the first other device of the problem that can be reached. */
function cutAt(problem: Problem, plan: Plan, op: number, side: Side): Plan {
  const position = positionBefore(plan, op) + (side === "after" ? 1 : 0);
  const positions = boundaryPositions(plan);
  if (positions.length === 0) {
    const next = problem.routes[problem.source]?.findIndex(
      (route, device) => route !== null && device !== problem.source,
    );
    if (next === undefined || next < 0) return plan;
    return moveBoundary(problem, addStage(problem, plan, next), 0, position);
  }
  let nearest = 0;
  for (let k = 1; k < positions.length; k++) {
    if (Math.abs(at(positions, k) - position) < Math.abs(at(positions, nearest) - position)) nearest = k;
  }
  return moveBoundary(problem, plan, nearest, position);
}
