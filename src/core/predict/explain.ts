import { item } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import type { Prediction } from "./prediction.ts";

/** One part of the difference between two plans' latencies, in seconds; positive = the second plan spends more. */
export type DifferenceTerm =
  | { readonly kind: "compute" | "overhead" | "spill"; readonly device: number; readonly seconds: number }
  /** Bytes on the wire, and the fixed latency of the messages, of one link and direction. */
  | {
      readonly kind: "transfer" | "link-latency";
      readonly link: number;
      readonly direction: "aToB" | "bToA";
      readonly seconds: number;
    };

function addTerms(problem: Problem, prediction: Prediction, sign: 1 | -1, sums: Map<string, DifferenceTerm>): void {
  const add = (term: DifferenceTerm) => {
    const key = "device" in term ? `${term.kind} ${term.device}` : `${term.kind} ${term.link} ${term.direction}`;
    const before = sums.get(key)?.seconds ?? 0;
    sums.set(key, { ...term, seconds: before + sign * term.seconds });
  };
  for (const { device, opSeconds, overheadSeconds, spillSeconds } of prediction.stages) {
    add({ kind: "compute", device, seconds: opSeconds });
    add({ kind: "overhead", device, seconds: overheadSeconds });
    add({ kind: "spill", device, seconds: spillSeconds });
  }
  for (const { fromDevice, toDevice, bytes } of prediction.transfers) {
    const route = item(item(problem.routes, fromDevice), toDevice);
    if (route === null)
      throw new Error(`a finite latency over devices ${fromDevice} and ${toDevice}, which no route joins`);
    for (const { link, direction, secondsPerByte, latency } of route.hops) {
      add({ kind: "transfer", link, direction, seconds: bytes * secondsPerByte });
      add({ kind: "link-latency", link, direction, seconds: latency });
    }
  }
}

/**
 * Why plan `to` is slower (positive) or faster (negative) than plan `from` in single-inference latency: the terms
 * that differ, largest first; they add up to to.latencySeconds - from.latencySeconds. Null where one of the plans
 * cannot run, and under delivery by ports, which `explainFigure` tells apart. O(stages + hops).
 */
export function explainDifference(
  problem: Problem,
  from: Prediction,
  to: Prediction,
): readonly DifferenceTerm[] | null {
  if (problem.delivery === "port") return null;
  if (from.latencySeconds === Number.POSITIVE_INFINITY || to.latencySeconds === Number.POSITIVE_INFINITY) return null;
  const sums = new Map<string, DifferenceTerm>();
  addTerms(problem, from, -1, sums);
  addTerms(problem, to, 1, sums);
  return [...sums.values()]
    .filter(({ seconds }) => seconds !== 0)
    .sort((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds));
}
