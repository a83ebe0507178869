import { f64, i32, item, u8 } from "../columns.ts";
import type { LadderShape } from "./ladder-shape.ts";
import { FlowNetworkBuilder, largestSourceSide, maxFlow } from "./max-flow.ts";

/**
 * An objective that adds up over a chain of stages. Every op gets a label 0..labels-1, never below the label of an op
 * whose tensor it reads; so does the end, which follows all ops. The cost is
 *   sum over ops of opCost[label][op] + finish[label of the end] + firstStage if an op has label 0
 *   + sum over boundaries k of perByte[k] x bytes of the tensors that pass it.
 * Infinity forbids. Which physical quantity this is (seconds, joules, bytes, a mix) is the caller's matter.
 */
export interface LadderCosts {
  readonly labels: number;
  /** One column per label. */
  readonly opCost: readonly Float64Array[];
  /** Per boundary between labels k and k + 1. */
  readonly perByte: Float64Array;
  /** Per label of the end; may be negative. */
  readonly finish: Float64Array;
  readonly firstStage: number;
  /** Allowed labels of each op, first and last; null = all. */
  readonly range: { readonly low: Uint8Array; readonly high: Uint8Array } | null;
}

export interface LadderCut {
  /** No labelling costs less. */
  readonly bound: number;
  /** A cheapest labelling of the ops: among equals, the one with the lowest labels. */
  readonly labelOf: Int32Array;
  /** Label of the end. */
  readonly end: number;
}

/**
 * The cheapest labelling over all chains of down-sets, as one minimum cut (Ishikawa, PAMI 2003; terminal capacities as
 * in Hochbaum's closures): node (v, k) on the source side means label(v) <= k. Null where no labelling costs at most
 * `upper`, which must be finite. Costs become integers by rounding down to a power of two of about upper / 2^50, so the
 * flow is exact and the bound a true one; it lies below the labelling's cost by less than one such unit per term.
 * Nodes (labels - 1) x (ops + tensors with several readers); time of the maximum flow. `shouldStop` is asked every few
 * ms; once true, the answer is "stopped".
 */
export function ladderMinCut(
  shape: LadderShape,
  costs: LadderCosts,
  upper: number,
  shouldStop?: () => boolean,
): LadderCut | null | "stopped" {
  const builder = new LadderBuilder(shape, costs, upper);
  return builder.feasible ? builder.solve(shouldStop) : null;
}

/** The cost of one labelling, the end labelled too, in which no label is forbidden. O(ops + readers x labels). */
export function ladderSum(shape: LadderShape, costs: LadderCosts, { labelOf, end }: Omit<LadderCut, "bound">): number {
  let sum = f64(costs.finish, end);
  let usesFirst = false;
  for (let op = 0; op < labelOf.length; op++) {
    const label = i32(labelOf, op);
    usesFirst ||= label === 0;
    sum += f64(item(costs.opCost, label), op);
  }
  if (usesFirst) sum += costs.firstStage;
  const { producer, bytes, readers } = shape;
  for (let bundle = 0; bundle < producer.length; bundle++) {
    const from = i32(producer, bundle);
    let last = 0;
    for (let i = i32(readers.offsets, bundle); i < i32(readers.offsets, bundle + 1); i++) {
      const reader = i32(readers.values, i);
      last = Math.max(last, reader === shape.end ? end : i32(labelOf, reader));
    }
    for (let boundary = from < 0 ? 0 : i32(labelOf, from); boundary < last; boundary++)
      sum += f64(bytes, bundle) * f64(costs.perByte, boundary);
  }
  return sum;
}

/** The largest power of two for which all of a network's sums stay below 2^52 units of it. */
function unitFor(total: number): number {
  return total > 0 ? 2 ** (Math.ceil(Math.log2(total)) - 51) : 2 ** -51;
}

class LadderBuilder {
  readonly #shape: LadderShape;
  readonly #costs: LadderCosts;
  readonly #upper: number;
  readonly #unit: number;
  /** Least cost of the end: taken off its labels' costs, so that none is negative. */
  readonly #shift: number;
  /** Nodes of one boundary: ops, the end, one per tensor bundle with several readers. */
  readonly #width: number;
  readonly #fromSource: Float64Array;
  readonly #toSink: Float64Array;
  readonly #builder: FlowNetworkBuilder;
  /** Cost of the cut that does not depend on the labelling, in units. */
  #constant = 0;
  feasible: boolean;

  constructor(shape: LadderShape, costs: LadderCosts, upper: number) {
    this.#shape = shape;
    this.#costs = costs;
    this.#shift = costs.finish.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY);
    this.#upper = upper - (this.#shift === Number.POSITIVE_INFINITY ? 0 : this.#shift);
    this.feasible = this.#shift < Number.POSITIVE_INFINITY && this.#upper >= 0;
    if (!this.feasible) this.#shift = 0;
    this.#unit = unitFor(this.#totalSupply());
    let auxiliary = 0;
    const bundles = shape.producer.length;
    for (let bundle = 0; bundle < bundles; bundle++) if (this.#readerCount(bundle) > 1) auxiliary++;
    this.#width = shape.end + 1 + auxiliary;
    const boundaries = costs.labels - 1;
    const nodes = boundaries * this.#width + 1;
    this.#fromSource = new Float64Array(nodes);
    this.#toSink = new Float64Array(nodes);
    const perBoundary = shape.before.length + bundles + shape.readers.values.length + 2 * (shape.end + 1);
    this.#builder = new FlowNetworkBuilder(nodes, boundaries * perBoundary + shape.roots.length);
    if (this.feasible) this.#addLabelCosts();
    if (!this.feasible) return;
    for (let boundary = 0; boundary < boundaries; boundary++) this.#addBoundary(boundary);
    this.#addFirstStage(nodes - 1);
  }

  #readerCount(bundle: number): number {
    const { offsets } = this.#shape.readers;
    return i32(offsets, bundle + 1) - i32(offsets, bundle);
  }

  /** In units; what exceeds the upper limit can be in no labelling that is looked for. */
  #units(cost: number): number {
    return cost > this.#upper ? Number.POSITIVE_INFINITY : Math.floor(cost / this.#unit);
  }

  #costOf(node: number, label: number): number {
    const { range, opCost, finish } = this.#costs;
    if (node === this.#shape.end) return f64(finish, label) - this.#shift;
    if (range !== null && (label < u8(range.low, node) || label > u8(range.high, node)))
      return Number.POSITIVE_INFINITY;
    return f64(item(opCost, label), node);
  }

  /** Sum of the finite capacities out of the source, and the upper limit: no flow exceeds it. */
  #totalSupply(): number {
    const { labels, perByte } = this.#costs;
    let total = this.#upper;
    for (let node = 0; node <= this.#shape.end; node++) {
      let before = Number.POSITIVE_INFINITY;
      for (let label = 0; label < labels; label++) {
        const cost = this.#costOf(node, label);
        if (cost > this.#upper) continue;
        if (cost > before) total += cost - before;
        before = cost;
      }
    }
    for (let boundary = 0; boundary < labels - 1; boundary++) {
      for (const [bundle, producer] of this.#shape.producer.entries()) {
        if (producer < 0) total += Math.min(this.#upper, this.#wireCost(bundle, f64(perByte, boundary)));
      }
    }
    return total;
  }

  #wireCost(bundle: number, perByte: number): number {
    const size = f64(this.#shape.bytes, bundle);
    return size === Number.POSITIVE_INFINITY ? size : size * perByte;
  }

  #addLabelCosts(): void {
    const { labels } = this.#costs;
    for (let node = 0; node <= this.#shape.end; node++) {
      let before = -1;
      let beforeCost = 0;
      for (let label = 0; label < labels; label++) {
        const cost = this.#units(this.#costOf(node, label));
        if (cost === Number.POSITIVE_INFINITY) continue;
        if (before < 0)
          for (let k = 0; k < label; k++) this.#pay(this.#toSink, k * this.#width + node, Number.POSITIVE_INFINITY);
        else this.#addStep(node, before, label, cost - beforeCost);
        before = label;
        beforeCost = cost;
      }
      if (before < 0) {
        this.feasible = false;
        return;
      }
      this.#constant += beforeCost;
      for (let k = before; k < labels - 1; k++)
        this.#pay(this.#fromSource, k * this.#width + node, Number.POSITIVE_INFINITY);
    }
  }

  /** Between two allowed labels: the higher one costs `rise` more; boundaries between them stand or fall together. */
  #addStep(node: number, low: number, high: number, rise: number): void {
    const width = this.#width;
    const at = low * width + node;
    if (rise > 0) {
      this.#pay(this.#fromSource, at, rise);
      this.#constant -= rise;
    } else this.#pay(this.#toSink, at, -rise);
    for (let k = low; k + 1 < high; k++) {
      this.#builder.addArc(
        k * width + node,
        (k + 1) * width + node,
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
      );
    }
    if (high < this.#costs.labels - 1) {
      this.#builder.addArc((high - 1) * width + node, high * width + node, Number.POSITIVE_INFINITY, 0);
    }
  }

  #pay(column: Float64Array, node: number, amount: number): void {
    column[node] = f64(column, node) + amount;
  }

  #addBoundary(boundary: number): void {
    const { producer, readers, before, after, end } = this.#shape;
    const base = boundary * this.#width;
    const perByte = f64(this.#costs.perByte, boundary);
    for (let pair = 0; pair < before.length; pair++) {
      this.#builder.addArc(base + i32(after, pair), base + i32(before, pair), Number.POSITIVE_INFINITY, 0);
    }
    let auxiliary = base + end + 1;
    for (let bundle = 0; bundle < producer.length; bundle++) {
      const from = i32(producer, bundle);
      const cost = this.#units(this.#wireCost(bundle, perByte));
      const start = i32(readers.offsets, bundle);
      const single = this.#readerCount(bundle) === 1;
      const gate = single ? base + i32(readers.values, start) : auxiliary++;
      if (from < 0) this.#pay(this.#fromSource, gate, cost);
      else this.#builder.addArc(base + from, gate, cost, single ? Number.POSITIVE_INFINITY : 0);
      if (single) continue;
      for (let i = start; i < i32(readers.offsets, bundle + 1); i++) {
        this.#builder.addArc(gate, base + i32(readers.values, i), Number.POSITIVE_INFINITY, 0);
      }
    }
  }

  /** Paid once if any op has label 0; then one of the roots has. */
  #addFirstStage(gate: number): void {
    const cost = this.#units(this.#costs.firstStage);
    if (this.#costs.labels === 1 && this.#shape.opCount > 0) this.#constant += cost;
    if (this.#costs.labels === 1 || cost === 0) return;
    this.#pay(this.#toSink, gate, cost);
    for (const root of this.#shape.roots) this.#builder.addArc(root, gate, Number.POSITIVE_INFINITY, 0);
  }

  solve(shouldStop?: () => boolean): LadderCut | null | "stopped" {
    const { opCount } = this.#shape;
    const boundaries = this.#costs.labels - 1;
    const limit = Math.floor(this.#upper / this.#unit);
    let value = this.#constant;
    for (let node = 0; node < this.#fromSource.length; node++) {
      const supply = f64(this.#fromSource, node);
      const demand = f64(this.#toSink, node);
      value += Math.min(supply, demand);
      if (value === Number.POSITIVE_INFINITY) return null;
      this.#builder.addExcess(node, supply - demand);
    }
    const network = this.#builder.build();
    const flow = maxFlow(network, limit - value, shouldStop);
    if (flow === "stopped") return flow;
    value += flow;
    if (value > limit) return null;
    const side = largestSourceSide(network);
    const labels = new Int32Array(opCount + 1);
    for (let node = 0; node <= opCount; node++) {
      let label = 0;
      while (label < boundaries && u8(side, label * this.#width + node) === 0) label++;
      labels[node] = label;
    }
    const bound = this.#shift + value * this.#unit;
    return { bound, labelOf: labels.subarray(0, opCount), end: i32(labels, opCount) };
  }
}
