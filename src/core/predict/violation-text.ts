import { item } from "../columns.ts";
import { FIGURES, type Figure, type Limits } from "../plan/objective.ts";
import { formatEnergy, formatMemory, formatSeconds, formatTraffic } from "../units.ts";
import { exceeded, figure, type Prediction, type Violation } from "./prediction.ts";

/** What people call the parts of a problem, by number. */
export interface PartNames {
  readonly devices: readonly string[];
  readonly links: readonly string[];
  readonly ops: readonly string[];
}

/** A figure with its unit. */
export function figureText(name: Figure, value: number): string {
  if (name === "energy") return formatEnergy(value);
  return name === "traffic" ? formatTraffic(value) : formatSeconds(value);
}

export const FIGURE_NAMES: Readonly<Record<Figure, string>> = {
  latency: "latency",
  period: "time per frame",
  energy: "energy",
  traffic: "traffic",
};

function violationText(violation: Violation, { devices, links, ops }: PartNames): string {
  switch (violation.kind) {
    case "memory": {
      const { device, bytes, limit } = violation;
      return `${item(devices, device)} needs ${formatMemory(bytes)} and has ${formatMemory(limit)}.`;
    }
    case "barred": {
      const { device, op, count } = violation;
      const others = count === 1 ? "" : ` and ${count - 1} more`;
      return `${item(ops, op)}${others} must not run on ${item(devices, device)}.`;
    }
    case "group":
      return `${item(ops, violation.ops[0])} and ${item(ops, violation.ops[1])} have to run on one device.`;
    case "stages":
      return `It has ${violation.count} stages; at most ${violation.limit} are allowed.`;
    case "link": {
      const { link, bytes, limit } = violation;
      return `${item(links, link)} carries ${formatTraffic(bytes)}; at most ${formatTraffic(limit)} are allowed.`;
    }
  }
}

/** What a plan does not keep to, one sentence each: constraints of the problem first, then limits on figures. */
export function violationTexts(prediction: Prediction, limits: Limits, names: PartNames): readonly string[] {
  if (prediction.latencySeconds === Number.POSITIVE_INFINITY) return ["It cannot run."];
  const over = exceeded(prediction, limits);
  return [
    ...prediction.violations.map((violation) => violationText(violation, names)),
    ...FIGURES.filter((name) => over.includes(name)).map((name) => {
      const value = figureText(name, figure(prediction, name));
      return `The ${FIGURE_NAMES[name]} is ${value}; at most ${figureText(name, limits[name] ?? 0)} is allowed.`;
    }),
  ];
}
