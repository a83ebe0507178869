import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { FIGURES, type Limits } from "./objective.ts";
import type { Conditions, Delivery } from "./problem.ts";

/** An op, by its name, or all ops of a module, by its path ("encoder/layer0"), kept on one device. */
export interface Pin {
  readonly op: string;
  /** Id in the rig. */
  readonly device: string;
}

/** What a person asks of every plan of a model on a rig, by names. */
export interface Constraints {
  readonly pins: readonly Pin[];
  /** The first so many ops, in the order of the graph, stay on the source device. */
  readonly firstOpsOnSource: number;
  /** Ids of devices that run nothing. */
  readonly forbiddenDevices: readonly string[];
  /** Most stages that may hold an op; null = any number. */
  readonly maxStages: number | null;
  /** Most bytes per inference over a link, both directions together. */
  readonly linkMaxBytes: readonly { readonly link: string; readonly bytes: number }[];
  /** Ops, or modules, that are kept on one device together, wherever that is. */
  readonly groups: readonly (readonly string[])[];
  readonly delivery: Exclude<Delivery, "port">;
  /** Whether a device computes while it sends and receives. */
  readonly overlap: boolean;
  /** Inferences that wait in front of each stage beyond the one at work, in memory. */
  readonly queuedFrames: number;
  /** Upper limits on figures, for solvers; no part of the problem. */
  readonly limits: Limits;
}

export const NO_CONSTRAINTS: Constraints = {
  pins: [],
  firstOpsOnSource: 0,
  forbiddenDevices: [],
  maxStages: null,
  linkMaxBytes: [],
  groups: [],
  delivery: "relayed",
  overlap: true,
  queuedFrames: 0,
  limits: {},
};

/** Constraints as columns: what they say of a problem, and per device the ops that are kept off it. */
export interface AppliedConstraints {
  readonly conditions: Conditions;
  readonly barred: readonly Uint8Array[];
}

const quoted = (ids: readonly string[]) => ids.map((id) => `"${id}"`).join(", ");

/** Ops by the name of the op or of a module that it lies in. O(ops x depth). */
class OpIndex {
  readonly #opNames: readonly string[];
  /** Made for the first name that is asked for: most settings name none. */
  #byName: ReadonlyMap<string, readonly number[]> | null = null;

  constructor({ opNames }: Graph) {
    this.#opNames = opNames;
  }

  #index(): ReadonlyMap<string, readonly number[]> {
    const byName = new Map<string, number[]>();
    const add = (name: string, op: number) => {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [op]);
      else if (known.at(-1) !== op) known.push(op);
    };
    for (const [op, name] of this.#opNames.entries()) {
      add(name, op);
      for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
        add(name.slice(0, end), op);
        add(name.slice(0, end + 1), op);
      }
    }
    return byName;
  }

  find(name: string): Result<readonly number[]> {
    this.#byName ??= this.#index();
    const ops = this.#byName.get(name);
    if (ops !== undefined) return ok(ops);
    return err(`A constraint names "${name}"; expected the name of an op of the model, or of a module of it.`);
  }
}

/** Numbers of groups by op; groups that have an op in common become one. */
export function mergeGroups(groups: readonly (readonly number[])[], opCount: number): Int32Array {
  const groupOf = new Int32Array(opCount).fill(-1);
  for (const [number, ops] of groups.entries()) {
    const joined = new Set(ops.map((op) => at(groupOf, op)).filter((group) => group >= 0));
    if (joined.size > 0) {
      for (const [op, group] of groupOf.entries()) if (joined.has(group)) groupOf[op] = number;
    }
    for (const op of ops) groupOf[op] = number;
  }
  return groupOf;
}

function countProblem(what: string, value: number, least: number): string | null {
  return Number.isInteger(value) && value >= least
    ? null
    : `${what} is ${value}; expected a whole number of at least ${least}.`;
}

function numbersProblem(constraints: Constraints, graph: Graph): string | null {
  const { firstOpsOnSource, maxStages, queuedFrames, linkMaxBytes, limits } = constraints;
  if (firstOpsOnSource > graph.opCount) {
    return `The first ${firstOpsOnSource} ops are to stay on the source; the model has ${graph.opCount}.`;
  }
  const limit = FIGURES.find((name) => limits[name] !== undefined && !((limits[name] ?? 0) >= 0));
  if (limit !== undefined) return `The limit on ${limit} is ${limits[limit]}; expected a number of at least 0.`;
  const cap = linkMaxBytes.find(({ bytes }) => !(bytes >= 0));
  if (cap !== undefined) return `The limit of link "${cap.link}" is ${cap.bytes} bytes; expected at least 0.`;
  return (
    countProblem("The number of first ops on the source", firstOpsOnSource, 0) ??
    (maxStages === null ? null : countProblem("The largest number of stages", maxStages, 1)) ??
    countProblem("The number of queued inferences", queuedFrames, 0)
  );
}

/**
 * Constraints on a model's graph and a rig, names resolved. Fails with one sentence on a name that neither has, on
 * two pins of one op and on numbers out of range. O(ops x (depth of modules + devices) + links).
 */
export function applyConstraints(constraints: Constraints, graph: Graph, rig: Rig): Result<AppliedConstraints> {
  const wrong = numbersProblem(constraints, graph);
  if (wrong !== null) return err(wrong);
  const deviceOf = (id: string) => rig.devices.findIndex((device) => device.id === id);
  const known = quoted(rig.devices.map(({ id }) => id));
  const pinned = new Int32Array(graph.opCount).fill(-1);
  pinned.fill(deviceOf(rig.source), 0, constraints.firstOpsOnSource);
  const index = new OpIndex(graph);
  for (const { op: name, device } of constraints.pins) {
    const number = deviceOf(device);
    if (number < 0) return err(`"${name}" is pinned to device "${device}"; the rig has ${known}.`);
    const ops = index.find(name);
    if (!ops.ok) return ops;
    for (const op of ops.value) {
      const other = at(pinned, op);
      if (other >= 0 && other !== number) {
        return err(
          `Op "${item(graph.opNames, op)}" is pinned to device "${device}" and to "${item(rig.devices, other).id}"; expected one of them.`,
        );
      }
      pinned[op] = number;
    }
  }
  const stray = constraints.forbiddenDevices.find((id) => deviceOf(id) < 0);
  if (stray !== undefined) return err(`The device "${stray}" is forbidden; the rig has ${known}.`);
  const linkMaxBytes = new Float64Array(rig.links.length).fill(Number.POSITIVE_INFINITY);
  for (const { link: id, bytes } of constraints.linkMaxBytes) {
    const link = rig.links.findIndex((candidate) => candidate.id === id);
    if (link < 0)
      return err(`The bytes of link "${id}" are limited; the rig has ${quoted(rig.links.map((l) => l.id))}.`);
    linkMaxBytes[link] = bytes;
  }
  const groups: number[][] = [];
  for (const names of constraints.groups) {
    const ops: number[] = [];
    for (const name of names) {
      const found = index.find(name);
      if (!found.ok) return found;
      ops.push(...found.value);
    }
    groups.push(ops);
  }
  const barred = rig.devices.map(({ id }, device) => {
    const forbidden = constraints.forbiddenDevices.includes(id);
    return Uint8Array.from(pinned, (pin) => (forbidden || (pin >= 0 && pin !== device) ? 1 : 0));
  });
  return ok({
    barred,
    conditions: {
      groupOf: mergeGroups(groups, graph.opCount),
      maxStages: constraints.maxStages ?? Number.POSITIVE_INFINITY,
      linkMaxBytes,
      delivery: constraints.delivery,
      overlap: constraints.overlap,
      queuedFrames: constraints.queuedFrames,
    },
  });
}
