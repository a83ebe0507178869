import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { quantile } from "./distribution.ts";
import type { RawEntry } from "./formats/raw-profile.ts";
import type { Anchor } from "./match-anchors.ts";
import { familyOf } from "./op-families.ts";

const SAME_FAMILY = 3;
const SAME_SIZE = 4;
/** Leaving out an op that runtimes fold away, and one that they never do. */
const GAP = -1;
const HEAVY_GAP = -4;
const HEAVY = new Set(["Convolution", "Dense", "Recurrent", "Attention"]);

/** Share of the work on either side that must be aligned. */
const LEAST_SHARE = 0.9;
/** Cells of the table of scores at most (4,000 ops against 4,000 entries). */
const MOST_CELLS = 16e6;

/** One element of either sequence. */
interface Step {
  readonly family: string | null;
  readonly elements: number | null;
}

function elementsOf(shape: readonly (number | string | null)[] | null | undefined): number | null {
  if (shape === null || shape === undefined) return null;
  let product = 1;
  for (const size of shape) {
    if (typeof size !== "number") return null;
    product *= size;
  }
  return product;
}

function isHeavy(step: Step): boolean {
  return step.family !== null && HEAVY.has(step.family);
}

/** Score of taking an op and an entry for the same; null where they cannot be. */
function similarity(op: Step, entry: Step): number | null {
  if (op.family === null || op.family !== entry.family) return null;
  if (op.elements === null || entry.elements === null) return SAME_FAMILY;
  return op.elements === entry.elements ? SAME_FAMILY + SAME_SIZE : null;
}

/** Orders that align nearly as many ops as the best one are weighed against it. */
const NEARLY_ALL = 0.98;

/** Ops with their entries, by place in either sequence. */
type Pairs = readonly (readonly [number, number])[];

/** Mean distance from the median; 0 for nothing. */
function spreadOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length === 0 ? 0 : quantile(sorted, 0.5);
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + Math.abs(value - middle), 0) / values.length;
}

const PAIR = 0;
const SKIP_OP = 1;
const SKIP_ENTRY = 2;

/** The best global alignment (Needleman and Wunsch, 1970) as pairs [op, entry]. O(ops x entries). */
function align(ops: readonly Step[], entries: readonly Step[]): Pairs {
  const width = entries.length + 1;
  const choice = new Uint8Array((ops.length + 1) * width);
  const gap = (step: Step) => (isHeavy(step) ? HEAVY_GAP : GAP);
  let previous = new Float64Array(width);
  for (let j = 1; j < width; j++) {
    previous[j] = at(previous, j - 1) + gap(item(entries, j - 1));
    choice[j] = SKIP_ENTRY;
  }
  for (let i = 1; i <= ops.length; i++) {
    const op = item(ops, i - 1);
    const current = new Float64Array(width);
    current[0] = at(previous, 0) + gap(op);
    choice[i * width] = SKIP_OP;
    for (let j = 1; j < width; j++) {
      const entry = item(entries, j - 1);
      const same = similarity(op, entry);
      let best = at(previous, j) + gap(op);
      let way = SKIP_OP;
      const skipped = at(current, j - 1) + gap(entry);
      if (skipped > best) {
        best = skipped;
        way = SKIP_ENTRY;
      }
      if (same !== null && at(previous, j - 1) + same >= best) {
        best = at(previous, j - 1) + same;
        way = PAIR;
      }
      current[j] = best;
      choice[i * width + j] = way;
    }
    previous = current;
  }
  const pairs: [number, number][] = [];
  let i = ops.length;
  let j = entries.length;
  while (i > 0 || j > 0) {
    const way = at(choice, i * width + j);
    if (way === PAIR) pairs.push([--i, --j]);
    else if (way === SKIP_OP) i--;
    else j--;
  }
  return pairs.reverse();
}

/**
 * Topological orders in which runtimes run the branches of a graph: as the file has them, each branch to its end (the
 * first or the last consumer first), and all branches abreast.
 */
function likelyOrders(graph: Graph): readonly (readonly number[])[] {
  const walk = (take: "first" | "last", isAbreast: boolean): readonly number[] => {
    const waiting = Array.from({ length: graph.opCount }, (_, op) => {
      const reads = row(graph.opInputs, op);
      return reads.filter((tensor) => at(graph.tensorProducer, tensor) >= 0).length;
    });
    const ready = [...waiting.keys()].filter((op) => waiting[op] === 0);
    if (take === "first") ready.reverse();
    const order: number[] = [];
    for (let next = 0; ready.length > (isAbreast ? next : 0); next++) {
      const op = isAbreast ? item(ready, next) : (ready.pop() ?? 0);
      order.push(op);
      const freed: number[] = [];
      for (const tensor of row(graph.opOutputs, op)) {
        for (const consumer of row(graph.tensorConsumers, tensor)) {
          waiting[consumer] = at(waiting, consumer) - 1;
          if (waiting[consumer] === 0) freed.push(consumer);
        }
      }
      ready.push(...(take === "first" && !isAbreast ? freed.reverse() : freed));
    }
    return order;
  };
  return [[...graph.opTypes.keys()], walk("first", false), walk("last", false), walk("first", true)];
}

/**
 * Anchors for a profile whose runtime lost the names (TensorFlow Lite, ncnn): ops and entries are aligned as
 * sequences by family and, where both are known, by the number of elements written (which does not depend on the
 * layout), in the order of the file and in others that runtimes use. Of the orders that align most, the one wins under which time per MAC varies least. Empty unless
 * 90 % of the work is aligned on either side: of the MACs in `macs` (of the heavy ops where it is not given) and of the
 * entries' heavy ops. O(ops x entries).
 */
export function alignAnchors(graph: Graph, entries: readonly RawEntry[], macs: Float64Array | null): readonly Anchor[] {
  const indices = [...entries.keys()].filter((i) => entries[i]?.kind === "op" && entries[i]?.nodes === null);
  // ONNX Runtime keeps names and numbers: without a match by these the trace is of another model.
  if (indices.some((i) => entries[i]?.nodeIndex !== null) || graph.opCount * indices.length > MOST_CELLS) return [];
  const ops = graph.opTypes.map((type, op): Step => {
    const [tensor] = row(graph.opOutputs, op);
    const shape = tensor === undefined ? null : item(graph.tensorTypes, tensor).shape;
    return { family: familyOf(type), elements: elementsOf(shape) };
  });
  const steps = indices.map((i): Step => {
    const entry = item(entries, i);
    return { family: entry.opType === null ? null : familyOf(entry.opType), elements: elementsOf(entry.outputShape) };
  });
  const work = (op: number) => {
    const known = macs === null ? Number.NaN : at(macs, op);
    return Number.isFinite(known) ? known : isHeavy(item(ops, op)) ? 1 : 0;
  };
  const all = ops.reduce((sum, _, op) => sum + work(op), 0);
  const heavyEntries = steps.filter(isHeavy).length;

  const candidates = likelyOrders(graph).flatMap((order): readonly Pairs[] => {
    const sequence = order.map((op) => item(ops, op));
    const pairs = align(sequence, steps).map(([place, step]): readonly [number, number] => [item(order, place), step]);
    const aligned = pairs.reduce((sum, [op]) => sum + work(op), 0);
    const heavyAligned = pairs.filter(([, step]) => isHeavy(item(steps, step))).length;
    const isEnough = aligned > 0 && aligned >= LEAST_SHARE * all && heavyAligned >= LEAST_SHARE * heavyEntries;
    return isEnough ? [pairs] : [];
  });
  // Branches often have twins of the same type and size, so that several orders align all; then time per MAC tells,
  // which varies least where each op has its own time.
  const most = Math.max(0, ...candidates.map((pairs) => pairs.length));
  const seconds = (step: number) => item(entries, item(indices, step)).latency.median;
  let best: Pairs = [];
  let least = Number.POSITIVE_INFINITY;
  for (const pairs of candidates) {
    if (pairs.length < NEARLY_ALL * most) continue;
    const spread = spreadOf(
      pairs.flatMap(([op, step]) => {
        const rate = macs === null ? Number.NaN : seconds(step) / at(macs, op);
        return rate > 0 && Number.isFinite(rate) ? [Math.log(rate)] : [];
      }),
    );
    if (spread < least) {
      best = pairs;
      least = spread;
    }
  }
  return best.map(([op, step]) => ({
    entry: item(indices, step),
    op,
    rule: "aligned",
    headType: null,
    members: [],
    region: null,
  }));
}
