import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { Plan } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";

/** A plan made elsewhere, on the open model and rig. */
export interface ImportedPlan {
  readonly plan: Plan;
  /** What a person should know of how it was read, one sentence each. */
  readonly notes: readonly string[];
}

const mostPlaces = (count: number): string =>
  count === 0 ? "no place" : `no more than ${count} ${count === 1 ? "place" : "places"}`;

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** Numbers of devices by their ids. */
export function deviceNumbers(rig: Rig, ids: readonly string[]): Result<readonly number[]> {
  const numbers: number[] = [];
  for (const id of ids) {
    const number = rig.devices.findIndex((device) => device.id === id);
    if (number < 0)
      return err(`There is no device "${id}"; the rig has ${quoted(rig.devices.map((device) => device.id))}.`);
    numbers.push(number);
  }
  return ok(numbers);
}

/**
 * Stages on devices: those named, or else the rig's in order. An empty stage on the source is put before what starts
 * elsewhere. `stageOf` has numbers from 0 without gaps. Errors: too few devices, an unknown one.
 */
export function placeStages(
  rig: Rig,
  stageOf: Int32Array,
  count: number,
  devices: readonly string[] | null,
): Result<ImportedPlan> {
  if (devices !== null && devices.length !== count) {
    return err(`The plan has ${count} stages; ${devices.length} devices are named for them.`);
  }
  if (devices === null && rig.devices.length < count) {
    return err(
      `The plan has ${count} stages and the rig ${rig.devices.length} ${rig.devices.length === 1 ? "device" : "devices"}; add devices to the rig, or cut at ${mostPlaces(rig.devices.length - 1)}.`,
    );
  }
  const source = rig.devices.findIndex(({ id }) => id === rig.source);
  // Without names the source comes first, then the others as the rig lists them.
  const inOrder = [source, ...[...rig.devices.keys()].filter((number) => number !== source)];
  const found = devices === null ? ok(inOrder.slice(0, count)) : deviceNumbers(rig, devices);
  if (!found.ok) return found;
  const notes =
    devices === null && count > 1
      ? [
          `The stages are on the rig's devices in order: ${quoted(found.value.map((number) => item(rig.devices, number).id))}.`,
        ]
      : [];
  if (found.value[0] === source) return ok({ plan: { stages: found.value, stageOf }, notes });
  return ok({ plan: { stages: [source, ...found.value], stageOf: stageOf.map((stage) => stage + 1) }, notes });
}

/**
 * Numbers of parts in an order in which each reads from earlier ones only. A circle is refused by a sentence that names
 * an op: parts that depend on each other cannot follow each other as stages. `partOf` gives each op's part. O(edges).
 */
export function partOrder(graph: Graph, partOf: Int32Array, names: readonly string[]): Result<readonly number[]> {
  const reads = names.map(() => new Set<number>());
  for (let op = 0; op < graph.opCount; op++) {
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      if (producer >= 0 && at(partOf, producer) !== at(partOf, op))
        item(reads, at(partOf, op)).add(at(partOf, producer));
    }
  }
  const order: number[] = [];
  const placed = new Set<number>();
  while (order.length < names.length) {
    const next = reads.findIndex((from, part) => !placed.has(part) && [...from].every((other) => placed.has(other)));
    if (next < 0) return err(circle(graph, partOf, names, reads, placed));
    order.push(next);
    placed.add(next);
  }
  return ok(order);
}

/** Names the first op that reads from a part which needs the op's own part in turn. */
function circle(
  graph: Graph,
  partOf: Int32Array,
  names: readonly string[],
  reads: readonly ReadonlySet<number>[],
  placed: ReadonlySet<number>,
): string {
  const needs = reads.map((from) => new Set([...from].filter((part) => !placed.has(part))));
  for (const reached of needs)
    for (const part of reached) for (const further of item(needs, part)) reached.add(further);
  for (let op = 0; op < graph.opCount; op++) {
    const part = at(partOf, op);
    for (const tensor of row(graph.opInputs, op)) {
      const producer = at(graph.tensorProducer, tensor);
      const other = producer < 0 ? part : at(partOf, producer);
      if (other === part || !item(needs, other).has(part)) continue;
      return `Op "${item(graph.opNames, op)}" of "${item(names, part)}" reads from op "${item(graph.opNames, producer)}" of "${item(names, other)}", which itself needs ops of "${item(names, part)}"; expected parts that follow each other as a chain.`;
    }
  }
  throw new Error("parts without an order have a circle");
}
