import { expect, test, vi } from "vitest";
import { createJobRunner, type Job } from "./client.ts";
import type { Request, Response } from "./protocol.ts";

/** A worker that answers when it is told to. */
class FakeWorker {
  onmessage: ((event: { data: Response }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly asked: Request[] = [];
  terminated = false;

  postMessage(request: Request): void {
    this.asked.push(request);
  }

  terminate(): void {
    this.terminated = true;
  }

  answer(response: Response): void {
    this.onmessage?.({ data: response });
  }
}

function runnerWithWorkers() {
  const workers: FakeWorker[] = [];
  const runner = createJobRunner(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
  return { runner, workers };
}

const JOB: Job = {
  kind: "open-sample",
  sample: "a",
  baseUrl: "",
  bindings: new Map(),
  givenTypes: new Map(),
  wanted: "model",
};
const last = (job: number): Response => ({ kind: "hashed", job, sha256: "00" });

test("progress is passed on, the last message ends the job, the worker is kept for the next", async () => {
  const { runner, workers } = runnerWithWorkers();
  const onMessage = vi.fn();
  const first = runner.run(JOB, { onMessage });
  workers[0]?.answer({ kind: "progress", job: 1, step: "Reading", fraction: 0.5 });
  workers[0]?.answer(last(1));
  await expect(first).resolves.toEqual(last(1));
  expect(onMessage).toHaveBeenCalledOnce();
  const second = runner.run(JOB);
  workers[0]?.answer(last(2));
  await second;
  expect(workers).toHaveLength(1);
});

test("a newer job ends the older one and its worker", async () => {
  const { runner, workers } = runnerWithWorkers();
  const older = runner.run(JOB);
  const newer = runner.run(JOB);
  await expect(older).rejects.toMatchObject({ name: "AbortError" });
  expect(workers.map((worker) => worker.terminated)).toEqual([true, false]);
  workers[1]?.answer(last(2));
  await expect(newer).resolves.toEqual(last(2));
});

test("cancelling ends the worker at once; the next job gets a new one", async () => {
  const { runner, workers } = runnerWithWorkers();
  const abort = new AbortController();
  const job = runner.run(JOB, { signal: abort.signal });
  abort.abort();
  await expect(job).rejects.toMatchObject({ name: "AbortError" });
  expect(workers[0]?.terminated).toBe(true);
  const next = runner.run(JOB);
  workers[1]?.answer(last(2));
  await expect(next).resolves.toEqual(last(2));
});

test("an answer to another job is dropped", async () => {
  const { runner, workers } = runnerWithWorkers();
  const job = runner.run(JOB);
  workers[0]?.answer(last(7));
  workers[0]?.answer(last(1));
  await expect(job).resolves.toEqual(last(1));
});

test("a worker that cannot start rejects the job", async () => {
  const { runner, workers } = runnerWithWorkers();
  const job = runner.run(JOB);
  workers[0]?.onerror?.({ message: "no such file" });
  await expect(job).rejects.toThrow("no such file");
});
