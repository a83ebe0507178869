import type { Plan } from "../core/plan/plan.ts";
import { isSamePlan } from "../core/plan/plan-difference.ts";
import { addStage, moveBoundary, moveOp, removeStage } from "../core/plan/plan-edit.ts";
import type { Problem } from "../core/plan/problem.ts";
import type { Objective, Solution } from "../core/solve/solver.ts";
import { createJobRunner, spawnSolveWorker } from "../worker/client.ts";
import { planById, planByIndex, predictionOf, problemOf } from "./derive.ts";
import type { Proof, Scheme, Setting, StagedPlan } from "./state.ts";
import type { Access } from "./store.ts";

export interface PlanActions {
  setObjective(objective: Objective): void;
  /** Looks for the best plan in a worker; the answer replaces the plan unless the setting changed meanwhile. */
  autoPartition(options?: { readonly asFirstPlan?: boolean }): Promise<void>;
  /** Looks whether the plan on screen is the best one, and takes the proof over if it is. The plan stays. */
  prove(): Promise<void>;
  /** Moves a split while it is dragged: shown at once, not yet a step of the history. */
  dragBoundary(boundary: number, position: number): void;
  /** Makes the dragged plan a step of the history. */
  endDrag(): void;
  cancelDrag(): void;
  /** Moves a split in one step (keyboard). */
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

export function createPlanActions({ get, set }: Access): PlanActions {
  const solver = createJobRunner(spawnSolveWorker);

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

  const commitPlan = (label: string, plan: StagedPlan | null, proof: Proof | null = null) => {
    if (plan !== null) get().commit(label, { ...get().session, plan, proof });
  };

  /** The solver's answer for the present model, setting and objective; null when cancelled, stale or impossible. */
  const solve = async (): Promise<Solution | null> => {
    const { model, objective, session } = get();
    if (model === null) return null;
    const problem = problemOf(model, session.setting);
    if (!problem.ok) {
      get().notify("error", problem.error);
      return null;
    }
    const abort = new AbortController();
    const report = (fraction: number | null) =>
      set({ solving: { label: "Looking for the best split", fraction, cancel: () => abort.abort() } });
    report(null);
    try {
      const response = await solver.run(
        { kind: "solve", problem: problem.value, objective },
        {
          signal: abort.signal,
          onMessage: (message) => {
            if (message.kind === "solve-progress") report(message.progress.fraction);
          },
        },
      );
      set({ solving: null });
      if (get().model !== model || get().session.setting !== session.setting) return null;
      if (response.kind === "failed") get().notify("error", `The solver stopped: ${response.message}`);
      if (response.kind !== "solved") return null;
      if (response.result.ok) return response.result.value;
      get().notify("error", response.result.error);
    } catch (reason) {
      const cancelled = reason instanceof DOMException && reason.name === "AbortError";
      if (!cancelled) get().notify("error", `The solver stopped: ${reason instanceof Error ? reason.message : reason}`);
      // A newer search has put up its own activity; only a cancelled or failed one takes it down.
      if (!cancelled || abort.signal.aborted) set({ solving: null });
    }
    return null;
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
      const solution = await solve();
      if (solution === null) return;
      const { session } = get();
      const plan = planById(solution.plan, session.setting.rig);
      const next = { ...session, plan, proof: proofOf(solution, session.setting) };
      if (asFirstPlan) set({ session: next, draft: null });
      else get().commit("Auto-partition", next);
    },

    prove: async () => {
      const plan = get().session.plan;
      const solution = await solve();
      const { session } = get();
      const problem = currentProblem();
      if (solution === null || problem === null || session.plan !== plan) return;
      const prediction = predictionOf(problem, plan, session.setting.rig);
      const value = solution.objective === "period" ? prediction.periodSeconds : prediction.latencySeconds;
      if (Math.abs(value - solution.value) > 1e-9 * value) return;
      set({ session: { ...session, proof: proofOf(solution, session.setting) } });
    },

    dragBoundary: (boundary, position) => {
      const plan = edited((problem, before) => moveBoundary(problem, before, boundary, position));
      if (plan !== null) set({ draft: plan });
    },
    endDrag: () => {
      const { draft } = get();
      if (draft !== null) commitPlan("Move split", draft);
    },
    cancelDrag: () => set({ draft: null }),
    stepBoundary: (boundary, position) =>
      commitPlan(
        "Move split",
        edited((problem, before) => moveBoundary(problem, before, boundary, position)),
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

    loadPlan: (label, plan, proof) => commitPlan(label, plan, proof),

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
