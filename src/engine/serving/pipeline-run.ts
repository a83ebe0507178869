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

/** What is sent to a place when a stage has ended. */
export interface RunMessage {
  readonly to: number;
  readonly tensors: readonly string[];
  /** Links that it is held up by, in turn; null = links are not imitated. */
  readonly hops: readonly Hop[] | null;
}

export interface RunStage {
  readonly stage: number;
  readonly device: string;
  /**
   * Number of the place where it finds its inputs and leaves its outputs. Stages that share a place read what any of
   * them made or was sent; where tensors are relayed, each stage is a place of its own.
   */
  readonly place: number;
  /** Null for a stage without ops, which passes its tensors on. */
  readonly step: RunStep | null;
  readonly sends: readonly RunMessage[];
}

export interface RunRequest {
  readonly stages: readonly RunStage[];
  /** They are at the first stage's place. */
  readonly inputs: readonly WireTensor[];
  /** What a frame yields, and the place where that must have arrived. */
  readonly outputs: readonly string[];
  readonly sink: number;
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
  /** Of each message: bytes of its tensors, and seconds that the imitated links held it up. */
  readonly messages: readonly { readonly bytes: number; readonly seconds: readonly number[] }[];
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
  sentBytes: number;
  receivedBytes: number;
  messages: { bytes: number; seconds: number[] }[];
}

/** Where the tensors of one frame are. */
class Arrivals {
  readonly #tensors = new Map<string, WireTensor>();
  #waiting: { readonly keys: readonly string[]; readonly resolve: (whole: boolean) => void }[] = [];
  #isOver = false;

  put(place: number, tensors: readonly WireTensor[]): void {
    for (const tensor of tensors) this.#tensors.set(keyOf(place, tensor.name), tensor);
    const [still, done] = [this.#waiting.filter((one) => !this.#has(one.keys)), this.#waiting];
    this.#waiting = still;
    for (const one of done) if (!still.includes(one)) one.resolve(true);
  }

  /** The tensors, in order, as far as they are there. */
  held(place: number, names: readonly string[]): readonly WireTensor[] {
    return names.flatMap((name) => this.#tensors.get(keyOf(place, name)) ?? []);
  }

  /** The tensors when all are there; null where the frame ends before. */
  async wait(place: number, names: readonly string[]): Promise<readonly WireTensor[] | null> {
    const keys = names.map((name) => keyOf(place, name));
    const whole =
      this.#isOver ||
      this.#has(keys) ||
      (await new Promise<boolean>((resolve) => this.#waiting.push({ keys, resolve })));
    return whole && !this.#isOver ? this.held(place, names) : null;
  }

  /** Nothing more will arrive. */
  end(): void {
    this.#isOver = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  #has(keys: readonly string[]): boolean {
    return keys.every((key) => this.#tensors.has(key));
  }
}

const keyOf = (place: number, name: string) => `${place} ${name}`;

/**
 * Sends frames through stages, several at a time. A stage starts when its inputs are at its place and sends when it
 * ends, so that stages which do not depend on each other run at once on different devices. A device works on one frame
 * at a time (or on `perDevice`), a link passes one message at a time: `hops` hold a message up for bytes x secondsPerByte while others wait, then for the
 * latency while they do not. Errors: what a server answers, and cancelling; frames under way are waited for.
 */
export async function runPipeline(request: RunRequest): Promise<Result<RunOutcome>> {
  const { stages, inputs, outputs: wanted, sink, frames, inFlight, perDevice, signal, onFrame } = request;
  const devices = new Map(stages.map(({ device }) => [device, new Turns(perDevice)]));
  const links = new Map<number, Turns>();
  const records = stages.map(({ sends }): StageRecord => {
    const messages = sends.map(() => ({ bytes: 0, seconds: [] }));
    return { roundTrips: [], compute: [], sentBytes: 0, receivedBytes: 0, messages };
  });
  const start = now();
  const latencies: number[] = [];
  const ends: number[] = [];
  let outputs: readonly WireTensor[] = [];
  let fault: string | null = null;

  const work = async (stage: RunStage, step: RunStep, feeds: readonly WireTensor[]) => {
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

  const send = async (record: StageRecord, index: number, { hops }: RunMessage, tensors: readonly WireTensor[]) => {
    const bytes = tensors.reduce((sum, { data }) => sum + data.length, 0);
    const message = item(record.messages, index);
    message.bytes = bytes;
    if (hops === null || hops.length === 0) return;
    const begin = now();
    for (const { resource, secondsPerByte, latency } of hops) {
      const turns = links.get(resource) ?? new Turns();
      links.set(resource, turns);
      await turns.use(() => pause(bytes * secondsPerByte));
      await pause(latency);
    }
    message.seconds.push(now() - begin);
  };

  /** One stage of one frame; says what is wrong, null where nothing is. */
  const runStage = async (stage: RunStage, arrivals: Arrivals): Promise<string | null> => {
    const { place, step, sends } = stage;
    const needed = step === null ? sends.flatMap(({ tensors }) => tensors) : step.inputs;
    const feeds = await arrivals.wait(place, needed);
    if (feeds === null) return null;
    if (step !== null) {
      const answer = await work(stage, step, feeds);
      if (!answer.ok) return answer.error;
      arrivals.put(place, answer.value.tensors);
    }
    for (const { tensors } of sends) {
      const missing = tensors.find((name) => arrivals.held(place, [name]).length === 0);
      if (missing === undefined) continue;
      return `Stage ${stage.stage} on device "${stage.device}" was to send tensor "${missing}" on, which its server did not give.`;
    }
    const record = item(records, stage.stage);
    const sending = sends.map(async (message, index) => {
      const tensors = arrivals.held(place, message.tensors);
      await send(record, index, message, tensors);
      arrivals.put(message.to, tensors);
    });
    await Promise.all(sending);
    return null;
  };

  const frame = async () => {
    const begin = now();
    const arrivals = new Arrivals();
    arrivals.put(stages[0]?.place ?? sink, inputs);
    const arrived = arrivals.wait(sink, wanted);
    const running = stages.map(async (stage) => {
      const error = await runStage(stage, arrivals);
      fault ??= error;
      if (fault !== null || signal?.aborted === true) arrivals.end();
    });
    const found = await arrived;
    const end = now();
    await Promise.all(running);
    if (found === null || fault !== null) return;
    outputs = found;
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
