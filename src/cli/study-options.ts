import type { Constraints } from "../core/plan/constraints.ts";
import type { Objective } from "../core/plan/objective.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Rig } from "../core/rig/rig.ts";
import type { AxisSpec } from "../core/solve/crossover-map.ts";
import { choice, count, needed, text } from "./flags.ts";
import type { SearchOptions } from "./plan-options.ts";

const KINDS = ["pareto", "crossover", "robustness"] as const;
const AXIS_KINDS = ["bandwidth", "latency", "load", "arrivals"] as const;

/** Flags of `study` beside those of a search. */
export const STUDY_FLAGS = {
  kind: { type: "string" },
  x: { type: "string" },
  y: { type: "string" },
  samples: { type: "string" },
  spread: { type: "string" },
  seed: { type: "string" },
} as const;

/** An axis as it is given, ends in the unit that people use. */
export interface AxisText {
  readonly kind: (typeof AXIS_KINDS)[number];
  /** Id of a link or a device; null for arrivals, and for the rig's first link. */
  readonly subject: string | null;
  readonly from: number;
  readonly to: number;
}

export interface StudyOptions {
  readonly study: (typeof KINDS)[number];
  readonly objective: Objective;
  readonly constraints: Constraints;
  readonly timeLimit: number | null;
  readonly x: AxisText;
  readonly y: AxisText;
  readonly samples: number;
  /** A fraction. */
  readonly spread: number;
  readonly seed: number;
}

const EXPECTED =
  "bandwidth:LINK=0.1..10 (a factor), latency:LINK=1..100 (ms), load:DEVICE=0.5..4 (a factor) or arrivals=1..60 (per second)";

const DEFAULT_X: AxisText = { kind: "bandwidth", subject: null, from: 0.1, to: 10 };
const DEFAULT_Y: AxisText = { kind: "latency", subject: null, from: 0.1, to: 100 };

/** An axis: KIND:SUBJECT=FROM..TO. */
function readAxis(flag: string, given: string | null, otherwise: AxisText): Result<AxisText> {
  if (given === null) return ok(otherwise);
  const match = /^([a-z]+)(?::(.+))?=([\d.]+?)\.\.([\d.]+)$/.exec(given);
  const kind = AXIS_KINDS.find((one) => one === match?.[1]);
  const subject = match?.[2] ?? null;
  const [from, to] = [Number(match?.[3]), Number(match?.[4])];
  const isNamed = (subject === null) === (kind === "arrivals");
  if (kind === undefined || !isNamed || !(from > 0) || !(to > from) || to === Number.POSITIVE_INFINITY) {
    return err(`${flag} is "${given}"; expected ${EXPECTED}, the smaller number first.`);
  }
  return ok({ kind, subject, from, to });
}

function readSpread(given: string | null): Result<number> {
  if (given === null) return ok(0.2);
  const percent = /^\d*\.?\d+%?$/.test(given) ? Number(given.replace("%", "")) : Number.NaN;
  return percent > 0 && percent < 100
    ? ok(percent / 100)
    : err(`--spread is "${given}"; expected a percentage above 0 and below 100.`);
}

/** What is studied, or one sentence on what is wrong with the flags. */
export function readStudyOptions(
  values: ReadonlyMap<string, unknown>,
  { objective, timeLimit }: SearchOptions,
  constraints: Constraints,
): Result<StudyOptions> {
  const given = needed("study", "--kind", values.get("kind"), KINDS.join("|"));
  if (!given.ok) return given;
  const kind = choice("--kind", given.value, KINDS);
  if (!kind.ok) return kind;
  const x = readAxis("--x", text(values.get("x")), DEFAULT_X);
  if (!x.ok) return x;
  const y = readAxis("--y", text(values.get("y")), DEFAULT_Y);
  if (!y.ok) return y;
  if (x.value.kind === y.value.kind && x.value.subject === y.value.subject) {
    return err("--x and --y vary the same; expected two circumstances.");
  }
  const samples = count("--samples", text(values.get("samples")));
  if (!samples.ok) return samples;
  const spread = readSpread(text(values.get("spread")));
  if (!spread.ok) return spread;
  const seed = count("--seed", text(values.get("seed")));
  if (!seed.ok) return seed;
  return ok({
    study: kind.value ?? "pareto",
    objective,
    constraints,
    timeLimit,
    x: x.value,
    y: y.value,
    samples: samples.value ?? 100,
    spread: spread.value,
    seed: seed.value ?? 1,
  });
}

/** The axis with its link or device by number, in the units of the map; fails on a name that the rig does not have. */
export function axisOf({ kind, subject, from, to }: AxisText, rig: Rig): Result<AxisSpec> {
  if (kind === "arrivals") return ok({ kind, subject: 0, from, to });
  const ids = (kind === "load" ? rig.devices : rig.links).map(({ id }) => id);
  const number = subject === null ? 0 : ids.indexOf(subject);
  if (number < 0 || ids.length === 0) {
    const what = kind === "load" ? "device" : "link";
    return err(`The ${what} "${subject ?? ""}" is to vary; the rig has ${ids.map((id) => `"${id}"`).join(", ")}.`);
  }
  const unit = kind === "latency" ? 1e-3 : 1;
  return ok({ kind, subject: number, from: from * unit, to: to * unit });
}
