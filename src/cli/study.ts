import { item } from "../core/columns.ts";
import { FIGURES, objectiveText, unitOf } from "../core/plan/objective.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Problem } from "../core/plan/problem.ts";
import { figure } from "../core/predict/prediction.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Rig } from "../core/rig/rig.ts";
import { type AxisSpec, axisValue, crossoverMap, type MapPoint, type MapRequest } from "../core/solve/crossover-map.ts";
import { paretoFront } from "../core/solve/pareto.ts";
import { robustness } from "../core/solve/robustness.ts";
import type { Variation } from "../core/solve/variation.ts";
import { formatEnergy, formatSeconds, formatTraffic } from "../core/units.ts";
import { solveFully } from "../engine/solve-fully.ts";
import type { RigOptions } from "./arguments.ts";
import type { Output } from "./command.ts";
import { openModelSetting } from "./open-setting.ts";
import { DEFAULT_SECONDS } from "./plan-options.ts";
import { axisOf, type StudyOptions } from "./study-options.ts";
import { aligned, formatAmount } from "./text.ts";

export type StudyCommand = RigOptions & { readonly kind: "study" } & StudyOptions;

/** A study under way: what it is of, and when it must end. */
interface Study {
  readonly command: StudyCommand;
  readonly rig: Rig;
  readonly problem: Problem;
  readonly opNames: readonly string[];
  readonly shouldStop: () => boolean;
  readonly onProgress: (fraction: number) => void;
}

function stagesOf({ rig, opNames }: Study, plan: Plan) {
  return plan.stages.map((device, stage) => {
    const ops = opNames.filter((_, op) => plan.stageOf[op] === stage);
    return { device: item(rig.devices, device).id, opCount: ops.length, firstOp: ops[0] ?? null };
  });
}

const stagesText = (stages: ReturnType<typeof stagesOf>) =>
  stages.map(({ device, opCount }) => `${device} ${opCount}`).join(" -> ");

function studyPareto(study: Study): Result<Output> {
  const { problem, command, shouldStop } = study;
  const { points, scope } = paretoFront(problem, { limits: command.constraints.limits, shouldStop });
  if (points.length === 0) return err("No placement keeps to all constraints and limits.");
  const rows = points.map(({ plan, prediction, bestIn }) => ({
    latencySeconds: figure(prediction, "latency"),
    periodSeconds: figure(prediction, "period"),
    energyJoules: figure(prediction, "energy"),
    trafficBytes: figure(prediction, "traffic"),
    provenBestIn: bestIn,
    stages: stagesOf(study, plan),
  }));
  const json = { study: "pareto", figures: FIGURES, scope, complete: !shouldStop(), points: rows };
  const text = () =>
    `${aligned([
      ["latency", "period", "energy", "traffic", "proven best in", "ops per stage"],
      ...rows.map((row) => [
        formatSeconds(row.latencySeconds),
        formatSeconds(row.periodSeconds),
        formatEnergy(row.energyJoules),
        formatTraffic(row.trafficBytes),
        row.provenBestIn.join(", "),
        stagesText(row.stages),
      ]),
    ])}\n${rows.length} trade-offs, ${scope}\n`;
  return ok({ json, text });
}

/** Units of axes as `study` takes and prints them. */
const AXIS_UNITS = { bandwidth: "factor", latency: "s", load: "factor", arrivals: "1/s" } as const;

function axisJson({ kind, subject, from, to }: AxisSpec, rig: Rig) {
  const idOf = () => (kind === "load" ? item(rig.devices, subject).id : item(rig.links, subject).id);
  const name = kind === "arrivals" ? null : idOf();
  return { kind, subject: name, unit: AXIS_UNITS[kind], from, to, scale: "logarithmic" };
}

function studyCrossover(study: Study): Result<Output> {
  const { command, rig, problem } = study;
  const x = axisOf(command.x, rig);
  if (!x.ok) return x;
  const y = axisOf(command.y, rig);
  if (!y.ok) return y;
  const { objective, constraints } = command;
  const request: MapRequest = { objective, limits: constraints.limits, x: x.value, y: y.value };
  const map = crossoverMap(problem, request, study);
  const at = (point: MapPoint) => ({ x: axisValue(x.value, point.x), y: axisValue(y.value, point.y) });
  const total = map.winners.length;
  const plans = map.plans.map(({ plan, wholeOn }, index) => ({
    wholeOn: wholeOn === null ? null : item(rig.devices, wholeOn).id,
    share: map.winners.filter((winner) => winner === index).length / total,
    stages: stagesOf(study, plan),
  }));
  const json = {
    study: "crossover",
    objective: objectiveText(objective),
    unit: unitOf(objective),
    x: axisJson(x.value, rig),
    y: axisJson(y.value, rig),
    complete: !study.shouldStop(),
    plans,
    columns: map.columns,
    rows: map.rows,
    winners: [...map.winners],
    values: Array.from(map.winners, (winner, place) => map.values[winner]?.[place] ?? null),
    borders: map.borders.map(({ between, from, to }) => ({ between, from: at(from), to: at(to) })),
  };
  const letters = (index: number) => (index < 0 ? "." : String.fromCharCode(65 + (index % 26)));
  const text = () => {
    const grid = Array.from({ length: map.rows }, (_, row) =>
      Array.from({ length: map.columns }, (_, column) =>
        letters(map.winners[(map.rows - 1 - row) * map.columns + column] ?? -1),
      ).join(""),
    );
    const axis = (name: string, { kind, subject, unit, from, to }: ReturnType<typeof axisJson>) =>
      `${name}: ${kind}${subject === null ? "" : ` of ${subject}`}, ${from} to ${to} ${unit}`;
    const winners = plans.flatMap(({ share, wholeOn, stages }, index) =>
      share === 0
        ? []
        : [
            [
              letters(index),
              `${(100 * share).toFixed(0)} %`,
              wholeOn === null ? stagesText(stages) : `not split, on ${wholeOn}`,
            ],
          ],
    );
    const none = map.winners.filter((winner) => winner < 0).length / total;
    if (none > 0) winners.push([letters(-1), `${(100 * none).toFixed(0)} %`, "no plan keeps to the limits"]);
    return `${grid.join("\n")}\n\n${axis("across", json.x)}\n${axis("upwards", json.y)}\n\n${aligned(winners)}`;
  };
  return ok({ json, text });
}

function variationJson(rig: Rig, variation: Variation) {
  if (variation.kind === "arrivals") return { kind: variation.kind, subject: null, value: variation.value };
  const isDevice = variation.kind === "load" || variation.kind === "port";
  const subject = isDevice ? item(rig.devices, variation.device).id : item(rig.links, variation.link).id;
  return { kind: variation.kind, subject, value: variation.value };
}

async function studyRobustness(study: Study, secondsLeft: number): Promise<Result<Output>> {
  const { command, rig, problem, opNames, onProgress, shouldStop } = study;
  const { objective, constraints, samples, spread, seed } = command;
  const { limits } = constraints;
  const names = { ops: opNames, links: rig.links.map(({ id }) => id) };
  const best = await solveFully(problem, { objective, limits, names }, secondsLeft);
  if (!best.ok) return best;
  const { plan, value } = best.value;
  const found = robustness(problem, plan, { objective, limits, samples, spread, seed, onProgress, shouldStop });
  const stages = stagesOf(study, plan);
  const json = {
    study: "robustness",
    objective: objectiveText(objective),
    value,
    unit: unitOf(objective),
    stages,
    spread,
    seed,
    samples: found.samples,
    complete: found.samples === samples,
    staysBest: found.best,
    breaksLimit: found.broken,
    impossible: found.impossible,
    provenSamples: found.proven,
    meanRegret: found.meanRegret,
    largestRegret: found.largestRegret,
    worst: found.worst.map((variation) => variationJson(rig, variation)),
  };
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
  const text = () =>
    aligned([
      [objectiveText(objective), formatAmount(value, unitOf(objective))],
      ["ops per stage", stagesText(stages)],
      ["stays the best", `${found.best} of ${found.samples} draws of +-${100 * spread} %`],
      ...(Object.keys(limits).length === 0
        ? []
        : [
            ["breaks a limit", `${found.broken} draws in which another plan keeps to all`],
            ["no plan found", `${found.impossible} draws in which none keeps to the limits`],
          ]),
      ["mean regret", percent(found.meanRegret)],
      ["largest regret", percent(found.largestRegret)],
    ]);
  return ok({ json, text });
}

/** `splitscope study`: trade-offs between figures, a map of the best plans, or how robust the best plan is. */
export async function runStudy(command: StudyCommand, progress?: (line: string) => void): Promise<Result<Output>> {
  const opened = await openModelSetting(command, command.constraints);
  if (!opened.ok) return opened;
  const { rig, problem, model } = opened.value;
  const end = performance.now() + 1e3 * (command.timeLimit ?? DEFAULT_SECONDS);
  const study: Study = {
    command,
    rig,
    problem,
    opNames: model.graph.opNames,
    shouldStop: () => performance.now() >= end,
    onProgress: (fraction) => progress?.(`${command.study}: ${Math.round(100 * fraction)} % ...`),
  };
  const result =
    command.study === "pareto"
      ? studyPareto(study)
      : command.study === "crossover"
        ? studyCrossover(study)
        : await studyRobustness(study, (end - performance.now()) / 1e3);
  progress?.("");
  return result;
}
