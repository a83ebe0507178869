import type { Plan } from "../core/plan/plan.ts";
import type { Problem } from "../core/plan/problem.ts";
import {
  type CrossoverMap,
  doubtfulPoints,
  firstPoints,
  MAP_ROUNDS,
  type MapPoint,
  type MapRequest,
  mapPlans,
} from "../core/solve/crossover-map.ts";
import { createJobRunner, type Job, spawnStudyWorker } from "../worker/client.ts";
import type { Response } from "../worker/protocol.ts";
import { planByIndex, problemOf } from "./derive.ts";
import type { MapStudy, Studies } from "./state.ts";
import type { Access } from "./store.ts";

export interface StudyActions {
  /** Finds the plans that are not beaten in every figure at once. */
  studyPareto(): Promise<void>;
  /** Finds which plan is the best over two circumstances; `bandwidth` is what the first axis counts in. */
  studyMap(request: MapRequest, bandwidth: number): Promise<void>;
  /** Finds how the plan on screen fares when latencies and bandwidths are wrong by up to 20 %. */
  studyRobustness(): Promise<void>;
}

const DRAWS = { samples: 100, spread: 0.2, seed: 1 } as const;
/** Workers that solve points of a map side by side; more than there are cores would only take turns. */
const MOST_WORKERS = 4;

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";

interface Study {
  readonly problem: Problem;
  readonly signal: AbortSignal;
  readonly report: (fraction: number) => void;
}

export function createStudyActions({ get, set }: Access): StudyActions {
  const workerCount = () => Math.max(1, Math.min(MOST_WORKERS, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1));
  const pool: ReturnType<typeof createJobRunner>[] = [];
  const runner = (index: number) => {
    pool[index] ??= createJobRunner(spawnStudyWorker);
    return pool[index];
  };
  let latest: AbortController | null = null;

  const patch = (change: Partial<Studies>) => set({ studies: { ...get().studies, ...change } });

  /** Runs one study at a time, with progress and cancel; what comes late is dropped. */
  const study = async (label: string, work: (study: Study) => Promise<Partial<Studies> | null>): Promise<void> => {
    const { model, session } = get();
    if (model === null) return;
    const problem = problemOf(model, session.setting);
    if (!problem.ok) return get().notify("error", problem.error);
    latest?.abort();
    const abort = new AbortController();
    latest = abort;
    const report = (fraction: number) => patch({ running: { label, fraction, cancel: () => abort.abort() } });
    report(0);
    try {
      const found = await work({ problem: problem.value, signal: abort.signal, report });
      const isStale = get().model !== model || get().session.setting !== session.setting;
      if (found !== null && latest === abort && !isStale) patch(found);
    } catch (reason) {
      if (!isAbort(reason)) {
        get().notify("error", `${label} stopped: ${reason instanceof Error ? reason.message : String(reason)}`);
      }
    } finally {
      if (latest === abort) patch({ running: null });
    }
  };

  const ask = async (worker: number, job: Job, { signal, report }: Study): Promise<Response> => {
    const response = await runner(worker).run(job, {
      signal,
      onMessage: (message) => {
        if (message.kind === "progress" && message.fraction !== null) report(message.fraction);
      },
    });
    if (response.kind === "failed") throw new Error(response.message);
    return response;
  };

  /** The best plans at points of a map, shared out among the workers. */
  const solvePoints = async (
    points: readonly MapPoint[],
    request: MapRequest,
    run: Study,
  ): Promise<readonly Plan[]> => {
    const count = workerCount();
    const done = new Float64Array(count);
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, worker) => {
        const mine = points.filter((_point, index) => index % count === worker);
        if (mine.length === 0) return [];
        const report = (fraction: number) => {
          done[worker] = fraction;
          run.report(done.reduce((sum, part) => sum + part, 0) / count);
        };
        const job = { kind: "map-points", problem: run.problem, request, points: mine } as const;
        const response = await ask(worker, job, { ...run, report });
        return response.kind === "map-points-solved" ? response.plans : [];
      }),
    );
    return answers.flat();
  };

  const map = async (request: MapRequest, run: Study): Promise<CrossoverMap | null> => {
    const found: Plan[] = [];
    let latestMap: CrossoverMap | null = null;
    let points = firstPoints();
    for (let round = 0; round <= MAP_ROUNDS; round++) {
      const before = mapPlans(run.problem, found).length;
      const report = (fraction: number) => run.report((round + fraction) / (MAP_ROUNDS + 1));
      found.push(...(await solvePoints(points, request, { ...run, report })));
      if (latestMap !== null && mapPlans(run.problem, found).length === before) return latestMap;
      const job = { kind: "map-regions", problem: run.problem, request, plans: found } as const;
      const response = await ask(0, job, run);
      if (response.kind !== "mapped") return latestMap;
      latestMap = response.map;
      points = doubtfulPoints(latestMap);
    }
    return latestMap;
  };

  return {
    studyPareto: () =>
      study("Looking for trade-offs", async (run) => {
        const response = await ask(
          0,
          { kind: "pareto", problem: run.problem, limits: get().session.setting.constraints.limits },
          run,
        );
        if (response.kind !== "pareto-found") return null;
        return { pareto: { problem: run.problem, result: response.front } };
      }),

    studyMap: (request, bandwidth) =>
      study("Drawing the map", async (run) => {
        const { setting } = get().session;
        const found = await map(request, run);
        const result: MapStudy | null = found === null ? null : { setting, request, bandwidth, map: found };
        return result === null ? null : { map: result };
      }),

    studyRobustness: () =>
      study("Trying other circumstances", async (run) => {
        const { session, objective } = get();
        const plan = planByIndex(session.plan, session.setting.rig);
        const { limits } = session.setting.constraints;
        const request = { ...DRAWS, objective, limits };
        const response = await ask(0, { kind: "robustness", problem: run.problem, plan, request }, run);
        if (response.kind !== "robustness-known") return null;
        const result = { plan: session.plan, objective, robustness: response.robustness };
        return { robustness: { problem: run.problem, result } };
      }),
  };
}
