import { at, item, row } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { autoDiceName } from "./autodice.ts";
import { deviceNumbers, type ImportedPlan, partOrder, placeStages } from "./imported-plan.ts";

/** AutoDiCE's mapping.json: the ops of each "host_resource". */
export type AutoDiceMapping = ReadonlyMap<string, readonly string[]>;

/** The mapping in a JSON document; null where it is something else. */
export function readAutoDiceMapping(json: unknown): AutoDiceMapping | null {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const entries = Object.entries(json);
  const isList = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((name) => typeof name === "string");
  if (entries.length === 0 || !entries.every(([, ops]) => isList(ops))) return null;
  return new Map(entries.filter(([, ops]) => ops.length > 0));
}

/** Ops by all that a mapping may call them: their names, or their first outputs, as they stand or as AutoDiCE has them. */
function opsByName(graph: Graph): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const offer = (name: string, op: number) => {
    if (!found.has(name)) found.set(name, op);
  };
  for (const [op, name] of graph.opNames.entries()) offer(name, op);
  for (let op = 0; op < graph.opCount; op++) {
    const [first] = row(graph.opOutputs, op);
    if (first === undefined) continue;
    offer(item(graph.tensorNames, first), op);
  }
  for (const [name, op] of [...found]) offer(autoDiceName(name), op);
  return found;
}

const some = (names: readonly string[]): string =>
  `${names
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;

/** Devices that the keys name ("pi_cpu0123" is "pi"); null where none of them is a device of the rig. */
function devicesOfKeys(rig: Rig, keys: readonly string[]): Result<readonly string[] | null> {
  const ids = new Set(rig.devices.map(({ id }) => id));
  const hosts = keys.map((key) => (ids.has(key) ? key : key.replace(/_[^_]*$/, "")));
  if (!hosts.some((host) => ids.has(host))) return ok(null);
  const known = deviceNumbers(rig, hosts);
  return known.ok ? ok(hosts) : known;
}

/**
 * A mapping as a plan: each of its parts is a stage, in the order of the data. `devices` names the device of each
 * stage; null takes those that the parts name, or else the rig's in order. Names that are no op of the graph (constants
 * are none) are told in a note. Errors: an op that is left out or mapped twice, parts that depend on each other in a
 * circle, named by an op. O(ops + edges + names).
 */
export function planOfMapping(
  mapping: AutoDiceMapping,
  graph: Graph,
  rig: Rig,
  devices: readonly string[] | null,
): Result<ImportedPlan> {
  const ops = opsByName(graph);
  const partOf = new Int32Array(graph.opCount).fill(-1);
  const keys = [...mapping.keys()];
  const unknown: string[] = [];
  for (const [part, key] of keys.entries()) {
    for (const name of mapping.get(key) ?? []) {
      const op = ops.get(name);
      if (op === undefined) {
        unknown.push(name);
        continue;
      }
      if (at(partOf, op) >= 0) {
        return err(
          `The mapping places op "${name}" in "${item(keys, at(partOf, op))}" and in "${key}"; expected it once.`,
        );
      }
      partOf[op] = part;
    }
  }
  const left = graph.opNames.filter((_, op) => at(partOf, op) < 0);
  if (left.length > 0) {
    const strange = unknown.length === 0 ? "" : `; it has ${some(unknown)}, which the model has not`;
    return err(
      `The mapping leaves out ${left.length === 1 ? "the op" : `${left.length} ops`} ${some(left)}${strange}.`,
    );
  }
  const used = keys.filter((_, part) => partOf.includes(part));
  const numbers = new Map(used.map((key, part) => [keys.indexOf(key), part]));
  const parts = partOf.map((part) => numbers.get(part) ?? -1);
  const order = partOrder(graph, parts, used);
  if (!order.ok) return order;
  const stageOfPart = new Int32Array(used.length);
  for (const [stage, part] of order.value.entries()) stageOfPart[part] = stage;
  const ordered = order.value.map((part) => item(used, part));
  const named = devices === null ? devicesOfKeys(rig, ordered) : ok(devices);
  if (!named.ok) return named;
  const placed = placeStages(
    rig,
    parts.map((part) => at(stageOfPart, part)),
    used.length,
    named.value,
  );
  if (!placed.ok || unknown.length === 0) return placed;
  const note = `The mapping names ${some(unknown)}, which ${unknown.length === 1 ? "is no op that runs" : "are no ops that run"} here: constants go where they are read.`;
  return ok({ ...placed.value, notes: [...placed.value.notes, note] });
}
