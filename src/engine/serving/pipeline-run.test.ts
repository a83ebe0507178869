import { describe, expect, test } from "vitest";
import type { Hop } from "../../core/plan/problem.ts";
import { ok, unwrap } from "../../core/result.ts";
import { median, type RunStage, runPipeline, steadyPeriod } from "./pipeline-run.ts";
import type { WireTensor } from "./protocol.ts";
import { pause } from "./turns.ts";

const tensor = (name: string, bytes: number): WireTensor => ({
  name,
  datatype: "UINT8",
  shape: [bytes],
  data: new Uint8Array(bytes),
});
const hop = (resource: number, secondsPerByte: number, latency: number): Hop => ({
  link: 0,
  direction: "aToB",
  secondsPerByte,
  latency,
  joulesPerByte: 0,
  resource,
});

/** Stages that take a time each and pass a tensor of a size on. */
function stagesOf(
  ...parts: readonly { device: string; seconds: number; bytes: number; hops: readonly Hop[] }[]
): RunStage[] {
  return parts.map(({ device, seconds, bytes, hops }, stage) => ({
    stage,
    device,
    place: stage,
    sends: [{ to: stage + 1, tensors: [`t${stage + 1}`], hops }],
    step: {
      inputs: [`t${stage}`],
      outputs: [`t${stage + 1}`],
      infer: async () => {
        await pause(seconds);
        return ok({
          tensors: [tensor(`t${stage + 1}`, bytes)],
          computeSeconds: seconds,
          sentBytes: 10,
          receivedBytes: bytes,
        });
      },
    },
  }));
}

const run = (stages: readonly RunStage[], frames: number, inFlight: number) =>
  runPipeline({ ...ends(stages), inputs: [tensor("t0", 4)], frames, inFlight, perDevice: 1 });

/** The last message of a chain leads to the sink with what is wanted. */
function ends(stages: readonly RunStage[]) {
  const last = stages.at(-1)?.sends[0];
  if (last === undefined) throw new Error("the last stage sends");
  return { stages, sink: last.to, outputs: last.tensors };
}

/** Timers of a busy machine are late, never early; a period of few frames may begin with a late one. */
function expectTime(actual: number, least: number): void {
  expect(actual).toBeGreaterThan(least * 0.9);
  expect(actual).toBeLessThan(least * 1.5 + 0.03);
}

describe("runPipeline", () => {
  test("latency is the sum, period the busiest device or link", async () => {
    const stages = stagesOf(
      { device: "a", seconds: 0.01, bytes: 1000, hops: [hop(0, 2e-5, 0.005)] },
      { device: "b", seconds: 0.005, bytes: 10, hops: [] },
    );
    const alone = unwrap(await run(stages, 4, 1));
    // 10 ms + 1000 bytes x 20 us + 5 ms + 5 ms
    expectTime(median(alone.latencies), 0.04);
    expectTime(median(alone.stages[0]?.messages[0]?.seconds ?? []), 0.025);
    expect(alone.stages[0]).toMatchObject({ messages: [{ bytes: 1000 }], sentBytes: 10, receivedBytes: 1000 });
    expect(alone.outputs.map(({ name }) => name)).toEqual(["t2"]);
    const stream = unwrap(await run(stages, 16, 4));
    // The link is busy for 20 ms a frame; its latency holds nobody up.
    expectTime(steadyPeriod(stream.ends), 0.02);
  });

  test("stages of one device, and messages over one medium, take turns", async () => {
    const shared = stagesOf(
      { device: "a", seconds: 0.006, bytes: 1000, hops: [hop(0, 4e-6, 0)] },
      { device: "b", seconds: 0.001, bytes: 1000, hops: [hop(0, 4e-6, 0)] },
      { device: "a", seconds: 0.006, bytes: 10, hops: [] },
    );
    const { ends } = unwrap(await run(shared, 32, 6));
    expectTime(steadyPeriod(ends), 0.012);
  });

  test("keeps what a later stage needs, and stages without ops pass on", async () => {
    const [first, second] = stagesOf(
      { device: "a", seconds: 0, bytes: 3, hops: [] },
      { device: "b", seconds: 0, bytes: 5, hops: [] },
    );
    if (first === undefined || second === undefined) throw new Error("two stages");
    const relay: RunStage = { ...first, step: null, sends: [{ to: 1, tensors: ["t0"], hops: null }] };
    const needs = second.step === null ? null : { ...second.step, inputs: ["t0"] };
    const both: RunStage = { ...second, step: needs, sends: [{ to: 2, tensors: ["t0", "t2"], hops: null }] };
    const made = unwrap(await run([relay, both], 1, 1));
    expect(made.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["t0", [4]],
      ["t2", [5]],
    ]);
  });

  test("stages that share a place read what arrived there; those that do not depend on each other run at once", async () => {
    const timed = (device: string, place: number, name: string, inputs: readonly string[], seconds: number) => {
      const infer = async () => {
        await pause(seconds);
        return ok({ tensors: [tensor(name, 100)], computeSeconds: seconds, sentBytes: 1, receivedBytes: 1 });
      };
      return { device, place, step: { inputs, outputs: [name], infer } };
    };
    const slow = [hop(0, 1e-4, 0)];
    const stages: readonly RunStage[] = [
      // a goes to both branches, over one link each; the last stage is on the first one's device and reads all three.
      {
        ...timed("home", 0, "a", ["t0"], 0.004),
        stage: 0,
        sends: [
          { to: 1, tensors: ["a"], hops: [] },
          { to: 2, tensors: ["a"], hops: [] },
        ],
      },
      { ...timed("left", 1, "b", ["a"], 0.03), stage: 1, sends: [{ to: 0, tensors: ["b"], hops: slow }] },
      { ...timed("right", 2, "c", ["a"], 0.03), stage: 2, sends: [{ to: 0, tensors: ["c"], hops: null }] },
      { ...timed("home", 0, "d", ["a", "b", "c"], 0.004), stage: 3, sends: [] },
    ];
    const ran = await runPipeline({
      stages,
      inputs: [tensor("t0", 4)],
      outputs: ["d", "c"],
      sink: 0,
      frames: 3,
      inFlight: 1,
      perDevice: 1,
    });
    const { latencies, outputs, stages: times } = unwrap(ran);
    // 4 + 30 + 10 + 4 ms, not the 78 ms of a chain.
    expectTime(median(latencies), 0.048);
    expect(median(latencies)).toBeLessThan(0.075);
    expect(outputs.map(({ name }) => name)).toEqual(["d", "c"]);
    expect(times[0]?.messages).toEqual([
      { bytes: 100, seconds: [] },
      { bytes: 100, seconds: [] },
    ]);
    expect(times[1]?.messages[0]?.seconds).toHaveLength(3);
  });

  test("ends with the first error, and when cancelled", async () => {
    const stages = stagesOf({ device: "a", seconds: 0.002, bytes: 1, hops: [] });
    const broken = stages.map((stage) => ({ ...stage, sends: [{ to: 1, tensors: ["other"], hops: null }] }));
    expect(await run(broken, 5, 2)).toEqual({
      ok: false,
      error: 'Stage 0 on device "a" was to send tensor "other" on, which its server did not give.',
    });
    const ending = new AbortController();
    const running = runPipeline({
      ...ends(stages),
      inputs: [tensor("t0", 4)],
      frames: 1000,
      inFlight: 2,
      perDevice: 1,
      signal: ending.signal,
    });
    setTimeout(() => ending.abort(), 20);
    expect(await running).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Cancelled after \d+ of 1000 frames\.$/),
    });
  });
});
