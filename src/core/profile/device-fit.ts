import { at, item } from "../columns.ts";
import { OP_CLASSES, type OpClass, type OpCosts } from "../cost/cost.ts";
import { groupSeconds } from "./apply.ts";
import { quantile } from "./distribution.ts";
import { NormalEquations } from "./least-squares.ts";
import type { MatchedProfile } from "./match.ts";
import { type LatencyTable, PROVENANCES } from "./profile.ts";

/** Measured groups that a device's own model needs, over all classes and in a class for a rate of its own. */
const ENOUGH_GROUPS = 5;
const ENOUGH_OF_CLASS = 3;
/** Groups of a class for a model with a coefficient per MAC, per byte and per op. */
const ENOUGH_FOR_RATES = 8;

/** One measured group as the fit sees it. */
interface Sample {
  readonly opClass: OpClass;
  readonly seconds: number;
  /** What the published model says of it. */
  readonly estimate: number;
  readonly macs: number;
  readonly bytes: number;
}

/** Seconds of an op by its estimate and its work. */
type Model = (work: Omit<Sample, "opClass" | "seconds">) => number;

interface ClassFit {
  readonly model: Model;
  /** Median absolute error, as a fraction, of groups left out of the fit in turn. */
  readonly error: number;
  /** That error per sample. */
  readonly errors: readonly number[];
}

/** A cost model fitted to what was measured on the device itself. */
export interface DeviceFit {
  /** Measured groups of ops that it rests on. */
  readonly groups: number;
  /** Median absolute error, as a fraction, of groups left out of the fit in turn. */
  readonly error: number;
  /** "fitted to this device's 39 measured ops, leave-one-out error 12 %". */
  readonly origin: string;
  readonly classes: ReadonlyMap<OpClass, ClassFit>;
  /** For classes without enough measurements of their own. */
  readonly general: ClassFit;
}

const ELIDED = PROVENANCES.indexOf("elided");
const UNKNOWN = PROVENANCES.indexOf("unknown");

function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

function bytesOf(costs: OpCosts, op: number): number {
  return at(costs.inputBytes, op) + at(costs.outputBytes, op) + at(costs.weightBytes, op);
}

function samplesOf(costs: OpCosts, matched: MatchedProfile, estimate: LatencyTable): readonly Sample[] {
  return matched.groups.flatMap((group, index): readonly Sample[] => {
    const working = group.ops.filter((op) => {
      const kind = at(estimate.provenance, op);
      return kind !== ELIDED && kind !== UNKNOWN && Number.isFinite(at(estimate.seconds, op));
    });
    const seconds = groupSeconds(matched, index).median;
    const isKnown = group.ops.every((op) => at(estimate.provenance, op) !== UNKNOWN);
    const sum = (of: (op: number) => number) => working.reduce((total, op) => total + of(op), 0);
    const expected = sum((op) => at(estimate.seconds, op));
    const bytes = sum((op) => bytesOf(costs, op));
    const heaviest = working.reduce(
      (best, op) => (at(estimate.seconds, op) > at(estimate.seconds, best) ? op : best),
      working[0] ?? 0,
    );
    if (!isKnown || !(seconds > 0) || !(expected > 0) || !Number.isFinite(bytes)) return [];
    const opClass = item(OP_CLASSES, at(costs.opClass, heaviest));
    return [{ opClass, seconds, estimate: expected, macs: sum((op) => at(costs.macs, op)), bytes }];
  });
}

function errorOf(predicted: number, measured: number): number {
  return Math.abs(predicted - measured) / measured;
}

/** The published model times the median ratio of measured to published: robust, one parameter. */
function ratioFit(samples: readonly Sample[]): ClassFit {
  const ratios = samples.map((sample) => sample.seconds / sample.estimate);
  const ratio = median(ratios);
  const errors = samples.map((sample, i) => errorOf(median(ratios.toSpliced(i, 1)) * sample.estimate, sample.seconds));
  return { model: (work) => ratio * work.estimate, error: median(errors), errors };
}

/** Seconds per MAC, per byte and per op, all at least 0, by least relative squares. */
function ratesFit(samples: readonly Sample[]): ClassFit {
  // Features in units of the largest, so that the equations are well scaled.
  const macScale = Math.max(...samples.map((sample) => sample.macs)) || 1;
  const byteScale = Math.max(...samples.map((sample) => sample.bytes)) || 1;
  const features = (work: Pick<Sample, "macs" | "bytes">) => [work.macs / macScale, work.bytes / byteScale, 1];
  const relative = (sample: Sample) => features(sample).map((value) => value / sample.seconds);
  const equations = new NormalEquations(3);
  for (const sample of samples) equations.add(relative(sample), 1, 1);
  const modelOf =
    (coefficients: readonly number[]): Model =>
    (work) =>
      features(work).reduce((sum, value, i) => sum + value * at(coefficients, i), 0);
  const errors = samples.map((sample) => {
    equations.add(relative(sample), 1, -1);
    const without = modelOf(equations.nonNegative());
    equations.add(relative(sample), 1, 1);
    return errorOf(without(sample), sample.seconds);
  });
  return { model: modelOf(equations.nonNegative()), error: median(errors), errors };
}

function classFit(samples: readonly Sample[]): ClassFit {
  const ratio = ratioFit(samples);
  if (samples.length < ENOUGH_FOR_RATES) return ratio;
  const rates = ratesFit(samples);
  return rates.error < ratio.error ? rates : ratio;
}

/**
 * A cost model out of a device's own measured ops: per class of ops either rates (seconds per MAC, byte and op) or the
 * published model times the ratio that was measured, whichever is closer on groups left out in turn; classes
 * with fewer than 3 measured groups take the ratio of all. Null with fewer than 5 groups. `estimate` is the table of
 * the published model. O(groups).
 */
export function fitDevice(costs: OpCosts, matched: MatchedProfile, estimate: LatencyTable): DeviceFit | null {
  const samples = samplesOf(costs, matched, estimate);
  if (samples.length < ENOUGH_GROUPS) return null;
  const general = ratioFit(samples);
  const classes = new Map<OpClass, ClassFit>();
  const errors: number[] = [];
  for (const opClass of OP_CLASSES) {
    const own = samples.filter((sample) => sample.opClass === opClass);
    if (own.length >= ENOUGH_OF_CLASS) {
      const fit = classFit(own);
      classes.set(opClass, fit);
      errors.push(...fit.errors);
    } else {
      errors.push(...general.errors.filter((_, i) => samples[i]?.opClass === opClass));
    }
  }
  const error = median(errors);
  const origin = `fitted to this device's ${samples.length} measured ops, leave-one-out error ${Math.round(100 * error)} %`;
  return { groups: samples.length, error, origin, classes, general };
}

/**
 * Estimates with a device's own fit in place of the published one; the band is the leave-one-out error of the op's
 * class. Ops without work, of unknown size, or that the device cannot run keep what they have. O(ops).
 */
export function applyFit(estimate: LatencyTable, costs: OpCosts, fit: DeviceFit): LatencyTable {
  const seconds = estimate.seconds.slice();
  const low = estimate.low.slice();
  const high = estimate.high.slice();
  const provenance = estimate.provenance.slice();
  const fitted = PROVENANCES.indexOf("fitted");
  for (const [op, published] of estimate.seconds.entries()) {
    const kind = at(estimate.provenance, op);
    if (kind === ELIDED || kind === UNKNOWN || !Number.isFinite(published)) continue;
    const { model, error } = fit.classes.get(item(OP_CLASSES, at(costs.opClass, op))) ?? fit.general;
    const value = model({ estimate: published, macs: at(costs.macs, op), bytes: bytesOf(costs, op) });
    if (!Number.isFinite(value)) continue;
    seconds[op] = value;
    low[op] = value * Math.max(0, 1 - error);
    high[op] = value * (1 + error);
    provenance[op] = fitted;
  }
  const origins = new Map(estimate.origins);
  origins.set("fitted", fit.origin);
  if (!provenance.includes(PROVENANCES.indexOf("estimated"))) origins.delete("estimated");
  return { ...estimate, seconds, low, high, provenance, origins };
}
