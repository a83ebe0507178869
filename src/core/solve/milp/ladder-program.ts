import { f64, i32, item } from "../../columns.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Problem } from "../../plan/problem.ts";
import { returnBytes } from "../../predict/terms.ts";
import { FigureSums } from "./figures.ts";
import { LadderColumns } from "./ladder-columns.ts";
import { LadderMemory } from "./ladder-memory.ts";
import { addPrecedence, type Crossings, crossingsOf, type LadderSetting, labelWeights } from "./ladder-terms.ts";
import { Linear } from "./milp.ts";
import { MilpBuilder } from "./milp-builder.ts";
import type { PlacementProgram } from "./placement-program.ts";

/**
 * All plans with relayed delivery whose stages run on a beginning of `devices`, the source first, each device once: the
 * ladder of `ladder-min-cut.ts` as a program, with every stage but the first holding an op, so that stages are labels.
 * Null where there is none. Columns: labels x (ops + tensors of several readers).
 */
export function ladderProgram(setting: LadderSetting, devices: readonly number[]): PlacementProgram | null {
  const { problem, shape, groups } = setting;
  const reached = devices.findIndex((device, k) => k > 0 && problem.routes[item(devices, k - 1)]?.[device] == null);
  const chain = reached < 0 ? devices : devices.slice(0, reached);
  const builder = new MilpBuilder();
  const columns = new LadderColumns(builder, { shape, groups, labels: chain.length }, (node, label) => {
    const device = item(chain, label);
    return node === shape.end ? problem.routes[device]?.[problem.sink] != null : groups.allows(node, device);
  });
  if (columns.impossible) return null;
  addPrecedence(builder, columns, shape);
  const crossing = crossingsOf(builder, columns, shape);
  addFigures(setting, builder, chain, columns, crossing);
  const memory = new LadderMemory(setting, builder, chain, columns, crossing);
  if (builder.infeasible) return null;

  const pointOf = (plan: Plan): Float64Array | null => {
    if (plan.stages.length > chain.length || plan.stages.some((device, stage) => device !== chain[stage])) return null;
    const point = new Float64Array(builder.columnCount);
    for (const [op, stage] of plan.stageOf.entries()) if (!columns.assign(point, op, stage)) return null;
    if (!columns.assign(point, shape.end, plan.stages.length - 1)) return null;
    // Ops of one group share their columns: the last one's label stands.
    return plan.stageOf.every((stage, op) => columns.labelOf(point, op) === stage) ? builder.complete(point) : null;
  };
  const labelsOf = (values: Float64Array) =>
    Int32Array.from({ length: problem.opCount }, (_, op) => columns.labelOf(values, op));
  return {
    builder,
    pointOf,
    planOf: (values) => ({
      stages: chain.slice(0, columns.labelOf(values, shape.end) + 1),
      stageOf: labelsOf(values),
    }),
    refine: (plan, prediction) => memory.forbid(plan, prediction),
    exclude: (values) => {
      const differs = new Linear();
      for (const node of [...groups.leaders, shape.end]) {
        for (let label = 0; label < chain.length - 1; label++) {
          const term = columns.upTo(node, label);
          if (term < 0) continue;
          if ((values[term] ?? 0) > 0.5) {
            differs.constant += 1;
            differs.add(term, -1);
          } else differs.add(term, 1);
        }
      }
      builder.row(1, differs, Number.POSITIVE_INFINITY);
    },
    onePlanPerPoint: true,
  };
}

function addFigures(
  { problem, shape, objective, limits, groups, timeUnit }: LadderSetting,
  builder: MilpBuilder,
  chain: readonly number[],
  columns: LadderColumns,
  crossing: Crossings,
): void {
  const sums = new FigureSums(problem);
  const stageCount = new Linear();
  const { end } = shape;
  for (const [label, number] of chain.entries()) {
    const device = item(problem.devices, number);
    const used =
      label > 0
        ? new Linear(1).add(columns.upTo(end, label - 1), -1)
        : new Linear().add(
            builder.largest(
              shape.roots.map((op) => columns.is(op, 0)),
              1,
            ),
            1,
          );
    stageCount.addAll(used);
    const seconds = new Linear().addAll(used, device.stageOverheadSeconds);
    for (let op = 0; op < problem.opCount; op++) {
      if (groups.allows(i32(groups.leader, op), number))
        seconds.addAll(columns.is(op, label), f64(device.opSeconds, op));
    }
    seconds.addAll(spill(builder, problem, columns, { label, number, timeUnit }));
    sums.addCompute(number, seconds);
    if (label > 0) {
      const bytes = new Linear();
      for (const [bundle, size] of shape.bytes.entries()) {
        if (size < Number.POSITIVE_INFINITY) bytes.addAll(crossing(bundle, label - 1), size);
      }
      sums.addMessages(item(chain, label - 1), number, used, bytes);
    }
    if (number === problem.sink || problem.routes[number]?.[problem.sink] == null) continue;
    const last = columns.is(end, label);
    sums.addMessages(number, problem.sink, last, new Linear().addAll(last, returnBytes(problem)));
  }
  if (problem.maxStages < chain.length) builder.atMost(stageCount, problem.maxStages);
  sums.finish(builder, objective, limits, timeUnit);
}

function spill(
  builder: MilpBuilder,
  problem: Problem,
  columns: LadderColumns,
  where: { readonly label: number; readonly number: number; readonly timeUnit: number },
): Linear {
  const { weightBytes, onChipBytes, streamingSecondsPerByte } = item(problem.devices, where.number);
  const total = weightBytes.reduce((sum, size) => sum + size, 0);
  if (streamingSecondsPerByte === 0 || total <= onChipBytes) return new Linear();
  const factor = streamingSecondsPerByte / where.timeUnit;
  const beyond = labelWeights(builder, problem, columns, where, factor);
  beyond.constant -= factor * onChipBytes;
  return new Linear().add(builder.largest([beyond]), where.timeUnit);
}
