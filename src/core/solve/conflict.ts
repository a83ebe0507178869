import { at, item } from "../columns.ts";
import { FIGURES, type Figure, type Limits } from "../plan/objective.ts";
import type { Problem } from "../plan/problem.ts";
import { formatEnergy, formatMemory, formatSeconds, formatTraffic } from "../units.ts";
import { withoutBarred } from "./barred.ts";
import { linkText, opsText, opText, type ProblemNames } from "./names.ts";
import type { SolveRequest } from "./solver.ts";
import { searchSum } from "./sum-search.ts";

/** Minimum cuts of one question whether a set of constraints can be kept. */
const CUT_LIMIT = 200;
/** Questions asked at most. */
const QUESTION_LIMIT = 80;
/** Problems above this size are not asked about: a question would take seconds. */
const OP_LIMIT = 3000;

/** A problem and limits as far as they constrain plans. */
interface Constrained {
  readonly problem: Problem;
  readonly limits: Limits;
}

/** One thing that can be given up, as a person would say it. */
interface Constraint {
  readonly kind: "memory" | "pin" | "forbidden" | "group" | "stages" | "link" | "limit";
  readonly text: string;
  readonly lift: (constrained: Constrained) => Constrained;
}

function onProblem(lift: (problem: Problem) => Problem): Constraint["lift"] {
  return ({ problem, limits }) => ({ problem: lift(problem), limits });
}

/** The problem with one device changed. */
function changeDevice(
  problem: Problem,
  number: number,
  change: (device: Problem["devices"][number]) => Problem["devices"][number],
): Problem {
  return { ...problem, devices: problem.devices.map((device, index) => (index === number ? change(device) : device)) };
}

function amountText(figure: Figure, value: number): string {
  if (figure === "energy") return formatEnergy(value);
  return figure === "traffic" ? formatTraffic(value) : formatSeconds(value);
}

/** What can be given up, one by one: limits, stages, links, groups, forbidden devices, pins of single ops, memories. */
function constraintsOf({ problem, limits }: Constrained, names: ProblemNames | undefined): readonly Constraint[] {
  const found: Constraint[] = [];
  for (const figure of FIGURES) {
    const limit = limits[figure];
    if (limit === undefined) continue;
    const lift = (from: Constrained): Constrained => {
      const { [figure]: _, ...rest } = from.limits;
      return { ...from, limits: rest };
    };
    found.push({ kind: "limit", text: `${figure} of at most ${amountText(figure, limit)}`, lift });
  }
  if (problem.maxStages < problem.devices.length) {
    const lift = onProblem((from) => ({ ...from, maxStages: Number.POSITIVE_INFINITY }));
    found.push({
      kind: "stages",
      text: `at most ${problem.maxStages} ${problem.maxStages === 1 ? "stage" : "stages"}`,
      lift,
    });
  }
  for (const [link, limit] of problem.linkMaxBytes.entries()) {
    if (limit === Number.POSITIVE_INFINITY) continue;
    const lift = onProblem((from) => ({
      ...from,
      linkMaxBytes: from.linkMaxBytes.with(link, Number.POSITIVE_INFINITY),
    }));
    found.push({ kind: "link", text: `at most ${formatTraffic(limit)} over ${linkText(names, link)}`, lift });
  }
  for (const group of new Set(problem.groupOf)) {
    if (group < 0) continue;
    const ops = [...problem.groupOf.keys()].filter((op) => at(problem.groupOf, op) === group);
    const lift = onProblem((from) => ({
      ...from,
      groupOf: from.groupOf.map((other) => (other === group ? -1 : other)),
    }));
    found.push({ kind: "group", text: `${opsText(names, ops)} on one device`, lift });
  }
  return [...found, ...placements(problem, names), ...memories(problem)];
}

function placements(problem: Problem, names: ProblemNames | undefined): readonly Constraint[] {
  const found: Constraint[] = [];
  const forbidden = problem.devices.map(({ barred }) => barred.every((flag) => flag === 1));
  for (const [device, { id }] of problem.devices.entries()) {
    if (!item(forbidden, device)) continue;
    const lift = onProblem((from) =>
      changeDevice(from, device, (one) => ({ ...one, barred: new Uint8Array(one.barred.length) })),
    );
    found.push({ kind: "forbidden", text: `nothing on device "${id}"`, lift });
  }
  for (let op = 0; op < problem.opCount; op++) {
    const off = problem.devices.filter(({ barred }, device) => barred[op] === 1 && !item(forbidden, device));
    if (off.length === 0) continue;
    const lift = onProblem((from) => ({
      ...from,
      devices: from.devices.map((one, device) =>
        item(forbidden, device) ? one : { ...one, barred: one.barred.with(op, 0) },
      ),
    }));
    const kept = problem.devices.filter(({ barred }) => barred[op] !== 1).map(({ id }) => `"${id}"`);
    const where = kept.length > 0 ? `device ${kept.join(" or ")}` : "a forbidden device";
    found.push({ kind: "pin", text: `${opText(names, op)} on ${where}`, lift });
  }
  return found;
}

function memories(problem: Problem): readonly Constraint[] {
  const all = problem.tensorMemoryBytes.reduce((sum, size) => sum + size, 0) * (1 + problem.queuedFrames);
  return problem.devices.flatMap(({ id, memoryBytes, weightBytes }, device): Constraint[] => {
    if (weightBytes.reduce((sum, size) => sum + size, all) <= memoryBytes) return [];
    const lift = onProblem((from) =>
      changeDevice(from, device, (one) => ({ ...one, memoryBytes: Number.POSITIVE_INFINITY })),
    );
    return [{ kind: "memory", text: `${formatMemory(memoryBytes)} of memory on device "${id}"`, lift }];
  });
}

/** Whether no plan keeps to everything, as far as a short search can tell: false where it cannot. */
function isImpossible({ problem, limits }: Constrained, shouldStop: (() => boolean) | undefined): boolean {
  const { incumbent, complete } = searchSum(withoutBarred(problem), {
    objective: "latency",
    mix: { latency: 1 },
    limits,
    cutLimit: CUT_LIMIT,
    firstWillDo: true,
    ...(shouldStop === undefined ? {} : { shouldStop }),
  });
  return incumbent === null && complete;
}

/**
 * Why no plan keeps to everything: a set of constraints that conflict, of which none can be left out (as far as short
 * searches tell), found by giving up first whole kinds and then single constraints as long as the conflict stays (the
 * deletion filter of Chinneck and Dravnieks). Null where constraints are not to blame, or memories alone are, or the
 * problem is not one of relayed delivery, or too large.
 */
export function conflictText(
  problem: Problem,
  { limits = {}, names, shouldStop }: Pick<SolveRequest, "limits" | "names" | "shouldStop">,
): string | null {
  if (problem.delivery !== "relayed" || problem.opCount > OP_LIMIT) return null;
  const whole = { problem, limits };
  const constraints = constraintsOf(whole, names);
  const liftAll = (from: Constrained, lifted: readonly Constraint[]) =>
    lifted.reduce((now, { lift }) => lift(now), from);
  if (constraints.length === 0 || isImpossible(liftAll(whole, constraints), shouldStop)) return null;
  let current: Constrained = whole;
  let kept: readonly Constraint[] = constraints;
  let questions = 0;
  const tryWithout = (part: readonly Constraint[]): void => {
    if (part.length === 0 || questions++ >= QUESTION_LIMIT) return;
    const without = liftAll(current, part);
    if (!isImpossible(without, shouldStop)) return;
    current = without;
    kept = kept.filter((constraint) => !part.includes(constraint));
  };
  for (const kind of new Set(constraints.map((constraint) => constraint.kind)))
    tryWithout(kept.filter((constraint) => constraint.kind === kind));
  for (const constraint of kept) if (kept.length > 1) tryWithout([constraint]);
  if (kept.every(({ kind }) => kind === "memory")) return null;
  const texts = kept.slice(0, 6).map(({ text }) => text);
  const more = kept.length > texts.length ? ` and ${kept.length - texts.length} more` : "";
  return kept.length === 1
    ? `No placement keeps to this constraint: ${texts[0]}.`
    : `No placement keeps to all of these constraints, and each of them matters: ${texts.join("; ")}${more}.`;
}
