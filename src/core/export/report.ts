import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { objectiveText, unitOf } from "../plan/objective.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import type { Problem } from "../plan/problem.ts";
import { predict } from "../predict/predict.ts";
import { figureOf, type Prediction } from "../predict/prediction.ts";
import type { Rig } from "../rig/rig.ts";
import type { ExportSubject } from "./export-subject.ts";

/** A figure as JSON holds it: null where it is not finite (a plan that cannot run, an unknown size). */
export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export interface TransferReport {
  readonly from: string;
  readonly to: string;
  readonly tensors: readonly { readonly name: string; readonly bytes: number }[];
  readonly seconds: number | null;
}

export interface FiguresReport {
  readonly latencySeconds: number | null;
  readonly periodSeconds: number | null;
  readonly energyJoules: number | null;
  readonly trafficBytes: number | null;
  readonly devices: readonly {
    readonly device: string;
    readonly computeSeconds: number | null;
    readonly memoryBytes: number;
  }[];
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly seconds: number;
  }[];
}

/** A plan with its figures, names in place of numbers: what the command line prints. Sizes in bytes, as sent. */
export interface PlanReport {
  readonly objective: string;
  readonly value: number | null;
  /** Of the value: s, J, B; empty for a weighted mix. */
  readonly unit: string;
  readonly certificate: { readonly status: string; readonly bound: number | null; readonly scope: string } | null;
  /** Device of each stage. */
  readonly order: readonly string[];
  readonly stages: readonly { readonly device: string; readonly ops: readonly string[] }[];
  readonly transfers: readonly TransferReport[];
  readonly prediction: FiguresReport;
  readonly noSplit: readonly {
    readonly device: string;
    readonly latencySeconds: number | null;
    readonly periodSeconds: number | null;
  }[];
}

const deviceId = (rig: Rig, device: number) => item(rig.devices, device).id;

/** Ops of each stage, in topological order. O(ops). */
export function opsByStage(plan: ExportSubject["plan"]): readonly (readonly number[])[] {
  const ops: number[][] = plan.stages.map(() => []);
  for (const [op, stage] of plan.stageOf.entries()) item(ops, stage).push(op);
  return ops;
}

export function transferReports(graph: Graph, problem: Problem, rig: Rig, prediction: Prediction): TransferReport[] {
  return prediction.transfers.map((transfer) => ({
    from: deviceId(rig, transfer.fromDevice),
    to: deviceId(rig, transfer.toDevice),
    tensors: transfer.tensors.map((tensor) => ({
      name: item(graph.tensorNames, tensor),
      bytes: at(problem.tensorWireBytes, tensor),
    })),
    seconds: finiteOrNull(transfer.seconds),
  }));
}

export function figuresReport(rig: Rig, prediction: Prediction): FiguresReport {
  return {
    latencySeconds: finiteOrNull(prediction.latencySeconds),
    periodSeconds: finiteOrNull(prediction.periodSeconds),
    energyJoules: finiteOrNull(prediction.energyJoules),
    trafficBytes: finiteOrNull(prediction.trafficBytes),
    devices: prediction.devices.map(({ device, computeSeconds, memoryBytes }) => ({
      device: deviceId(rig, device),
      computeSeconds: finiteOrNull(computeSeconds),
      memoryBytes,
    })),
    links: prediction.links.map(({ link, direction, bytes, seconds }) => {
      const { a, b } = item(rig.links, link);
      return direction === "aToB" ? { from: a, to: b, bytes, seconds } : { from: b, to: a, bytes, seconds };
    }),
  };
}

/** The whole report. O(ops + devices x predict). */
export function planReport(subject: ExportSubject): PlanReport {
  const { model, rig, problem, plan, prediction, objective, proof } = subject;
  const { graph } = model;
  return {
    objective: objectiveText(objective),
    value: finiteOrNull(figureOf(prediction, objective)),
    unit: unitOf(objective),
    certificate:
      proof === null
        ? null
        : {
            status: proof.certificate.status,
            bound: finiteOrNull(proof.certificate.bound),
            scope: proof.certificate.scope,
          },
    order: plan.stages.map((device) => deviceId(rig, device)),
    stages: opsByStage(plan).map((ops, stage) => ({
      device: deviceId(rig, item(plan.stages, stage)),
      ops: ops.map((op) => item(graph.opNames, op)),
    })),
    transfers: transferReports(graph, problem, rig, prediction),
    prediction: figuresReport(rig, prediction),
    noSplit: rig.devices.map(({ id }, device) => {
      const { latencySeconds, periodSeconds } = predict(problem, noSplitPlan(problem, device));
      return {
        device: id,
        latencySeconds: finiteOrNull(latencySeconds),
        periodSeconds: finiteOrNull(periodSeconds),
      };
    }),
  };
}
