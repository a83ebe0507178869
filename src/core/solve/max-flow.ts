import { f64, i32, u8 } from "../columns.ts";

/**
 * A directed network with capacities. Every arc has a sister, the arc back, next to which residual capacity moves.
 * A node's excess, where positive, is the capacity of an arc from the source to it; where negative, of an arc from it
 * to the sink. Capacities may be Infinity; the finite ones should be integers whose sums stay below 2^53, so that all
 * arithmetic is exact.
 */
export interface FlowNetwork {
  readonly nodeCount: number;
  /** Arcs of node v: first[v] .. first[v + 1]. */
  readonly first: Int32Array;
  readonly head: Int32Array;
  readonly sister: Int32Array;
  /** Residual capacity; changed by `maxFlow`. */
  readonly capacity: Float64Array;
  /** Residual terminal capacity; changed by `maxFlow`. */
  readonly excess: Float64Array;
}

/** Collects arcs in any order and lays them out by node. */
export class FlowNetworkBuilder {
  readonly #nodeCount: number;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #forward: Float64Array;
  readonly #backward: Float64Array;
  readonly #degree: Int32Array;
  #arcs = 0;
  readonly excess: Float64Array;

  constructor(nodeCount: number, arcLimit: number) {
    this.#nodeCount = nodeCount;
    this.#from = new Int32Array(arcLimit);
    this.#to = new Int32Array(arcLimit);
    this.#forward = new Float64Array(arcLimit);
    this.#backward = new Float64Array(arcLimit);
    this.#degree = new Int32Array(nodeCount + 1);
    this.excess = new Float64Array(nodeCount);
  }

  /** An arc of capacity `forward` and, between the same nodes, one back of capacity `backward`. */
  addArc(from: number, to: number, forward: number, backward: number): void {
    const arc = this.#arcs++;
    if (arc >= this.#from.length) throw new RangeError(`more than ${this.#from.length} arcs`);
    this.#from[arc] = from;
    this.#to[arc] = to;
    this.#forward[arc] = forward;
    this.#backward[arc] = backward;
    this.#degree[from] = i32(this.#degree, from) + 1;
    this.#degree[to] = i32(this.#degree, to) + 1;
  }

  /** Adds capacity from the source (positive) or to the sink (negative). */
  addExcess(node: number, amount: number): void {
    this.excess[node] = f64(this.excess, node) + amount;
  }

  build(): FlowNetwork {
    const nodeCount = this.#nodeCount;
    const first = new Int32Array(nodeCount + 1);
    for (let node = 0; node < nodeCount; node++) first[node + 1] = i32(first, node) + i32(this.#degree, node);
    const cursor = first.slice();
    const head = new Int32Array(2 * this.#arcs);
    const sister = new Int32Array(2 * this.#arcs);
    const capacity = new Float64Array(2 * this.#arcs);
    for (let arc = 0; arc < this.#arcs; arc++) {
      const from = i32(this.#from, arc);
      const to = i32(this.#to, arc);
      const out = i32(cursor, from);
      cursor[from] = out + 1;
      const back = i32(cursor, to);
      cursor[to] = back + 1;
      head[out] = to;
      head[back] = from;
      sister[out] = back;
      sister[back] = out;
      capacity[out] = f64(this.#forward, arc);
      capacity[back] = f64(this.#backward, arc);
    }
    return { nodeCount, first, head, sister, capacity, excess: this.excess };
  }
}

const FREE = 0;
const SOURCE = 1;
const SINK = 2;
type Tree = typeof SOURCE | typeof SINK;
const ROOT = -1;
const ORPHAN = -2;
/** Nodes that are looked at between two questions whether to stop. */
const STOP_STEPS = 64;

/**
 * Maximum flow by incremental breadth-first search: two trees of shortest residual paths, from the source and to the
 * sink, grow towards each other level by level and are repaired where an augmentation saturates an arc (Goldberg, Hed,
 * Kaplan, Tarjan, Werneck, ESA 2011). O(nodes^2 x arcs), in practice near linear on ladders. Leaves the residual
 * capacities in the network. A repair is one breadth-first search among the nodes that lost their level. Gives up with the flow found so far once it exceeds `limit`; gives Infinity where no finite
 * cut exists; "stopped" once `shouldStop`, asked every few ms, says so.
 */
export function maxFlow(network: FlowNetwork, limit?: number): number;
export function maxFlow(network: FlowNetwork, limit: number, shouldStop?: () => boolean): number | "stopped";
export function maxFlow(
  network: FlowNetwork,
  limit = Number.POSITIVE_INFINITY,
  shouldStop?: () => boolean,
): number | "stopped" {
  const { nodeCount, first, head, sister, capacity, excess } = network;
  let flow = pushToNeighbours(network);
  if (flow > limit || flow === Number.POSITIVE_INFINITY) return flow;

  const tree = new Uint8Array(nodeCount);
  /** Levels from the node's terminal, which is at level 0. */
  const level = new Int32Array(nodeCount);
  /** Arc from a node to its parent in the tree. */
  const parent = new Int32Array(nodeCount).fill(ORPHAN);
  /** Where the search for a parent one level up goes on. */
  const current = first.slice(0, nodeCount);
  // A repaired node can enter the frontier again, hence the growing lists.
  let sourceFrontier: number[] = [];
  let sinkFrontier: number[] = [];
  let nextFrontier: number[] = [];
  let sourceDepth = 1;
  let sinkDepth = 1;
  let growing: Tree = SOURCE;
  const bucket = new Int32Array(nodeCount + 3).fill(-1);
  const nextOrphan = new Int32Array(nodeCount);
  const NOWHERE = nodeCount + 2;
  const homeless = new Int32Array(nodeCount);
  let homelessCount = 0;
  const candidate = new Int32Array(nodeCount);
  // Once from a bucket and once from a neighbour.
  const reached = new Int32Array(2 * nodeCount);
  let lowest = NOWHERE;
  let highest = 0;
  let steps = 0;

  for (let node = 0; node < nodeCount; node++) {
    const amount = f64(excess, node);
    if (amount === 0) continue;
    tree[node] = amount > 0 ? SOURCE : SINK;
    level[node] = 1;
    parent[node] = ROOT;
    (amount > 0 ? sourceFrontier : sinkFrontier).push(node);
  }

  const enqueueOrphan = (node: number, at: number): void => {
    nextOrphan[node] = i32(bucket, at);
    bucket[at] = node;
    if (at < lowest) lowest = at;
    if (at > highest) highest = at;
  };

  const makeOrphan = (node: number): void => {
    parent[node] = ORPHAN;
    enqueueOrphan(node, i32(level, node));
  };

  /** Residual capacity of the arc between a node and its tree neighbour over `arc`, in the tree's direction of flow. */
  const towards = (side: Tree, arc: number): number =>
    side === SOURCE ? f64(capacity, i32(sister, arc)) : f64(capacity, arc);

  /** Whether an orphan finds a parent one level up that hangs on its root. */
  const adopt = (node: number, side: Tree): boolean => {
    const above = i32(level, node) - 1;
    const end = i32(first, node + 1);
    for (let arc = i32(current, node); arc < end; arc++) {
      const other = i32(head, arc);
      if (u8(tree, other) !== side || i32(level, other) !== above || i32(parent, other) === ORPHAN) continue;
      if (!(towards(side, arc) > 0)) continue;
      current[node] = arc;
      parent[node] = arc;
      return true;
    }
    return false;
  };

  /** Gives every orphan a parent one level up where there is one; the others, and their children in turn, are `homeless`. */
  const adoptOrphans = (side: Tree): void => {
    for (let at = lowest; at <= highest; at++) {
      for (let node = i32(bucket, at); node >= 0; node = i32(bucket, at)) {
        bucket[at] = i32(nextOrphan, node);
        if (adopt(node, side)) continue;
        const end = i32(first, node + 1);
        for (let arc = i32(first, node); arc < end; arc++) {
          const other = i32(head, arc);
          if (u8(tree, other) === side && i32(parent, other) === i32(sister, arc)) makeOrphan(other);
        }
        level[node] = NOWHERE;
        homeless[homelessCount++] = node;
      }
    }
    lowest = NOWHERE;
    highest = 0;
  };

  /** Hangs the homeless below their nearest neighbours, breadth first, no deeper than `deepest`; the rest leave the tree. */
  const settle = (side: Tree, depth: number, deepest: number): void => {
    for (let i = 0; i < homelessCount; i++) {
      const node = i32(homeless, i);
      const end = i32(first, node + 1);
      let nearest = deepest;
      for (let arc = i32(first, node); arc < end; arc++) {
        const other = i32(head, arc);
        if (u8(tree, other) !== side || i32(level, other) >= nearest || i32(parent, other) === ORPHAN) continue;
        if (!(towards(side, arc) > 0)) continue;
        nearest = i32(level, other);
        candidate[node] = arc;
      }
      current[node] = i32(first, node);
      if (nearest === deepest) continue;
      level[node] = nearest + 1;
      enqueueOrphan(node, nearest + 1);
    }
    let read = 0;
    let written = 0;
    for (let at = lowest; at <= deepest && (at <= highest || read < written); at++) {
      for (let node = i32(bucket, at); node >= 0; node = i32(nextOrphan, node)) reached[written++] = node;
      bucket[at] = -1;
      for (const levelEnd = written; read < levelEnd; read++) {
        const node = i32(reached, read);
        if (i32(parent, node) !== ORPHAN || i32(level, node) !== at) continue;
        parent[node] = i32(candidate, node);
        if (at > depth) nextFrontier.push(node);
        else if (at === depth) (side === SOURCE ? sourceFrontier : sinkFrontier).push(node);
        const end = i32(first, node + 1);
        for (let arc = i32(first, node); arc < end; arc++) {
          const other = i32(head, arc);
          if (u8(tree, other) !== side || i32(parent, other) !== ORPHAN || i32(level, other) <= at + 1) continue;
          const back = i32(sister, arc);
          if (!(towards(side, back) > 0)) continue;
          level[other] = at + 1;
          candidate[other] = back;
          reached[written++] = other;
        }
      }
    }
    for (let i = 0; i < homelessCount; i++) {
      const node = i32(homeless, i);
      if (i32(parent, node) !== ORPHAN) continue;
      tree[node] = FREE;
      level[node] = 0;
    }
    lowest = NOWHERE;
    highest = 0;
  };

  const repair = (side: Tree): void => {
    homelessCount = 0;
    adoptOrphans(side);
    if (homelessCount === 0) return;
    const depth = side === SOURCE ? sourceDepth : sinkDepth;
    settle(side, depth, growing === side ? depth + 1 : depth);
  };

  /** Sends flow over the tree paths that `bridge`, from a source-tree to a sink-tree node, joins. */
  const augment = (bridge: number): number => {
    const tail = i32(head, i32(sister, bridge));
    const tip = i32(head, bridge);
    let amount = f64(capacity, bridge);
    let node = tail;
    for (let arc = i32(parent, node); arc !== ROOT; arc = i32(parent, node)) {
      amount = Math.min(amount, f64(capacity, i32(sister, arc)));
      node = i32(head, arc);
    }
    amount = Math.min(amount, f64(excess, node));
    node = tip;
    for (let arc = i32(parent, node); arc !== ROOT; arc = i32(parent, node)) {
      amount = Math.min(amount, f64(capacity, arc));
      node = i32(head, arc);
    }
    amount = Math.min(amount, -f64(excess, node));
    if (amount === Number.POSITIVE_INFINITY) return amount;

    send(bridge, amount);
    node = tail;
    for (let arc = i32(parent, node); arc !== ROOT; ) {
      const forward = i32(sister, arc);
      send(forward, amount);
      if (f64(capacity, forward) === 0) makeOrphan(node);
      node = i32(head, arc);
      arc = i32(parent, node);
    }
    excess[node] = f64(excess, node) - amount;
    if (f64(excess, node) === 0) makeOrphan(node);
    repair(SOURCE);
    node = tip;
    for (let arc = i32(parent, node); arc !== ROOT; ) {
      send(arc, amount);
      if (f64(capacity, arc) === 0) makeOrphan(node);
      node = i32(head, arc);
      arc = i32(parent, node);
    }
    excess[node] = f64(excess, node) + amount;
    if (f64(excess, node) === 0) makeOrphan(node);
    repair(SINK);
    return amount;
  };

  const send = (arc: number, amount: number): void => {
    const back = i32(sister, arc);
    capacity[arc] = f64(capacity, arc) - amount;
    capacity[back] = f64(capacity, back) + amount;
  };

  while (sourceFrontier.length > 0 && sinkFrontier.length > 0) {
    growing = sourceFrontier.length <= sinkFrontier.length ? SOURCE : SINK;
    const side = growing;
    const frontier = side === SOURCE ? sourceFrontier : sinkFrontier;
    const depth = side === SOURCE ? sourceDepth : sinkDepth;
    nextFrontier = [];
    // The list grows while it is read: repairs put nodes back on this level.
    for (let i = 0; i < frontier.length; i++) {
      const node = frontier[i] ?? 0;
      if (shouldStop !== undefined && ++steps % STOP_STEPS === 0 && shouldStop()) return "stopped";
      const end = i32(first, node + 1);
      for (let arc = i32(first, node); arc < end; arc++) {
        if (u8(tree, node) !== side || i32(level, node) !== depth) break;
        const outward = side === SOURCE ? arc : i32(sister, arc);
        const other = i32(head, arc);
        while (f64(capacity, outward) > 0 && u8(tree, other) !== side) {
          if (u8(tree, other) === FREE) {
            tree[other] = side;
            level[other] = depth + 1;
            parent[other] = i32(sister, arc);
            current[other] = i32(first, other);
            nextFrontier.push(other);
            break;
          }
          flow += augment(outward);
          if (flow > limit || flow === Number.POSITIVE_INFINITY) return flow;
          if (u8(tree, node) !== side || i32(level, node) !== depth) break;
        }
      }
    }
    if (side === SOURCE) {
      sourceFrontier = nextFrontier;
      sourceDepth++;
    } else {
      sinkFrontier = nextFrontier;
      sinkDepth++;
    }
  }
  return flow;
}

/** A good start: excess goes to deficits one arc away. O(arcs). */
function pushToNeighbours({ nodeCount, first, head, sister, capacity, excess }: FlowNetwork): number {
  let flow = 0;
  for (let node = 0; node < nodeCount; node++) {
    for (let arc = i32(first, node); arc < i32(first, node + 1) && f64(excess, node) > 0; arc++) {
      const other = i32(head, arc);
      if (!(f64(excess, other) < 0 && f64(capacity, arc) > 0)) continue;
      const amount = Math.min(f64(excess, node), -f64(excess, other), f64(capacity, arc));
      if (amount === Number.POSITIVE_INFINITY) return amount;
      const back = i32(sister, arc);
      excess[node] = f64(excess, node) - amount;
      excess[other] = f64(excess, other) + amount;
      capacity[arc] = f64(capacity, arc) - amount;
      capacity[back] = f64(capacity, back) + amount;
      flow += amount;
    }
  }
  return flow;
}

/**
 * After `maxFlow`: 1 for the nodes of the largest source side of a minimum cut, that is for all from which the sink can
 * no longer be reached. O(nodes + arcs).
 */
export function largestSourceSide({ nodeCount, first, head, sister, capacity, excess }: FlowNetwork): Uint8Array {
  const side = new Uint8Array(nodeCount).fill(1);
  const queue = new Int32Array(nodeCount);
  let filled = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (f64(excess, node) >= 0) continue;
    side[node] = 0;
    queue[filled++] = node;
  }
  for (let read = 0; read < filled; read++) {
    const node = i32(queue, read);
    for (let arc = i32(first, node); arc < i32(first, node + 1); arc++) {
      const other = i32(head, arc);
      if (u8(side, other) === 0 || !(f64(capacity, i32(sister, arc)) > 0)) continue;
      side[other] = 0;
      queue[filled++] = other;
    }
  }
  return side;
}
