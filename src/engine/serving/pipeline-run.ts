import { item } from "../../core/columns.ts";
import type { Hop } from "../../core/plan/problem.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { InferResponse, WireTensor } from "./protocol.ts";
import { pause, Turns } from "./turns.ts";

export interface StepAnswer extends InferResponse {
  /** Bytes of the whole messages, headers of HTTP left out. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** A stage that holds ops, on a server. */
export interface RunStep {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly infer: (tensors: readonly WireTensor[]) => Promise<Result<StepAnswer>>;
}

export interface RunStage {
  readonly stage: number;
  readonly device: string;
  /** Null for a stage without ops, which passes its tensors on. */
  readonly step: RunStep | null;
  /** Tensors that are sent on from here; of the last stage, the outputs. */
  readonly outgoing: readonly string[];
  /** Links that what is sent on is held up by, in turn; null = links are not imitated. */
  readonly hops: readonly Hop[] | null;
}

export interface RunRequest {
  readonly stages: readonly RunStage[];
  readonly inputs: readonly WireTensor[];
  readonly frames: number;
  /** Most frames under way at a time. */
  readonly inFlight: number;
  /** Requests that a device may have at a time: more than one hides the way there and back. */
  readonly perDevice: number;
  readonly signal?: AbortSignal;
  readonly onFrame?: (done: number) => void;
}

export interface StageTimes {
  readonly stage: number;
  /** Seconds from sending the request to having the answer, of each frame. Empty for a stage without ops. */
  readonly roundTrips: readonly number[];
  /** Seconds that the model took, where the server says so. */
  readonly compute: readonly number[];
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Bytes of the tensors that are sent on, and seconds that the imitated links held them up. */
  readonly outgoingBytes: number;
  readonly transfers: readonly number[];
}

export interface RunOutcome {
  /** Seconds from giving a frame to having its outputs, of each. */
  readonly latencies: readonly number[];
  /** When each frame was done, in seconds from the start, ascending. */
  readonly ends: readonly number[];
  readonly stages: readonly StageTimes[];
  /** Of the last frame to end. */
  readonly outputs: readonly WireTensor[];
}

const now = () => performance.now() / 1e3;

interface StageRecord {
  roundTrips: number[];
  compute: number[];
  transfers: number[];
  sentBytes: number;
  receivedBytes: number;
  outgoingBytes: number;
}

/**
 * Sends frames through stages, several at a time. A device works on one frame at a time (or on `perDevice`), a link
 * passes one message at a time: `hops` hold a message up for bytes x secondsPerByte while others wait, then for the
 * latency while they do not. Errors: what a server answers, and cancelling; frames under way are waited for.
 */
export async function runPipeline(request: RunRequest): Promise<Result<RunOutcome>> {
  const { stages, inputs, frames, inFlight, perDevice, signal, onFrame } = request;
  const devices = new Map(stages.map(({ device }) => [device, new Turns(perDevice)]));
  const links = new Map<number, Turns>();
  const records = stages.map((): StageRecord => {
    return { roundTrips: [], compute: [], transfers: [], sentBytes: 0, receivedBytes: 0, outgoingBytes: 0 };
  });
  const start = now();
  const latencies: number[] = [];
  const ends: number[] = [];
  let outputs: readonly WireTensor[] = [];
  let fault: string | null = null;

  const work = async (stage: RunStage, step: RunStep, tensors: ReadonlyMap<string, WireTensor>) => {
    const feeds = step.inputs.flatMap((name) => tensors.get(name) ?? []);
    const turns = devices.get(stage.device);
    if (turns === undefined) throw new Error(`no turns of device ${stage.device}`);
    return turns.use(async () => {
      const begin = now();
      const answer = await step.infer(feeds);
      if (answer.ok) {
        const record = item(records, stage.stage);
        record.roundTrips.push(now() - begin);
        if (answer.value.computeSeconds !== null) record.compute.push(answer.value.computeSeconds);
        record.sentBytes = answer.value.sentBytes;
        record.receivedBytes = answer.value.receivedBytes;
      }
      return answer;
    });
  };

  const send = async (stage: RunStage, tensors: readonly WireTensor[]) => {
    const bytes = tensors.reduce((sum, { data }) => sum + data.length, 0);
    const record = item(records, stage.stage);
    record.outgoingBytes = bytes;
    if (stage.hops === null || stage.hops.length === 0) return;
    const begin = now();
    for (const { resource, secondsPerByte, latency } of stage.hops) {
      const turns = links.get(resource) ?? new Turns();
      links.set(resource, turns);
      await turns.use(() => pause(bytes * secondsPerByte));
      await pause(latency);
    }
    record.transfers.push(now() - begin);
  };

  const frame = async () => {
    const begin = now();
    let tensors: ReadonlyMap<string, WireTensor> = new Map(inputs.map((tensor) => [tensor.name, tensor]));
    for (const stage of stages) {
      const held = new Map(tensors);
      if (stage.step !== null) {
        const answer = await work(stage, stage.step, tensors);
        if (fault === null && !answer.ok) fault = answer.error;
        if (fault !== null || !answer.ok || signal?.aborted === true) return;
        for (const tensor of answer.value.tensors) held.set(tensor.name, tensor);
      }
      const missing = stage.outgoing.find((name) => !held.has(name));
      if (missing !== undefined) {
        fault = `Stage ${stage.stage} on device "${stage.device}" was to send tensor "${missing}" on, which its server did not give.`;
        return;
      }
      const passed = stage.outgoing.flatMap((name) => held.get(name) ?? []);
      await send(stage, passed);
      tensors = new Map(passed.map((tensor) => [tensor.name, tensor]));
    }
    outputs = [...tensors.values()];
    const end = now();
    latencies.push(end - begin);
    ends.push(end - start);
    onFrame?.(ends.length);
  };

  const slots = new Turns(Math.max(1, inFlight));
  const idle = async () => {};
  const isOver = () => fault !== null || signal?.aborted === true;
  await Promise.all(Array.from({ length: frames }, () => slots.use(() => (isOver() ? idle() : frame()))));
  if (fault !== null) return err(fault);
  if (signal?.aborted === true) return err(`Cancelled after ${ends.length} of ${frames} frames.`);
  return ok({ latencies, ends, outputs, stages: records.map((record, stage) => ({ stage, ...record })) });
}

/** Median of figures; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return item(sorted, middle);
  return sorted.length === 0 ? Number.NaN : (item(sorted, middle - 1) + item(sorted, middle)) / 2;
}

/**
 * Seconds between outputs of a full pipeline: over the middle half of the frames, while it neither fills nor empties (an
 * emptying one is faster where a device has several stages). NaN of fewer than two frames.
 */
export function steadyPeriod(ends: readonly number[]): number {
  const first = ends.length >> 2;
  const last = ends.length - 1 - first;
  if (last <= first) return Number.NaN;
  return (item(ends, last) - item(ends, first)) / (last - first);
}
