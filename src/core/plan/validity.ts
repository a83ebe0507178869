import { at, item, row } from "../columns.ts";
import type { TensorType } from "../onnx/model.ts";
import { predict } from "../predict/predict.ts";
import type { Violation } from "../predict/prediction.ts";
import { formatMemory, formatTraffic } from "../units.ts";
import { sendingObstacle } from "./obstacle.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { type Connections, tensorSpans } from "./spans.ts";

/** Names for the sentences; without them ops and tensors are named by number. */
export interface PlanNames {
  readonly opNames: readonly string[];
  readonly tensorNames: readonly string[];
  /** With them the sentence on a tensor that cannot be sent says why. */
  readonly tensorTypes?: readonly TensorType[];
}

export interface PlanCheck {
  /** Why the plan cannot run; empty for a valid plan. */
  readonly errors: readonly string[];
  /** What a person should know of a plan that can run: memory that does not suffice, sizes not counted. */
  readonly warnings: readonly string[];
}

/** Tensors that pass each boundary, ascending: boundary k lies between stages k and k + 1. O(ops + edges + crossings). */
export function crossings(problem: Connections, plan: Plan): readonly (readonly number[])[] {
  const { first, last } = tensorSpans(problem, plan);
  const passing: number[][] = Array.from({ length: plan.stages.length - 1 }, () => []);
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    for (let boundary = at(first, tensor); boundary < at(last, tensor); boundary++)
      item(passing, boundary).push(tensor);
  }
  return passing;
}

function shapeErrors(problem: Problem, plan: Plan): string[] {
  if (plan.stageOf.length !== problem.opCount) {
    return [`The plan assigns ${plan.stageOf.length} ops; expected the graph's ${problem.opCount}.`];
  }
  if (plan.stages.length === 0) return ["The plan has no stage; expected at least one."];
  const stray = plan.stages.find((device) => problem.devices[device] === undefined);
  if (stray !== undefined) {
    return [`The plan uses device number ${stray}; expected a number below ${problem.devices.length}.`];
  }
  const outside = plan.stageOf.findIndex((stage) => plan.stages[stage] === undefined);
  if (outside >= 0) {
    return [`Op ${outside} is in stage ${plan.stageOf[outside]}; expected a number below ${plan.stages.length}.`];
  }
  return [];
}

function stageErrors(problem: Problem, plan: Plan): string[] {
  const errors: string[] = [];
  const deviceId = (device: number) => `"${item(problem.devices, device).id}"`;
  const first = item(plan.stages, 0);
  if (first !== problem.source) {
    errors.push(`The first stage is on device ${deviceId(first)}; expected the source ${deviceId(problem.source)}.`);
  }
  const used = new Set(plan.stageOf);
  for (const [stage, device] of plan.stages.entries()) {
    if (stage > 0 && !used.has(stage)) errors.push(`Stage ${stage} on device ${deviceId(device)} has no op.`);
    const next = plan.stages[stage + 1] ?? problem.sink;
    if (problem.delivery === "relayed" && item(item(problem.routes, device), next) === null) {
      errors.push(`No link leads from device ${deviceId(device)} to device ${deviceId(next)}.`);
    }
  }
  return errors;
}

/**
 * Whether a plan can run: every edge goes to the same or a later stage (so the stages form an acyclic chain), every
 * op is supported where it runs, the first stage is on the source, no other stage is empty, routes exist, and no
 * tensor of unknown size crosses between devices. Constraints that are not kept to, memory among them, are
 * warnings. O(ops + edges).
 */
export function checkPlan(problem: Problem, plan: Plan, names?: PlanNames): PlanCheck {
  const op = (index: number) => (names === undefined ? `${index}` : `"${item(names.opNames, index)}"`);
  const tensor = (index: number) => (names === undefined ? `${index}` : `"${item(names.tensorNames, index)}"`);
  const shape = shapeErrors(problem, plan);
  if (shape.length > 0) return { errors: shape, warnings: [] };
  const errors = stageErrors(problem, plan);
  for (const [consumer, stage] of plan.stageOf.entries()) {
    const device = item(problem.devices, item(plan.stages, stage));
    if (at(device.opSeconds, consumer) === Number.POSITIVE_INFINITY) {
      errors.push(`Op ${op(consumer)} runs on device "${device.id}", which does not support it.`);
    }
    for (const input of row(problem.opInputs, consumer)) {
      const producer = at(problem.tensorProducer, input);
      if (producer >= 0 && at(plan.stageOf, producer) > stage) {
        errors.push(
          `Op ${op(consumer)} runs in stage ${stage}, before op ${op(producer)} in stage ${at(plan.stageOf, producer)}, whose tensor ${tensor(input)} it reads.`,
        );
      }
    }
  }
  errors.push(...messageErrors(problem, plan, tensor, names?.tensorTypes));
  return { errors, warnings: errors.length > 0 ? [] : warningsOf(problem, plan, names) };
}

/** Messages that cannot be sent: of a tensor of unknown size, or from device to device without a route. */
function messageErrors(
  problem: Problem,
  plan: Plan,
  tensor: (index: number) => string,
  types: PlanNames["tensorTypes"],
): string[] {
  const id = (device: number) => `"${item(problem.devices, device).id}"`;
  return predict(problem, plan).transfers.flatMap(({ kind, fromDevice, toDevice, tensors }) => {
    const uncut = kind === "return" ? undefined : tensors.find((sent) => problem.uncuttable[sent] === 1);
    if (uncut !== undefined) {
      const type = types?.[uncut];
      const reason =
        at(problem.tensorMemoryBytes, uncut) > 0
          ? "it stays inside one quantised op; expected a cut where integers pass"
          : ((type && sendingObstacle(type)) ?? "its size is unknown; expected a cut through tensors of known size");
      return [`Tensor ${tensor(uncut)} cannot be sent from device ${id(fromDevice)} to ${id(toDevice)}: ${reason}.`];
    }
    const isCut = problem.delivery === "direct" && item(item(problem.routes, fromDevice), toDevice) === null;
    return isCut ? [`No link leads from device ${id(fromDevice)} to device ${id(toDevice)}.`] : [];
  });
}

/** A violation as a sentence; ops and links are named where names are given, else numbered. */
function violationText(problem: Problem, violation: Violation, names?: PlanNames, linkIds?: readonly string[]): string {
  const op = (index: number) => (names === undefined ? `${index}` : `"${item(names.opNames, index)}"`);
  const id = (device: number) => `"${item(problem.devices, device).id}"`;
  switch (violation.kind) {
    case "memory":
      return `Device ${id(violation.device)} needs ${formatMemory(violation.bytes)} of memory; it has ${formatMemory(violation.limit)}.`;
    case "barred": {
      const more = violation.count > 1 ? ` and ${violation.count - 1} more` : "";
      return `Op ${op(violation.op)}${more} on device ${id(violation.device)}, which the constraints do not allow.`;
    }
    case "group":
      return `Ops ${op(violation.ops[0])} and ${op(violation.ops[1])} are on two devices; the constraints keep them together.`;
    case "stages":
      return `The plan has ${violation.count} stages that run ops; the constraints allow ${violation.limit}.`;
    case "link": {
      const link = linkIds === undefined ? `number ${violation.link}` : `"${item(linkIds, violation.link)}"`;
      return `Link ${link} carries ${formatTraffic(violation.bytes)} per inference; the constraints allow ${formatTraffic(violation.limit)}.`;
    }
  }
}

function warningsOf(problem: Problem, plan: Plan, names: PlanNames | undefined): string[] {
  const warnings = predict(problem, plan).violations.map((violation) => violationText(problem, violation, names));
  const last = plan.stages.at(-1);
  const unknown = problem.outputs.find((output) => problem.uncuttable[output] === 1);
  if (last !== problem.sink && unknown !== undefined) {
    const tensor = names === undefined ? `${unknown}` : `"${item(names.tensorNames, unknown)}"`;
    warnings.push(`The size of output ${tensor} is unknown; its way to the sink is counted without bytes.`);
  }
  return warnings;
}
