import { at, f64, i32, item, row } from "../../columns.ts";
import type { Limits, Objective } from "../../plan/objective.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Problem } from "../../plan/problem.ts";
import { addDelivery } from "./assignment-delivery.ts";
import { planOfAssignment } from "./assignment-plan.ts";
import { FigureSums } from "./figures.ts";
import { ownBytes } from "./ladder-memory.ts";
import { Linear, ONE, type Term, ZERO } from "./milp.ts";
import { MilpBuilder } from "./milp-builder.ts";
import { type OpGroups, opGroups } from "./op-groups.ts";
import type { PlacementProgram } from "./placement-program.ts";

/** Where ops run: a term per op and device. Op -1, by which inputs are written, runs on the source. */
export type Places = (op: number, device: number) => Term;

/**
 * All assignments of ops to devices, with delivery "direct" or "port": a device may be returned to. The time per stage
 * is counted once per device that runs something, where the plan may have several stages there, and of live activations
 * only each op's own inputs and outputs: a lower bound, which `predict` makes good for one plan at a time. Null where an
 * op can run nowhere. Columns: devices x ops + devices^2 x edges.
 */
export function assignmentProgram(
  problem: Problem,
  objective: Objective,
  limits: Limits,
  timeUnit: number,
): PlacementProgram | null {
  const groups = opGroups(problem, uncuttableEdges(problem));
  const builder = new MilpBuilder();
  const terms = placeTerms(builder, problem, groups);
  if (terms === null) return null;
  const places: Places = (op, device) =>
    op < 0 ? (device === problem.source ? ONE : ZERO) : item(item(terms, op), device);
  const sums = new FigureSums(problem);
  const queued = addDelivery(builder, problem, places, sums);
  addDevices(builder, problem, { places, sums, queued, timeUnit });
  sums.finish(builder, objective, limits, timeUnit);
  if (builder.infeasible) return null;

  const deviceOf = (values: Float64Array) =>
    Int32Array.from(terms, (ofOp) => {
      const device = ofOp.findIndex((term) => term === ONE || (term !== ZERO && (values[term] ?? 0) > 0.5));
      if (device < 0) throw new Error("an op has no device");
      return device;
    });
  return {
    builder,
    pointOf: (plan) => pointOf(builder, terms, plan),
    planOf: (values) => planOfAssignment(problem, deviceOf(values)),
    refine: () => false,
    exclude: (values) => {
      const differs = new Linear();
      const devices = deviceOf(values);
      for (const leader of groups.leaders) {
        const term = places(leader, at(devices, leader));
        if (term === ONE) continue;
        differs.constant += 1;
        differs.add(term, -1);
      }
      builder.row(1, differs, Number.POSITIVE_INFINITY);
    },
    onePlanPerPoint: false,
  };
}

function pointOf(builder: MilpBuilder, terms: readonly (readonly Term[])[], plan: Plan): Float64Array | null {
  const point = new Float64Array(builder.columnCount);
  for (const [op, stage] of plan.stageOf.entries()) {
    const term = item(item(terms, op), item(plan.stages, stage));
    if (term === ZERO) return null;
    if (term !== ONE) point[term] = 1;
  }
  // Ops of one group share their columns: on several devices at once they are none of the program's.
  const ones = (ofOp: readonly Term[]) => ofOp.filter((term) => term === ONE || (term !== ZERO && point[term] === 1));
  if (terms.some((ofOp) => ones(ofOp).length !== 1)) return null;
  return builder.complete(point);
}

/** Ops that a tensor of unknown size ties together. */
function* uncuttableEdges(problem: Problem): Generator<readonly [number, number]> {
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    if (problem.uncuttable[tensor] !== 1 || producer < 0) continue;
    for (const consumer of row(problem.tensorConsumers, tensor)) yield [producer, consumer];
  }
}

function placeTerms(builder: MilpBuilder, problem: Problem, groups: OpGroups): readonly (readonly Term[])[] | null {
  const { devices, source } = problem;
  const atSource = new Uint8Array(problem.opCount);
  for (const tensor of problem.inputs) {
    if (problem.uncuttable[tensor] !== 1) continue;
    for (const consumer of row(problem.tensorConsumers, tensor)) atSource[i32(groups.leader, consumer)] = 1;
  }
  const ofLeader = new Map<number, readonly Term[]>();
  for (const leader of groups.leaders) {
    const allowed = devices.map(
      (_, device) => groups.allows(leader, device) && (atSource[leader] === 0 || device === source),
    );
    const count = allowed.filter(Boolean).length;
    if (count === 0) return null;
    const terms = allowed.map((isAllowed): Term => (isAllowed ? (count === 1 ? ONE : builder.binary()) : ZERO));
    if (count > 1) {
      const sum = new Linear();
      for (const term of terms) sum.add(term, 1);
      builder.equal(sum, 1);
    }
    ofLeader.set(leader, terms);
  }
  return Array.from(groups.leader, (leader) => ofLeader.get(leader) ?? []);
}

interface DeviceTerms {
  readonly places: Places;
  readonly sums: FigureSums;
  /** Bytes that wait at each device. */
  readonly queued: readonly Linear[];
  readonly timeUnit: number;
}

function addDevices(builder: MilpBuilder, problem: Problem, { places, sums, queued, timeUnit }: DeviceTerms): void {
  const stageCount = new Linear();
  const activations = (1 + problem.queuedFrames) * problem.tensorMemoryBytes.reduce((sum, size) => sum + size, 0);
  for (const [number, device] of problem.devices.entries()) {
    const seconds = new Linear();
    for (let op = 0; op < problem.opCount; op++) {
      const term = places(op, number);
      if (term !== ZERO) seconds.add(term, f64(device.opSeconds, op));
    }
    if (device.stageOverheadSeconds > 0 || problem.maxStages < problem.devices.length) {
      const used = builder.largest(
        Array.from({ length: problem.opCount }, (_, op) => new Linear().add(places(op, number), 1)),
        1,
      );
      seconds.add(used, device.stageOverheadSeconds);
      stageCount.add(used, 1);
    }
    const weights = heldWeights(builder, problem, places, number);
    const total = device.weightBytes.reduce((sum, size) => sum + size, 0);
    if (device.streamingSecondsPerByte > 0 && total > device.onChipBytes) {
      const beyond = new Linear(-device.onChipBytes).addAll(weights);
      const scaled = new Linear().addAll(beyond, device.streamingSecondsPerByte / timeUnit);
      seconds.add(builder.largest([scaled]), timeUnit);
    }
    sums.addCompute(number, seconds);
    if (activations + total > device.memoryBytes) {
      const share = 1 / device.memoryBytes;
      const held = new Linear().addAll(weights, share).addAll(item(queued, number), share);
      const column = builder.largest([held]);
      builder.atMost(new Linear().add(column, 1), 1);
      for (let op = 0; op < problem.opCount; op++) {
        const own = share * ownBytes(problem, op);
        if (own > 0) builder.atMost(new Linear().add(places(op, number), own).add(column, 1), 1);
      }
    }
  }
  if (problem.maxStages < problem.devices.length) builder.atMost(stageCount, problem.maxStages);
}

/** Bytes of the distinct weights of the ops on a device. */
function heldWeights(builder: MilpBuilder, problem: Problem, places: Places, device: number): Linear {
  const { weightBytes } = item(problem.devices, device);
  const readers: Linear[][] = Array.from(weightBytes, () => []);
  for (let op = 0; op < problem.opCount; op++) {
    const here = new Linear().add(places(op, device), 1);
    for (const weight of row(problem.opWeights, op)) item(readers, weight).push(here);
  }
  const held = new Linear();
  for (const [weight, ops] of readers.entries()) held.add(builder.largest(ops, 1), f64(weightBytes, weight));
  return held;
}
