import { err, ok, type Result } from "../result.ts";
import { FIGURES, type Figure, type Limits, type Objective } from "./objective.ts";

const NAMES = FIGURES.map((name) => `"${name}"`).join(", ");

function figureNamed(name: string): Figure | undefined {
  return FIGURES.find((figure) => figure === name.trim());
}

/** An objective as `objectiveText` writes it: one figure, or weights of figures, "latency=1,energy=0.2". */
export function readObjective(text: string): Result<Objective> {
  const single = figureNamed(text);
  if (single !== undefined) return ok(single);
  const expected = `one of ${NAMES}, or weights of them such as "latency=1,energy=0.2"`;
  const mix: Partial<Record<Figure, number>> = {};
  for (const part of text.split(",")) {
    const [name = "", weight = "", ...more] = part.split("=");
    const figure = figureNamed(name);
    const value = weight.trim() === "" ? Number.NaN : Number(weight);
    if (figure === undefined || more.length > 0) return err(`The objective is "${text}"; expected ${expected}.`);
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      return err(`The weight of ${figure} in the objective is "${weight}"; expected a number of at least 0.`);
    }
    if (mix[figure] !== undefined) return err(`The objective weighs ${figure} twice; expected it once.`);
    mix[figure] = value;
  }
  if (Object.values(mix).every((weight) => weight === 0)) {
    return err(`All weights of the objective "${text}" are 0; expected one above 0.`);
  }
  return ok({ mix });
}

const UNITS: Readonly<Record<"time" | "energy" | "bytes", ReadonlyMap<string, number>>> = {
  time: new Map([
    ["s", 1],
    ["ms", 1e-3],
    ["us", 1e-6],
  ]),
  energy: new Map([
    ["J", 1],
    ["mJ", 1e-3],
  ]),
  bytes: new Map([
    ["B", 1],
    ["kB", 1e3],
    ["MB", 1e6],
    ["GB", 1e9],
  ]),
};

/** An amount with its unit, "50ms" or "1.5 MB", in seconds, joules or bytes; null where it is none. */
export function readAmount(text: string, kind: keyof typeof UNITS): number | null {
  const [, number = "", unit = ""] = /^\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
  const factor = UNITS[kind].get(unit);
  return number === "" || factor === undefined ? null : Number(number) * factor;
}

/** Units that `readAmount` takes for a kind, for sentences. */
export function unitsOf(kind: keyof typeof UNITS): string {
  return [...UNITS[kind].keys()].join(", ");
}

/** A limit as "latency=50ms", "energy=2J", "traffic=1MB". */
export function readLimit(text: string): Result<Limits> {
  const middle = text.indexOf("=");
  const figure = figureNamed(text.slice(0, Math.max(0, middle)));
  if (figure === undefined) return err(`The limit is "${text}"; expected FIGURE=AMOUNT with one of ${NAMES}.`);
  const kind = figure === "energy" ? "energy" : figure === "traffic" ? "bytes" : "time";
  const amount = readAmount(text.slice(middle + 1), kind);
  return amount === null
    ? err(`The limit on ${figure} is "${text.slice(middle + 1)}"; expected a number with a unit: ${unitsOf(kind)}.`)
    : ok({ [figure]: amount });
}
