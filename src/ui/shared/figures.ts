import type { Figure, Objective } from "../../core/plan/objective.ts";
import { formatEnergy, formatSeconds, formatTraffic } from "../../core/units.ts";

interface FigureText {
  /** What is made small: in a list of choices. */
  readonly name: string;
  /** What the number means, under the number. */
  readonly caption: string;
  readonly format: (value: number) => string;
}

/** How the four figures of a plan are called and written wherever they appear. */
export const FIGURE_TEXTS: Readonly<Record<Figure, FigureText>> = {
  period: { name: "Stream rate", caption: "per frame, streamed", format: formatSeconds },
  latency: { name: "Latency", caption: "latency", format: formatSeconds },
  energy: { name: "Energy", caption: "energy per inference", format: formatEnergy },
  traffic: { name: "Traffic", caption: "traffic per inference", format: formatTraffic },
};

/** What an objective makes small, in a word or two. */
export const objectiveName = (objective: Objective): string =>
  typeof objective === "string" ? FIGURE_TEXTS[objective].name : "Weighted mix";

/** How values of an objective are written; a weighted mix has no unit of its own. */
export function objectiveFormat(objective: Objective): (value: number) => string {
  return typeof objective === "string" ? FIGURE_TEXTS[objective].format : (value) => value.toPrecision(4);
}
