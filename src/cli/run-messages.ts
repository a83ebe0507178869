import { at, item } from "../core/columns.ts";
import type { ExportSubject } from "../core/export/export-subject.ts";
import type { Pipeline } from "../core/export/pipeline.ts";
import type { Segment } from "../core/onnx/segments/segment-models.ts";
import { encodedTensors } from "../core/onnx/segments/transfers.ts";
import { crossings } from "../core/plan/validity.ts";
import type { RunMessage } from "../engine/serving/pipeline-run.ts";

/** A message of a run with what the plan predicts of it; `from` and `to` are ids of devices. */
export interface PlannedMessage extends RunMessage {
  readonly from: string;
  /** The same as `from` where stages follow each other on a device, and nothing is sent. */
  readonly destination: string;
  /** Tensors of the model, without what encodings make of them. */
  readonly names: readonly string[];
  readonly bytes: number;
  /** Null where the prediction has no such message. */
  readonly seconds: number | null;
}

/** Who sends what to whom: the places of stages, their messages, and the place where outputs have to arrive. */
export interface RunRoutes {
  readonly placeOf: readonly number[];
  readonly messages: readonly (readonly PlannedMessage[])[];
  readonly sink: number;
}

/**
 * The messages of a run as the plan's delivery has them. Relayed: one from each stage to the next, places are stages.
 * Direct: one for each tensor and each other device that reads it, places are devices, so that stages of a device share
 * what has arrived. `shaped`: whether links are imitated. O(tensors x stages).
 */
export function runRoutes(
  subject: ExportSubject,
  pipeline: Pipeline,
  segments: readonly Segment[],
  shaped: boolean,
): RunRoutes {
  return subject.problem.delivery === "relayed"
    ? relayedRoutes(subject, pipeline, shaped)
    : directRoutes(subject, pipeline, segments, shaped);
}

function relayedRoutes(
  { rig, plan, problem, prediction, model }: ExportSubject,
  { stages }: Pipeline,
  shaped: boolean,
) {
  const last = plan.stages.length - 1;
  const passing = crossings(problem, plan);
  const messages = stages.map(({ stage, device, outgoing }): readonly PlannedMessage[] => {
    const toDevice = plan.stages[stage + 1] ?? problem.sink;
    const route = item(item(problem.routes, item(plan.stages, stage)), toDevice);
    const tensors = stage === last ? problem.outputs : item(passing, stage);
    const predicted = prediction.transfers.find(({ fromStage }) => fromStage === stage);
    return [
      {
        to: stage + 1,
        tensors: outgoing,
        hops: shaped ? (route?.hops ?? []) : null,
        from: device,
        destination: item(rig.devices, toDevice).id,
        names: tensors.map((tensor) => item(model.graph.tensorNames, tensor)),
        bytes: tensors.reduce((sum, tensor) => sum + at(problem.tensorWireBytes, tensor), 0),
        seconds: predicted?.seconds ?? null,
      },
    ];
  });
  return { placeOf: stages.map(({ stage }) => stage), messages, sink: last + 1 };
}

function directRoutes(
  { rig, plan, problem, prediction, model }: ExportSubject,
  { stages, outputs }: Pipeline,
  segments: readonly Segment[],
  shaped: boolean,
): RunRoutes {
  const encoded = encodedTensors(segments);
  const id = (device: number) => item(rig.devices, device).id;
  const messages = stages.map(({ stage }): PlannedMessage[] =>
    prediction.transfers
      .filter(({ fromStage }) => fromStage === stage)
      .map(({ fromDevice, toDevice, tensors, bytes, seconds }) => {
        const names = tensors.map((tensor) => item(model.graph.tensorNames, tensor));
        return {
          to: toDevice,
          tensors: names.flatMap((name) => encoded.get(name)?.parts.map((part) => part.name) ?? [name]),
          hops: shaped ? (item(item(problem.routes, fromDevice), toDevice)?.hops ?? []) : null,
          from: id(fromDevice),
          destination: id(toDevice),
          names,
          bytes,
          seconds,
        };
      }),
  );
  // Constants that the model yields are nobody's tensor in the prediction.
  const sink = id(problem.sink);
  for (const { stage, device, outputs: made } of stages) {
    const constants = made
      .map(({ name }) => name)
      .filter((name) => {
        const isWanted = outputs.some((output) => output.name === name);
        return isWanted && !model.graph.tensorNames.includes(name) && device !== sink;
      });
    if (constants.length === 0) continue;
    const free = { hops: null, names: [], bytes: 0, seconds: null };
    item(messages, stage).push({ ...free, to: problem.sink, tensors: constants, from: device, destination: device });
  }
  return { placeOf: [...plan.stages], messages, sink: problem.sink };
}
