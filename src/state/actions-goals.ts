import { type Relaxation, relaxations } from "../core/plan/relax.ts";
import { figure } from "../core/predict/prediction.ts";
import { figureText } from "../core/predict/violation-text.ts";
import { createJobRunner, spawnSolveWorker } from "../worker/client.ts";
import { problemOf } from "./derive.ts";
import type { Way } from "./state.ts";
import type { Access } from "./store.ts";

export interface GoalActions {
  /** Keeps the sentence on why there is no plan, and looks which single constraint given up would allow one. */
  findRelaxations(sentence: string): Promise<void>;
  /** Gives that constraint up and looks for the best plan. */
  relax(way: Way): Promise<void>;
}

/** A limit that is given way to is set a little above what is possible, to three figures. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return Number((Math.ceil((value * (1 + 1e-6)) / unit) * unit).toPrecision(12));
}

export function createGoalActions({ get, set }: Access): GoalActions {
  const runner = createJobRunner(spawnSolveWorker);

  return {
    findRelaxations: async (sentence) => {
      const { model, objective, session } = get();
      if (model === null) return;
      const { setting } = session;
      set({ impossible: { setting, sentence, ways: null } });
      const isStale = () => get().impossible?.setting !== setting;
      const tried = async (relaxation: Relaxation): Promise<Way | null> => {
        const { constraints, limited } = relaxation;
        const problem = problemOf(model, { ...setting, constraints });
        if (!problem.ok) return null;
        const job = { objective: limited ?? objective, limits: constraints.limits } as const;
        const response = await runner.run({ kind: "solve", problem: problem.value, ...job });
        if (response.kind !== "solved" || !response.result.ok) return null;
        if (limited === null) return { text: relaxation.text, constraints };
        const limit = roundedUp(figure(response.result.value.prediction, limited));
        const text = `${relaxation.text} ${figureText(limited, limit)}`;
        return { text, constraints: { ...constraints, limits: { ...constraints.limits, [limited]: limit } } };
      };
      const ways: Way[] = [];
      try {
        for (const relaxation of relaxations(setting.constraints, setting.rig)) {
          if (isStale()) return;
          const way = await tried(relaxation);
          if (way !== null) ways.push(way);
        }
      } catch (reason) {
        // A newer question took the worker.
        if (!(reason instanceof DOMException && reason.name === "AbortError")) throw reason;
        return;
      } finally {
        if (!isStale()) runner.dispose();
      }
      if (!isStale()) set({ impossible: { setting, sentence, ways } });
    },

    relax: async ({ text, constraints }) => {
      get().setConstraints(text, constraints);
      await get().autoPartition();
    },
  };
}
