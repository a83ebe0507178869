import { at, item } from "../core/columns.ts";
import type { ExportSubject } from "../core/export/export-subject.ts";
import { finiteOrNull } from "../core/export/report.ts";
import type { Problem } from "../core/plan/problem.ts";
import { predict } from "../core/predict/predict.ts";
import { formatSeconds, formatTraffic } from "../core/units.ts";
import type { compareTensors } from "../engine/compare-tensors.ts";
import { median, type RunOutcome, steadyPeriod } from "../engine/serving/pipeline-run.ts";
import type { RunRoutes } from "./run-messages.ts";
import { aligned } from "./text.ts";

export type OutputDifference = ReturnType<typeof compareTensors>;

/** A figure as predicted and as measured. */
interface Pair {
  readonly predicted: number | null;
  readonly measured: number | null;
  /** measured / predicted - 1 */
  readonly error: number | null;
}

export interface RunFacts {
  readonly subject: ExportSubject;
  /** Frames one at a time, and frames in flight. */
  readonly alone: RunOutcome;
  readonly stream: RunOutcome;
  readonly inFlight: number;
  /** Of each stage, as they were sent. */
  readonly messages: RunRoutes["messages"];
  readonly runtime: string;
  readonly servers: ReadonlyMap<number, string>;
  /** Whether links are imitated: then transfers have measured times. */
  readonly shaped: boolean;
  readonly seed: number;
  readonly outputs: readonly OutputDifference[];
  readonly verdict: "bit-equal" | "close" | "different";
  readonly tolerance: number;
  readonly notes: readonly string[];
}

function pair(predicted: number, measured: number): Pair {
  return {
    predicted: finiteOrNull(predicted),
    measured: finiteOrNull(measured),
    error: predicted > 0 ? finiteOrNull(measured / predicted - 1) : null,
  };
}

/** Seconds of a stage as measured: what its server says of the model, or else the way there and back. */
function stageSeconds({ stages }: RunOutcome, stage: number): number {
  const { compute, roundTrips } = item(stages, stage);
  return median(compute.length > 0 ? compute : roundTrips);
}

/** The plan's figures where every stage takes as long as it was measured to, on the links of the rig. */
function predictionAsMeasured({ problem, plan }: ExportSubject, alone: RunOutcome) {
  const counts = plan.stages.map(() => 0);
  for (const stage of plan.stageOf) counts[stage] = at(counts, stage) + 1;
  const devices = problem.devices.map((device, number) => ({
    ...device,
    stageOverheadSeconds: 0,
    streamingSecondsPerByte: 0,
    opSeconds: Float64Array.from(plan.stageOf, (stage) =>
      plan.stages[stage] === number ? stageSeconds(alone, stage) / at(counts, stage) : 0,
    ),
  }));
  const measured: Problem = { ...problem, devices };
  return predict(measured, plan);
}

export type RunReport = ReturnType<typeof runReport>;

/** Everything that a run has shown, as a JSON document. Times in seconds, sizes in bytes. */
export function runReport(facts: RunFacts) {
  const { subject, messages, alone, stream, inFlight, servers, shaped } = facts;
  const { rig, plan, prediction } = subject;
  const deviceOf = (stage: number) => item(rig.devices, item(plan.stages, stage)).id;
  const asMeasured = predictionAsMeasured(subject, alone);
  const stages = plan.stages.map((_, stage) => {
    const record = item(alone.stages, stage);
    const holdsOps = record.roundTrips.length > 0;
    return {
      stage,
      device: deviceOf(stage),
      server: servers.get(stage) ?? null,
      seconds: pair(item(prediction.stages, stage).computeSeconds, holdsOps ? stageSeconds(alone, stage) : 0),
      roundTripSeconds: holdsOps ? finiteOrNull(median(record.roundTrips)) : null,
      sentBytes: record.sentBytes,
      receivedBytes: record.receivedBytes,
    };
  });
  const transfers = messages.flatMap((ofStage, stage) =>
    ofStage.flatMap(({ from, destination, names, bytes, seconds }, index) => {
      if (from === destination) return [];
      const record = item(item(alone.stages, stage).messages, index);
      return {
        from,
        to: destination,
        tensors: names,
        bytes: pair(bytes, record.bytes),
        seconds: shaped && seconds !== null ? pair(seconds, median(record.seconds)) : null,
      };
    }),
  );
  return {
    latency: pair(prediction.latencySeconds, median(alone.latencies)),
    period: pair(prediction.periodSeconds, steadyPeriod(stream.ends)),
    /** The same, predicted from the stage times that were measured: what is left is the error of the links' model. */
    withMeasuredStages: {
      latency: pair(asMeasured.latencySeconds, median(alone.latencies)),
      period: pair(asMeasured.periodSeconds, steadyPeriod(stream.ends)),
    },
    frames: { alone: alone.latencies.length, stream: stream.latencies.length, inFlight },
    runtime: facts.runtime,
    shaped,
    stages,
    transfers,
    outputs: {
      verdict: facts.verdict,
      tolerance: facts.tolerance,
      seed: facts.seed,
      differences: facts.outputs.map((output) => ({
        ...output,
        maxAbsolute: finiteOrNull(output.maxAbsolute),
        maxRelative: finiteOrNull(output.maxRelative),
      })),
    },
    notes: facts.notes,
  };
}

const percent = (error: number | null): string =>
  error === null ? "" : `${error < 0 ? "" : "+"}${(100 * error).toFixed(1)} %`;
const time = (seconds: number | null): string => (seconds === null ? "unknown" : formatSeconds(seconds));
const times = ({ predicted, measured, error }: Pair): string[] => [time(predicted), time(measured), percent(error)];

const VERDICTS: Readonly<Record<RunFacts["verdict"], string>> = {
  "bit-equal": "the same bits as those of the whole model",
  close: "those of the whole model, but for rounding",
  different: "NOT those of the whole model",
};

/** The report for a person. */
export function runText(report: RunReport): string {
  const { latency, period, withMeasuredStages, frames, stages, transfers, outputs, notes, runtime, shaped } = report;
  return [
    aligned([
      ["", "predicted", "measured", "error"],
      ["latency", ...times(latency)],
      ["period", ...times(period)],
      ["with stage times as measured", "", "", ""],
      ["latency", ...times(withMeasuredStages.latency)],
      ["period", ...times(withMeasuredStages.period)],
    ]),
    aligned([
      ["stage", "device", "predicted", "measured", "error", "request", "answer"],
      ...stages.map(({ stage, device, seconds, roundTripSeconds, sentBytes, receivedBytes }) =>
        roundTripSeconds === null
          ? [String(stage), device, "passes the input on"]
          : [String(stage), device, ...times(seconds), formatTraffic(sentBytes), formatTraffic(receivedBytes)],
      ),
    ]),
    ...(transfers.length === 0
      ? []
      : [
          aligned([
            [
              "transfer",
              "bytes predicted",
              "measured",
              "error",
              ...(shaped ? ["time predicted", "measured", "error"] : []),
            ],
            ...transfers.map(({ from, to, bytes, seconds }) => [
              `${from} -> ${to}`,
              formatTraffic(bytes.predicted ?? 0),
              formatTraffic(bytes.measured ?? 0),
              percent(bytes.error),
              ...(seconds === null ? [] : times(seconds)),
            ]),
          ]),
        ]),
    aligned([
      ["outputs", `${outputs.verdict}: ${VERDICTS[outputs.verdict]}, inputs of seed ${outputs.seed}`],
      ["runtime", runtime],
      ["frames", `${frames.alone} one at a time, ${frames.stream} with ${frames.inFlight} in flight`],
      ...notes.map((note) => ["note", note]),
    ]),
  ].join("\n");
}
