import { at, f64, i32, item, row } from "../../columns.ts";
import type { Limits, Objective } from "../../plan/objective.ts";
import type { Problem } from "../../plan/problem.ts";
import { type LadderShape, ladderShape } from "../ladder-shape.ts";
import type { LadderColumns } from "./ladder-columns.ts";
import { Linear } from "./milp.ts";
import type { MilpBuilder } from "./milp-builder.ts";
import { type OpGroups, opGroups } from "./op-groups.ts";

/** What programs of all orders of a problem share. */
export interface LadderSetting {
  readonly problem: Problem;
  readonly objective: Objective;
  readonly limits: Limits;
  readonly shape: LadderShape;
  /** Bytes in memory of the shape's bundles. */
  readonly memoryBytes: Float64Array;
  readonly groups: OpGroups;
  readonly timeUnit: number;
}

export function ladderSetting(problem: Problem, objective: Objective, limits: Limits, timeUnit: number): LadderSetting {
  const inMemory = {
    ...problem,
    tensorWireBytes: problem.tensorMemoryBytes,
    uncuttable: new Uint8Array(problem.tensorCount),
  };
  return {
    problem,
    objective,
    limits,
    shape: ladderShape(problem),
    memoryBytes: ladderShape(inMemory).bytes,
    groups: opGroups(problem),
    timeUnit,
  };
}

/** Labels never fall along an edge, nor towards the end; every label but the first, up to the end's, has an op. */
export function addPrecedence(builder: MilpBuilder, columns: LadderColumns, shape: LadderShape): void {
  const boundaries = columns.labels - 1;
  const precede = (before: number, after: number) => {
    for (let label = 0; label < boundaries; label++) {
      const [later, earlier] = [columns.upTo(after, label), columns.upTo(before, label)];
      if (later === earlier) continue;
      builder.atMost(new Linear().add(later, 1).add(earlier, -1), 0);
    }
  };
  for (let pair = 0; pair < shape.before.length; pair++) precede(i32(shape.before, pair), i32(shape.after, pair));
  for (let bundle = 0; bundle < shape.producer.length; bundle++) {
    const readers = row(shape.readers, bundle);
    if (readers.length === 1 && i32(shape.producer, bundle) >= 0) precede(i32(shape.producer, bundle), at(readers, 0));
  }
  for (let label = 1; label <= boundaries; label++) {
    const inside = new Linear();
    for (let op = 0; op < shape.opCount; op++) inside.addAll(columns.is(op, label));
    // The label counts if the end does not come before it.
    builder.row(1, inside.add(columns.upTo(shape.end, label - 1), 1), Number.POSITIVE_INFINITY);
  }
}

/** Per bundle and boundary, whether the bundle passes it, as the largest of expressions. */
export type Crossings = (bundle: number, boundary: number) => Linear;

export function crossingsOf(builder: MilpBuilder, columns: LadderColumns, shape: LadderShape): Crossings {
  const table = Array.from(shape.producer, (producer, bundle) => {
    const readers = row(shape.readers, bundle);
    return Array.from({ length: columns.labels - 1 }, (_, boundary): Linear => {
      const passes = Array.from(readers, (reader) =>
        new Linear().add(columns.upTo(producer, boundary), 1).add(columns.upTo(reader, boundary), -1),
      );
      if (f64(shape.bytes, bundle) === Number.POSITIVE_INFINITY) {
        for (const linear of passes) builder.atMost(linear, 0);
        return new Linear();
      }
      const [only] = passes;
      return passes.length === 1 && only !== undefined ? only : new Linear().add(builder.largest(passes, 1), 1);
    });
  });
  return (bundle, boundary) => item(item(table, bundle), boundary);
}

/** Bytes of the distinct weights of the ops with a label, times `factor`. */
export function labelWeights(
  builder: MilpBuilder,
  problem: Problem,
  columns: LadderColumns,
  { label, number }: { readonly label: number; readonly number: number },
  factor: number,
): Linear {
  const { weightBytes } = item(problem.devices, number);
  const readers: number[][] = Array.from(weightBytes, () => []);
  for (let op = 0; op < problem.opCount; op++) {
    for (const weight of row(problem.opWeights, op)) item(readers, weight).push(op);
  }
  const held = new Linear();
  for (const [weight, ops] of readers.entries()) {
    const size = factor * f64(weightBytes, weight);
    const [only] = ops;
    if (only === undefined || size === 0) continue;
    if (ops.length === 1) held.addAll(columns.is(only, label), size);
    else
      held.add(
        builder.largest(
          ops.map((op) => columns.is(op, label)),
          1,
        ),
        size,
      );
  }
  return held;
}
