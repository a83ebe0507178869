import type { ExportSubject } from "../core/export/export-subject.ts";
import { planOfMapping } from "../core/export/import-autodice.ts";
import { planOfCuts } from "../core/export/import-cuts.ts";
import { planOfPartition } from "../core/export/import-pipeedge.ts";
import type { ImportedPlan } from "../core/export/imported-plan.ts";
import type { PlanDocument } from "../core/export/plan-document.ts";
import { writePlan } from "../core/export/plan-json.ts";
import { finiteOrNull, planReport } from "../core/export/report.ts";
import { modelMismatch, restorePlan } from "../core/export/restore-plan.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { type Objective, unitOf } from "../core/plan/objective.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { predict } from "../core/predict/predict.ts";
import { figureOf } from "../core/predict/prediction.ts";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";
import { err, ok, type Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import type { Rig } from "../core/rig/rig.ts";
import { solve } from "../core/solve/solve.ts";
import type { Certificate } from "../core/solve/solver.ts";
import { formatSeconds, formatTraffic } from "../core/units.ts";
import type { Command, PlanSource } from "./arguments.ts";
import type { Output } from "./command.ts";
import { additionsFor, openFile, unboundDimensions } from "./open.ts";
import { filesRead, writeText } from "./output-file.ts";
import { readAnyPlan } from "./plan-file.ts";
import { certificateText, planText } from "./plan-text.ts";
import { makeSetting, readProfiles, readRigFile } from "./setting.ts";
import { aligned } from "./text.ts";

/** A prediction claims nothing of other plans, whatever the file says of how its plan was found. */
const NOT_SEARCHED: Certificate = {
  status: "best-found",
  bound: 0,
  scope: "the given plan alone; no other was looked at",
};

type PredictCommand = Extract<Command, { kind: "predict" }>;
/** Lays a plan over a model and a rig. */
type Laid = (model: OpenedModel, sha256: string, rig: Rig) => Result<ImportedPlan>;

/** What a plan's source says without its model: how to lay it, and what else stands in a plan file of ours. */
function readSource(
  source: PlanSource,
  devices: readonly string[] | null,
  rig: Rig | null,
): Result<{ readonly lay: Laid; readonly document: PlanDocument | null }> {
  if (source.kind === "cut") {
    const { tensors, text } = source;
    const lay: Laid = ({ graph }, _, on) =>
      planOfCuts(graph.tensorNames.includes(text) ? [text] : tensors, graph, on, devices);
    return ok({ lay, document: null });
  }
  if (source.kind === "partition") {
    return ok({ lay: (model, _, on) => planOfPartition(source.text, model, on, devices), document: null });
  }
  const read = readAnyPlan(source.path, rig);
  if (!read.ok) return read;
  if (read.value.kind === "mapping") {
    const { mapping } = read.value;
    return ok({ lay: (model, _, on) => planOfMapping(mapping, model.graph, on, devices), document: null });
  }
  if (devices !== null)
    return err("--devices goes with --cut, --partition and mappings: a plan file names its devices.");
  const { document } = read.value;
  const lay: Laid = (model, sha256, on) => {
    const plan = restorePlan(document, model.graph, on);
    return plan.ok ? ok({ plan: plan.value, notes: [] }) : err(modelMismatch(document, sha256) ?? plan.error);
  };
  return ok({ lay, document });
}

/**
 * `splitscope predict`: the figures of a given plan, on the plan file's rig and profiles unless others are given; with
 * --compare beside those of the best one.
 */
export async function runPredict(command: PredictCommand): Promise<Result<Output>> {
  const given = command.rig === null ? ok(null) : readRigFile(command.rig);
  if (!given.ok) return given;
  const read = readSource(command.plan, command.devices, given.value);
  if (!read.ok) return read;
  const { lay, document } = read.value;
  const rig = given.value ?? document?.rig ?? defaultRig();
  const raw = await readProfiles(command.profiles, rig);
  if (!raw.ok) return raw;
  const opened = await openFile(command.model, additionsFor(command, document));
  if (!opened.ok) return opened;
  const { model, sha256 } = opened.value;
  const unbound = unboundDimensions(model);
  if (unbound !== null) return err(unbound);
  const laid = lay(model, sha256, rig);
  if (!laid.ok) return laid;
  const { plan, notes } = laid.value;
  const setting = makeSetting(
    model,
    rig,
    document?.encoding ?? AS_STORED,
    profilesOn(rig, document, raw.value),
    document?.constraints,
  );
  if (!setting.ok) return setting;
  const { problem } = setting.value;
  const [error] = checkPlan(problem, plan, model.graph).errors;
  if (error !== undefined) return err(`The plan cannot run: ${error}`);
  const start = performance.now();
  const prediction = predict(problem, plan);
  const seconds = (performance.now() - start) / 1e3;
  const objective = document?.objective ?? "latency";
  const proof = { certificate: NOT_SEARCHED, value: figureOf(prediction, objective), method: "" };
  const subject: ExportSubject = { model, sha256, ...setting.value, objective, plan, prediction, proof };
  const best = command.compare ? compare(subject) : ok(null);
  if (!best.ok) return best;
  if (command.out !== null) {
    const written = writeText(command.out, writePlan({ ...subject, proof: null }), filesRead(command, model));
    if (!written.ok) return written;
  }
  const report = { ...planReport(subject), ...(best.value === null ? {} : { best: best.value }), notes, seconds };
  return ok({
    json: report,
    text: () =>
      [
        planText(report, subject),
        ...(best.value === null ? [] : [bestText(best.value, subject)]),
        ...(notes.length === 0 ? [] : [notes.map((note) => `note  ${note}\n`).join("")]),
      ].join("\n"),
  });
}

function profilesOn(
  rig: Rig,
  document: PlanDocument | null,
  given: ReadonlyMap<string, RawProfile>,
): ReadonlyMap<string, RawProfile> {
  const own = document?.profiles.filter(({ device }) => rig.devices.some(({ id }) => id === device)) ?? [];
  return new Map([...own.map(({ device, profile }) => [device, profile] as const), ...given]);
}

interface Best {
  readonly value: number | null;
  /** The given plan's value over the best one's; at least 1 where that is proven optimal. */
  readonly ratio: number | null;
  readonly order: readonly string[];
  readonly certificate: { readonly status: string; readonly bound: number | null; readonly scope: string };
}

/** The best plan that the solver finds for the same problem and objective. */
function compare({ problem, objective, rig, prediction }: ExportSubject): Result<Best> {
  const solution = solve(problem, { objective });
  if (!solution.ok) return solution;
  const { plan, value, certificate } = solution.value;
  return ok({
    value: finiteOrNull(value),
    ratio: finiteOrNull(figureOf(prediction, objective) / value),
    order: plan.stages.map((device) => rig.devices[device]?.id ?? ""),
    certificate: { ...certificate, bound: finiteOrNull(certificate.bound) },
  });
}

function figureText(objective: Objective, value: number | null): string {
  const figure = value ?? Number.POSITIVE_INFINITY;
  const unit = unitOf(objective);
  if (unit === "s") return formatSeconds(figure);
  return unit === "B" ? formatTraffic(figure) : `${Number(figure.toPrecision(4))} ${unit}`.trimEnd();
}

function bestText({ value, ratio, order, certificate }: Best, { objective }: ExportSubject): string {
  return aligned([
    ["best plan", `${figureText(objective, value)}, ${order.join(" -> ")}`],
    ["", certificateText(certificate, value)],
    ["given plan", ratio === null ? "cannot be compared" : `${ratio.toFixed(3)} times that`],
  ]);
}
