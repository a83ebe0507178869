/**
 * What a plan can be judged by. Latency and period in seconds, energy in joules per inference, traffic in bytes per
 * inference, counted on every link that they pass.
 */
export type Figure = "latency" | "period" | "energy" | "traffic";

export const FIGURES: readonly [Figure, ...Figure[]] = ["latency", "period", "energy", "traffic"];

/** Weights of figures, at least 0, in 1/s, 1/J and 1/byte: the mix is the weighted sum. */
export type Mix = Readonly<Partial<Record<Figure, number>>>;

/** What is made as small as possible: one figure, or a weighted mix. */
export type Objective = Figure | { readonly mix: Mix };

/** Upper limits on figures, in their units; a figure that is not named is free. */
export type Limits = Readonly<Partial<Record<Figure, number>>>;

/** The objective as weights of figures. */
export function weightsOf(objective: Objective): Mix {
  return typeof objective === "string" ? { [objective]: 1 } : objective.mix;
}

/** The objective as people and files write it: "latency", or "latency=1,energy=0.2". `readObjective` reads it back. */
export function objectiveText(objective: Objective): string {
  if (typeof objective === "string") return objective;
  return FIGURES.flatMap((figure) => {
    const weight = objective.mix[figure];
    return weight === undefined ? [] : [`${figure}=${weight}`];
  }).join(",");
}

/** Unit of an objective's value: "s", "J", "B"; "" for a mix. */
export function unitOf(objective: Objective): "s" | "J" | "B" | "" {
  if (objective === "latency" || objective === "period") return "s";
  if (objective === "energy") return "J";
  return objective === "traffic" ? "B" : "";
}
