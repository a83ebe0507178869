import { at, csrFrom, f64, i32, item, row } from "../columns.ts";
import type { Plan } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import { BusyTime } from "./busy-time.ts";

/** A problem whose ops stand for groups of ops of another that are kept on one device. */
export interface Condensed {
  readonly problem: Problem;
  /** Group of each op of the original. */
  readonly groupOf: Int32Array;
}

export function expandPlan({ groupOf }: Condensed, plan: Plan): Plan {
  return { stages: plan.stages, stageOf: groupOf.map((group) => at(plan.stageOf, group)) };
}

/**
 * Puts ops that take no time and hold no weights together with a neighbour, where no cut between the two can be better
 * than one beside them: with the only reader of what they write if they read no more bytes than they write, with the
 * only producer of what they read if they are its only reader and write no more. Reshapes, identities, constants and
 * dead ends go, which otherwise multiply the down-sets. The optimum stays the same if `relaysArePointless`; else the
 * condensed problem's plans are still plans of the original. O(rounds x edges).
 */
export function condense(problem: Problem): Condensed {
  let condensed: Condensed = { problem, groupOf: Int32Array.from({ length: problem.opCount }, (_, op) => op) };
  for (;;) {
    const targets = mergeTargets(condensed.problem);
    if (targets.every((target, op) => target === op)) return condensed;
    const next = merge(condensed.problem, targets);
    condensed = { problem: next.problem, groupOf: condensed.groupOf.map((group) => at(next.groupOf, group)) };
  }
}

/**
 * Whether sending over a device that runs nothing is, for every link, at least as much work as sending past it. Only
 * then can a stage of ops that take no time be left out.
 */
export function relaysArePointless(problem: Problem): boolean {
  const { loads } = new BusyTime(problem);
  const devices = [...problem.devices.keys()];
  return devices.every((from) =>
    devices.every((over) =>
      devices.every((to) => {
        const first = item(item(loads, from), over);
        const second = item(item(loads, over), to);
        if (over === from || over === to || from === to || first === null || second === null) return true;
        const direct = item(item(loads, from), to);
        if (direct === null) return false;
        return [...direct].every(
          ([resource, load]) => load <= (first.get(resource) ?? 0) + (second.get(resource) ?? 0),
        );
      }),
    ),
  );
}

/** For each op the op that it joins, itself for most. */
function mergeTargets(problem: Problem): Int32Array {
  const isOutput = new Uint8Array(problem.tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const bytesOf = (tensors: Int32Array) =>
    tensors.reduce((sum, tensor) => sum + f64(problem.tensorWireBytes, tensor), 0);
  const canCut = (tensors: Int32Array) => tensors.every((tensor) => problem.uncuttable[tensor] === 0);
  const isFree = (op: number) =>
    row(problem.opWeights, op).length === 0 &&
    problem.devices.every(
      ({ opSeconds }) => f64(opSeconds, op) === 0 || f64(opSeconds, op) === Number.POSITIVE_INFINITY,
    );
  const runsWhere = (op: number, other: number) =>
    problem.devices.every(
      ({ opSeconds }) => f64(opSeconds, other) === Number.POSITIVE_INFINITY || f64(opSeconds, op) === 0,
    );

  return Int32Array.from({ length: problem.opCount }, (_, op) => {
    if (!isFree(op)) return op;
    const reads = row(problem.opInputs, op);
    const writes = row(problem.opOutputs, op);
    const readers = new Set([...writes].flatMap((tensor) => [...row(problem.tensorConsumers, tensor)]));
    const [reader] = readers;
    if (reader !== undefined && readers.size === 1 && writes.every((tensor) => isOutput[tensor] === 0)) {
      if (runsWhere(op, reader) && canCut(reads) && bytesOf(reads) <= bytesOf(writes)) return reader;
    }
    const producers = new Set(
      [...reads].map((tensor) => at(problem.tensorProducer, tensor)).filter((other) => other >= 0),
    );
    const [producer] = producers;
    if (producer === undefined || producers.size !== 1 || !runsWhere(op, producer) || !canCut(writes)) return op;
    const freed = reads.filter(
      (tensor) =>
        at(problem.tensorProducer, tensor) === producer &&
        isOutput[tensor] === 0 &&
        row(problem.tensorConsumers, tensor).length === 1,
    );
    return bytesOf(writes) <= bytesOf(freed) ? producer : op;
  });
}

/** Representative of each op's group. */
function representatives(targets: Int32Array): Int32Array {
  const parent = targets.map((_, op) => op);
  const find = (op: number): number => {
    let root = op;
    while (i32(parent, root) !== root) root = i32(parent, root);
    return root;
  };
  for (const [op, target] of targets.entries()) parent[find(op)] = find(target);
  return targets.map((_, op) => find(op));
}

/** Numbers groups in a topological order: of those that can come next, the one with the lowest op. */
function numberGroups(problem: Problem, root: Int32Array): { groupOf: Int32Array; members: number[][] } {
  const byRoot = new Map<number, number[]>();
  for (const [op, group] of root.entries()) {
    const known = byRoot.get(group);
    if (known === undefined) byRoot.set(group, [op]);
    else known.push(op);
  }
  const missing = new Map<number, number>();
  const successors = new Map<number, Set<number>>();
  for (const group of byRoot.keys()) {
    missing.set(group, 0);
    successors.set(group, new Set());
  }
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = at(problem.tensorProducer, tensor);
    if (producer < 0) continue;
    const from = i32(root, producer);
    for (const consumer of row(problem.tensorConsumers, tensor)) {
      const to = i32(root, consumer);
      const known = successors.get(from);
      if (to === from || known === undefined || known.has(to)) continue;
      known.add(to);
      missing.set(to, (missing.get(to) ?? 0) + 1);
    }
  }
  const groupOf = new Int32Array(problem.opCount);
  const members: number[][] = [];
  const ready = [...byRoot.keys()].filter((group) => missing.get(group) === 0).reverse();
  for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
    const ops = byRoot.get(group) ?? [];
    for (const op of ops) groupOf[op] = members.length;
    members.push(ops);
    for (const next of successors.get(group) ?? []) {
      const left = (missing.get(next) ?? 0) - 1;
      missing.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  if (members.length !== byRoot.size) throw new Error("merging ops closed a cycle");
  return { groupOf, members };
}

/** Puts each op together with the op that it is to join; joins must close no cycle. O(edges). */
export function merge(problem: Problem, targets: Int32Array): Condensed {
  const { groupOf, members } = numberGroups(problem, representatives(targets));
  const rows = (csr: Problem["opInputs"], keep: (value: number, group: number) => boolean) => {
    const valuesOf = (ops: readonly number[]) => [...new Set(ops.flatMap((op) => [...row(csr, op)]))];
    return csrFrom(members.map((ops, group) => valuesOf(ops).filter((value) => keep(value, group))));
  };
  const producerGroup = (tensor: number) => {
    const producer = at(problem.tensorProducer, tensor);
    return producer < 0 ? -1 : i32(groupOf, producer);
  };
  const consumers = Array.from({ length: problem.tensorCount }, (_, tensor) => {
    const groups = new Set([...row(problem.tensorConsumers, tensor)].map((op) => i32(groupOf, op)));
    groups.delete(producerGroup(tensor));
    return [...groups].sort((a, b) => a - b);
  });
  return {
    groupOf,
    problem: {
      ...problem,
      opCount: members.length,
      groupOf: new Int32Array(members.length).fill(-1),
      opInputs: rows(problem.opInputs, (tensor, group) => producerGroup(tensor) !== group),
      opOutputs: rows(problem.opOutputs, () => true),
      opWeights: rows(problem.opWeights, () => true),
      tensorProducer: problem.tensorProducer.map((_, tensor) => producerGroup(tensor)),
      tensorConsumers: csrFrom(consumers),
      devices: problem.devices.map((device) => ({
        ...device,
        barred: new Uint8Array(members.length),
        opSeconds: Float64Array.from(members, (ops) => ops.reduce((sum, op) => sum + f64(device.opSeconds, op), 0)),
      })),
    },
  };
}
