import { expect, test } from "vitest";
import { Fields } from "../core/json.ts";
import { decodeModel } from "../core/onnx/decode.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { AS_STORED } from "../core/plan/wire.ts";
import { fixedRuns } from "../core/profile/settled.ts";
import { unwrap } from "../core/result.ts";
import { chainModel } from "../core/testing/models.ts";
import { meanStageError } from "../core/verification/measurement.ts";
import { readRecord, recordJson } from "../core/verification/verification-record.ts";
import { measurePlan } from "../engine/measure-segments.ts";
import { openModel } from "../engine/open-model.ts";
import { verifyPlan } from "../engine/verify.ts";
import { standardOutputTap } from "./standard-output-tap.ts";

test("stages are measured against the prediction; the record survives being written and read", async () => {
  const source = bytesSource("chain.onnx", chainModel(6));
  const { graph, costs, bindings } = unwrap(await openModel(source));
  const model = unwrap(decodeModel(source));
  const plan = { stages: [0, 1], stageOf: Int32Array.of(0, 0, 0, 1, 1, 1) };
  const files = { model, source, others: [], bindings, encoding: AS_STORED };
  const measurement = unwrap(
    await measurePlan({
      ...files,
      graph,
      costs,
      plan,
      device: "This machine",
      threads: 1,
      tap: standardOutputTap(),
      isIsolated: true,
      stop: fixedRuns(10),
    }),
  );
  expect(measurement.stages.map(({ stage, runs }) => ({ stage, runs }))).toEqual([
    { stage: 0, runs: 10 },
    { stage: 1, runs: 10 },
  ]);
  for (const { predictedSeconds, measuredSeconds } of measurement.stages) {
    expect(predictedSeconds).toBeGreaterThan(0);
    expect(measuredSeconds).toBeGreaterThan(0);
  }
  expect(measurement.transfers).toHaveLength(1);
  for (const { predictedBytes, measuredBytes } of measurement.transfers) expect(measuredBytes).toBe(predictedBytes);
  expect(meanStageError(measurement)).toBeGreaterThan(0);

  const verification = unwrap(await verifyPlan({ ...files, level: "disabled", seed: 1 }, graph, plan));
  const record = { fingerprint: "abc", verification, measurement };
  const problems: string[] = [];
  const written: unknown = JSON.parse(JSON.stringify({ verification: recordJson(record) }));
  expect(readRecord(new Fields(written, "", problems))).toEqual(record);
  expect(problems).toEqual([]);
  readRecord(new Fields({ verification: { ...recordJson(record), version: 2 } }, "", problems));
  expect(problems[0]).toContain("verification.version is 2");
});
