import { FIGURES, type Figure, type Mix } from "../../core/plan/objective.ts";
import { figure } from "../../core/predict/prediction.ts";
import type { Baseline } from "../../state/derive.ts";

/** What one share of a mix is measured by: the best device alone, or 1 where none gives a number above 0. */
export type References = Readonly<Record<Figure, number>>;

/** Share of each figure in a mix, in per cent. */
export type Shares = Readonly<Record<Figure, number>>;

export function references(baselines: readonly Baseline[]): References {
  const referenceOf = (name: Figure) => {
    const values = baselines
      .map(({ prediction }) => figure(prediction, name))
      .filter((value) => value > 0 && value < Number.POSITIVE_INFINITY);
    return values.length === 0 ? 1 : Math.min(...values);
  };
  return {
    latency: referenceOf("latency"),
    period: referenceOf("period"),
    energy: referenceOf("energy"),
    traffic: referenceOf("traffic"),
  };
}

/** The weights that give each figure its share, where a figure counts in units of its reference. */
export function mixOf(shares: Shares, reference: References): Mix {
  const weights: Partial<Record<Figure, number>> = {};
  for (const name of FIGURES) {
    if (shares[name] > 0) weights[name] = Number((shares[name] / 100 / reference[name]).toPrecision(6));
  }
  return weights;
}

/** The shares that weights come to, together 100 %. */
export function sharesOf(mix: Mix, reference: References): Shares {
  const parts = FIGURES.map((name) => (mix[name] ?? 0) * reference[name]);
  const whole = parts.reduce((sum, part) => sum + part, 0);
  const shareOf = (name: Figure) => (whole > 0 ? (100 * (mix[name] ?? 0) * reference[name]) / whole : 0);
  return {
    latency: shareOf("latency"),
    period: shareOf("period"),
    energy: shareOf("energy"),
    traffic: shareOf("traffic"),
  };
}

/** One share set, the others scaled so that all come to 100 %; null where nothing would be left. */
export function withShare(shares: Shares, name: Figure, share: number): Shares {
  const others = FIGURES.filter((other) => other !== name);
  const rest = others.reduce((sum, other) => sum + shares[other], 0);
  // Alone at 100 % a figure has nothing to give to: the next one takes what is left.
  const heir = others[0];
  const next: Record<Figure, number> = { ...shares, [name]: share };
  for (const other of others) {
    next[other] = rest > 0 ? (shares[other] * (100 - share)) / rest : other === heir ? 100 - share : 0;
  }
  return next;
}
