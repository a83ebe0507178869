import type { Request, Response } from "./protocol.ts";

/** A request before it has a job number. */
export type Job = Request extends infer R ? (R extends Request ? Omit<R, "job"> : never) : never;

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onMessage?: (response: Response) => void;
}

export interface JobRunner {
  /**
   * Runs a job and resolves with its last message. A newer job, or the signal, stops an older one at once by
   * ending its worker: the older promise then rejects with an AbortError.
   */
  run(job: Job, options?: JobOptions): Promise<Response>;
  /** Starts the worker ahead of its first job. */
  warm(): void;
  /** Ends the worker to free its memory; the next job starts a new one. */
  dispose(): void;
  /** Stops the job under way, whose promise rejects with an AbortError. */
  cancel(): void;
}

function isLast(response: Response): boolean {
  return response.kind !== "progress" && response.kind !== "solve-progress";
}

/** One worker, one job at a time. */
export function createJobRunner(spawn: () => Worker): JobRunner {
  let worker: Worker | null = null;
  let stopCurrent: (() => void) | null = null;
  let lastJob = 0;

  const dispose = () => {
    worker?.terminate();
    worker = null;
  };

  const run = (job: Job, options: JobOptions = {}): Promise<Response> => {
    stopCurrent?.();
    worker ??= spawn();
    const active = worker;
    lastJob += 1;
    const number = lastJob;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        active.onmessage = null;
        active.onerror = null;
        options.signal?.removeEventListener("abort", stop);
        if (stopCurrent === stop) stopCurrent = null;
        finish();
      };
      const stop = () => {
        dispose();
        settle(() => reject(new DOMException("The job was cancelled.", "AbortError")));
      };
      if (options.signal?.aborted === true) {
        stop();
        return;
      }
      stopCurrent = stop;
      options.signal?.addEventListener("abort", stop);
      active.onmessage = (event: MessageEvent<Response>) => {
        const response = event.data;
        if (response.job !== number) return;
        if (isLast(response)) settle(() => resolve(response));
        else options.onMessage?.(response);
      };
      active.onerror = (event) => {
        dispose();
        settle(() => reject(new Error(event.message || "The worker could not be started.")));
      };
      active.postMessage({ ...job, job: number });
    });
  };

  const warm = () => {
    worker ??= spawn();
  };

  return {
    run,
    warm,
    dispose,
    cancel: () => stopCurrent?.(),
  };
}

export const spawnModelWorker = (): Worker =>
  new Worker(new URL("./model.worker.ts", import.meta.url), { type: "module" });

export const spawnHashWorker = (): Worker =>
  new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });

export const spawnSolveWorker = (): Worker =>
  new Worker(new URL("./solve.worker.ts", import.meta.url), { type: "module" });

export const spawnStudyWorker = (): Worker =>
  new Worker(new URL("./study.worker.ts", import.meta.url), { type: "module" });

export const spawnLayoutWorker = (): Worker =>
  new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });

/** The worker of the mixed-integer solver. */
export const spawnMilpWorker = (): Worker =>
  new Worker(new URL("./milp.worker.ts", import.meta.url), { type: "module" });

export const spawnProfileWorker = (): Worker =>
  new Worker(new URL("./profile.worker.ts", import.meta.url), { type: "module" });

export const spawnProfilerWorker = (): Worker =>
  new Worker(new URL("./profiler.worker.ts", import.meta.url), { type: "module" });

export const spawnSegmentsWorker = (): Worker =>
  new Worker(new URL("./segments.worker.ts", import.meta.url), { type: "module" });
