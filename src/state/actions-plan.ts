import { nearestSplit } from "../core/plan/nearest-split.ts";
import { boundaryPositions } from "../core/plan/order.ts";
import type { Plan } from "../core/plan/plan.ts";
import { isSamePlan } from "../core/plan/plan-difference.ts";
import { addStage, moveBoundary, moveOp, removeStage } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import { figureOf } from "../core/predict/prediction.ts";
import type { Objective, Solution } from "../core/solve/solver.ts";
import { commitEdit } from "./commit-edit.ts";
import { planById, planByIndex, predictionOf, problemOf } from "./derive.ts";
import { createPlanSearch } from "./plan-search.ts";
import type { Proof, Scheme, Setting, StagedPlan } from "./state.ts";
import type { Access, Store } from "./store.ts";

export interface PlanActions {
  setObjective(objective: Objective): void;
  /** Looks for the best plan in a worker; the answer replaces the plan unless the setting changed meanwhile. */
  autoPartition(options?: { readonly asFirstPlan?: boolean }): Promise<void>;
  /** Looks whether the plan on screen is the best one, and takes the proof over if it is. The plan stays. */
  prove(): Promise<void>;
  /** Moves a split while it is dragged: shown at once, not yet a step of the history. */
  dragBoundary(boundary: number, position: number): void;
  /** Makes the dragged plan a step of the history; one that cannot run is refused with its reason. */
  endDrag(label?: string): void;
  cancelDrag(): void;
  /** Moves a split in one step (keyboard), over positions where the plan could not run. */
  stepBoundary(boundary: number, position: number): void;
  /** Puts an op into a stage, with the ops that have to come along. */
  assignOp(op: number, stage: number): void;
  addStage(device: string): void;
  removeStage(stage: number): void;
  loadPlan(label: string, plan: StagedPlan, proof: Proof | null): void;
  pinScheme(): void;
  renameScheme(id: number, name: string): void;
  removeScheme(id: number): void;
}

export function createPlanActions(access: Access): PlanActions {
  const { get, set } = access;
  const search = createPlanSearch({ get, set });

  const currentProblem = (): Problem | null => {
    const { model, session } = get();
    if (model === null) return null;
    const problem = problemOf(model, session.setting);
    return problem.ok ? problem.value : null;
  };

  /** Applies a pure edit to the plan by index and gives the plan by id, or null when nothing changed. */
  const edited = (edit: (problem: Problem, plan: Plan) => Plan): StagedPlan | null => {
    const problem = currentProblem();
    if (problem === null) return null;
    const { session, draft } = get();
    const rig = session.setting.rig;
    const before = planByIndex(draft ?? session.plan, rig);
    const after = edit(problem, before);
    return after === before ? null : planById(after, rig);
  };

  const commitPlan = (label: string, plan: StagedPlan | null) => {
    if (plan !== null) commitEdit(access, label, plan);
  };

  /** Where a split may go that is asked to go to a position: there, or further the same way, or where it was asked to. */
  const stepped = (problem: Problem, before: Plan, boundary: number, position: number): Plan => {
    const from = boundaryPositions(before)[boundary] ?? 0;
    const found =
      position === from ? null : nearestSplit(problem, before, boundary, position, position > from ? 1 : -1);
    return found ?? moveBoundary(problem, before, boundary, position);
  };

  const proofOf = ({ objective, certificate, value, method }: Solution, setting: Setting): Proof => ({
    objective,
    certificate,
    setting,
    value,
    method,
  });

  return {
    setObjective: (objective) => set({ objective }),

    autoPartition: async ({ asFirstPlan = false } = {}) => {
      const solved = ({ session }: Store, solution: Solution) => {
        const plan = planById(solution.plan, session.setting.rig);
        return { ...session, plan, proof: proofOf(solution, session.setting) };
      };
      let shown: StagedPlan | null = null;
      const show = (solution: Solution) => {
        const next = solved(get(), solution);
        shown = next.plan;
        if (asFirstPlan) set({ session: next, draft: null });
        else get().commit("Auto-partition", next);
      };
      const solution = await search(show);
      if (solution === null) return;
      if (shown === null) show(solution);
      // The last answer takes the place of the first in the same step, unless the plan was changed meanwhile.
      else if (get().session.plan === shown) set({ session: solved(get(), solution) });
    },

    prove: async () => {
      const plan = get().session.plan;
      const solution = await search();
      const { session } = get();
      const problem = currentProblem();
      if (solution === null || problem === null || session.plan !== plan) return;
      const prediction = predictionOf(problem, plan, session.setting.rig);
      const value = figureOf(prediction, solution.objective);
      if (Math.abs(value - solution.value) > 1e-9 * value) return;
      set({ session: { ...session, proof: proofOf(solution, session.setting) } });
    },

    dragBoundary: (boundary, position) => {
      const plan = edited((problem, before) => moveBoundary(problem, before, boundary, position));
      if (plan !== null) set({ draft: plan, refusal: null });
    },
    endDrag: (label = "Move split") => {
      const { draft } = get();
      if (draft !== null) commitPlan(label, draft);
    },
    cancelDrag: () => set({ draft: null }),
    stepBoundary: (boundary, position) =>
      commitPlan(
        "Move split",
        edited((problem, before) => stepped(problem, before, boundary, position)),
      ),
    assignOp: (op, stage) =>
      commitPlan(
        "Move op",
        edited((problem, before) => moveOp(problem, before, op, stage)),
      ),
    addStage: (device) => {
      const index = get().session.setting.rig.devices.findIndex((candidate) => candidate.id === device);
      commitPlan(
        "Add stage",
        edited((problem, before) => addStage(problem, before, index)),
      );
    },
    removeStage: (stage) =>
      commitPlan(
        "Remove stage",
        edited((problem, before) => removeStage(problem, before, stage)),
      ),

    loadPlan: (label, plan, proof) => get().commit(label, { ...get().session, plan, proof }),

    pinScheme: () => {
      const { session } = get();
      const asStages = ({ devices, stageOf }: StagedPlan) => ({ stages: devices, stageOf });
      const twin = session.schemes.find(({ plan }) => isSamePlan(asStages(plan), asStages(session.plan)));
      if (twin !== undefined) {
        get().notify("info", `This plan is pinned already, as ${twin.name}.`);
        return;
      }
      const id = 1 + session.schemes.reduce((highest, scheme) => Math.max(highest, scheme.id), 0);
      const scheme: Scheme = { id, name: `Scheme ${id}`, plan: session.plan, proof: session.proof };
      get().commit("Pin scheme", { ...session, schemes: [...session.schemes, scheme] });
    },
    renameScheme: (id, name) => {
      const { session } = get();
      const schemes = session.schemes.map((scheme) => (scheme.id === id ? { ...scheme, name } : scheme));
      get().commit("Rename scheme", { ...session, schemes });
    },
    removeScheme: (id) => {
      const { session } = get();
      get().commit("Remove scheme", { ...session, schemes: session.schemes.filter((scheme) => scheme.id !== id) });
    },
  };
}
