import { at, item } from "../../core/columns.ts";
import { type ModelReference, readDigest, readStated, statedJson } from "../../core/export/model-reference.ts";
import { type PlanDocument, type PlannedOp, readEncoding } from "../../core/export/plan-document.ts";
import type { Graph } from "../../core/graph/graph.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { Fields, parseJson } from "../../core/json.ts";
import type { Encoding } from "../../core/plan/build-problem.ts";
import type { Constraints } from "../../core/plan/constraints.ts";
import { constraintsJson, readConstraints, readObjectiveField } from "../../core/plan/constraints-json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Rig } from "../../core/rig/rig.ts";
import { parseRig, rigJson } from "../../core/rig/schema.ts";
import type { Objective } from "../../core/solve/solver.ts";
import type { AppState } from "../state.ts";
import { packText, unpackText } from "./packed-text.ts";
import { type Upgraders, upgraded } from "./upgrade.ts";

const LINK_FORMAT = "splitscope-link";
const LINK_VERSION = 1;
const UPGRADERS: Upgraders = new Map();
/** Before the packed text in an address's hash. */
const PREFIX = "#plan=";

/** Longest hash that is read or made, in characters. */
const MOST_LINK = 64 * 1024;
/** Most that one may unpack to, in bytes. */
const MOST_UNPACKED = 2 * 1024 * 1024;

/** Neighbouring nodes of the model's file in one stage: the stage, and how many nodes. */
type Run = readonly [stage: number, nodes: number];

/** What a link says: a plan on a rig, of a model that is named by its digest. */
export interface SharedPlan {
  readonly model: ModelReference & {
    readonly sha256: string;
    /** Id of a built-in sample, null for a file. */
    readonly sample: string | null;
  };
  readonly rig: Rig;
  readonly encoding: Encoding;
  readonly objective: Objective;
  readonly constraints: Constraints;
  readonly devices: readonly string[];
  /** By the nodes' order in the file; those that are no op of the graph go with the node before. */
  readonly runs: readonly Run[];
}

/** Ops in the order of their nodes. */
function byNode({ opNodes }: Graph): readonly number[] {
  return [...opNodes.keys()].sort((a, b) => at(opNodes, a) - at(opNodes, b));
}

/** Stages by node, shortest: a node that is no op continues the run that it lies in. O(ops log ops). */
function runsOf(graph: Graph, stageOf: Int32Array): readonly Run[] {
  const runs: [number, number][] = [];
  let covered = 0;
  for (const op of byNode(graph)) {
    const node = at(graph.opNodes, op);
    const stage = at(stageOf, op);
    const last = runs.at(-1);
    if (last !== undefined && last[0] === stage) last[1] += node + 1 - covered;
    else runs.push([stage, node + 1 - covered]);
    covered = node + 1;
  }
  return runs;
}

/** The plan of a link on the graph of its model, in the form that plan files have. */
export function sharedDocument(shared: SharedPlan, graph: Graph): PlanDocument {
  const stages = shared.devices.map((device) => ({ device, ops: [] as PlannedOp[] }));
  let run = 0;
  let end = shared.runs[0]?.[1] ?? 0;
  for (const op of byNode(graph)) {
    const index = at(graph.opNodes, op);
    while (index >= end && run + 1 < shared.runs.length) {
      run++;
      end += item(shared.runs, run)[1];
    }
    const stage = shared.runs[run]?.[0] ?? 0;
    if (index < end) stages[stage]?.ops.push({ name: item(graph.opNames, op), index, type: item(graph.opTypes, op) });
  }
  return {
    createdBy: "",
    model: shared.model,
    rig: shared.rig,
    encoding: shared.encoding,
    objective: shared.objective,
    constraints: shared.constraints,
    stages,
    profiles: [],
    proof: null,
    predicted: { latencySeconds: null, periodSeconds: null },
    verification: null,
  };
}

/** What a link to the plan on screen says; `sha256` is the model's. */
export function sharedPlan(state: AppState, model: OpenedModel, sha256: string): SharedPlan {
  const { source, session, objective } = state;
  const { rig, encoding, constraints } = session.setting;
  return {
    model: {
      name: model.fileName,
      sha256,
      sample: source?.kind === "sample" ? source.id : null,
      dims: model.bindings,
      givenTypes: model.givenTypes,
    },
    rig,
    encoding,
    objective,
    constraints,
    devices: session.plan.devices,
    runs: runsOf(model.graph, session.plan.stageOf),
  };
}

/** The hash of an address that says so; a sentence where it would be longer than addresses should be. O(plan). */
export async function linkHash(shared: SharedPlan): Promise<Result<string>> {
  const { model, rig, constraints, ...rest } = shared;
  const json = JSON.stringify({
    format: LINK_FORMAT,
    version: LINK_VERSION,
    model: { ...model, ...statedJson(model) },
    rig: rigJson(rig),
    constraints: constraintsJson(constraints),
    ...rest,
  });
  const hash = PREFIX + (await packText(json));
  if (hash.length <= MOST_LINK && json.length <= MOST_UNPACKED) return ok(hash);
  return err(
    `A link to this plan would have ${hash.length.toLocaleString("en-US")} characters, more than ${MOST_LINK.toLocaleString("en-US")}; export the plan as a file instead.`,
  );
}

function readRun(value: unknown, stages: number): Run | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [stage, nodes]: unknown[] = value;
  if (typeof stage !== "number" || typeof nodes !== "number") return null;
  const fine = Number.isInteger(stage) && stage >= 0 && stage < stages && Number.isSafeInteger(nodes) && nodes > 0;
  return fine ? [stage, nodes] : null;
}

function readRuns(fields: Fields, stages: number): readonly Run[] {
  return fields.list("runs").map((value) => {
    const run = readRun(value, stages);
    if (run === null) fields.reject("runs", `pairs of a stage from 0 to ${stages - 1} and a number of nodes`);
    return run ?? [0, 1];
  });
}

/** Whether an address's hash is meant as a link to a plan. */
export const isLink = (hash: string): boolean => hash.startsWith(PREFIX);

/** What a link says, every field checked. The sentence on failure says whether it is damaged or of a later version. */
export async function readLink(hash: string): Promise<Result<SharedPlan>> {
  const damaged = (why: string) => err(`The link in the address is damaged: ${why}.`);
  if (hash.length > MOST_LINK) return damaged(`it has more than ${MOST_LINK.toLocaleString("en-US")} characters`);
  const text = await unpackText(hash.slice(PREFIX.length), MOST_UNPACKED);
  if (!text.ok) return damaged(text.error);
  const json = parseJson(text.value, "its text");
  if (!json.ok) return damaged(json.error.replace(/\.$/, ""));
  const current = upgraded(json.value, "The link in the address", {
    format: LINK_FORMAT,
    version: LINK_VERSION,
    upgraders: UPGRADERS,
  });
  if (!current.ok) return err(current.error.sentence);
  const problems: string[] = [];
  const fields = new Fields(current.value, "", problems);
  const rig = parseRig(fields.get("rig"));
  if (!rig.ok) return damaged(rig.error.replace(/\.$/, ""));
  const model = fields.object("model");
  // Without one it would be of no model.
  const sha256 = readDigest(model) ?? model.text("sha256");
  const devices = fields.textList("devices");
  const shared: SharedPlan = {
    model: {
      name: model.text("name").slice(0, 200),
      sha256,
      sample: model.textOrNull("sample", null),
      ...readStated(model),
    },
    rig: rig.value,
    encoding: readEncoding(fields.object("encoding")),
    objective: readObjectiveField(fields, "objective"),
    constraints: readConstraints(fields.object("constraints")),
    devices,
    runs: readRuns(fields, devices.length),
  };
  const [problem] = problems;
  return problem === undefined ? ok(shared) : damaged(problem.replace(/\.$/, ""));
}
