import { at } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import { backwardEdge } from "../plan/backward-edge.ts";
import type { Plan } from "../plan/plan.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import type { PlanDocument } from "./plan-document.ts";

/**
 * One sentence where the plan was made for another file than the model that is open (by SHA-256), else null; null too
 * where either digest is not known. Such a plan may still fit: see `restorePlan`.
 */
export function modelMismatch(planDocument: PlanDocument, sha256: string | null): string | null {
  const { model } = planDocument;
  if (model.sha256 === null || sha256 === null || model.sha256 === sha256) return null;
  return `The plan was made for "${model.name}" with SHA-256 ${model.sha256.slice(0, 12)}...; the model that is open has ${sha256.slice(0, 12)}....`;
}

/** "a", "b" and 3 more. */
function nameSome(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

interface Assignment {
  readonly stageOf: Int32Array;
  /** Ops of the file that the graph does not have. */
  readonly missing: readonly string[];
  readonly twice: readonly string[];
}

/**
 * By name; what is left, by the position of the node and the op's type where the file's graph and this one have as many
 * ops: as many ops alone say nothing of two models.
 */
function assign(planDocument: PlanDocument, graph: Graph): Assignment {
  const byName = new Map(graph.opNames.map((name, op) => [name, op]));
  const byNode = new Map([...graph.opNodes].map((node, op) => [node, op]));
  const stageOf = new Int32Array(graph.opCount).fill(-1);
  const twice: string[] = [];
  const planned = planDocument.stages.flatMap(({ ops }, stage) => ops.map((op) => ({ ...op, stage })));
  const unnamed = planned.filter(({ name, stage }) => {
    const op = byName.get(name);
    if (op === undefined) return true;
    if (at(stageOf, op) >= 0) twice.push(name);
    stageOf[op] = stage;
    return false;
  });
  const missing: string[] = [];
  for (const { name, index, type, stage } of unnamed) {
    const op = planned.length === graph.opCount ? byNode.get(index) : undefined;
    if (op === undefined || at(stageOf, op) >= 0 || graph.opTypes[op] !== type) missing.push(name);
    else stageOf[op] = stage;
  }
  return { stageOf, missing, twice };
}

function stagesOn(planDocument: PlanDocument, rig: Rig): Result<number[]> {
  const stages: number[] = [];
  for (const { device } of planDocument.stages) {
    const index = rig.devices.findIndex(({ id }) => id === device);
    if (index < 0) {
      const known = rig.devices.map(({ id }) => `"${id}"`).join(", ");
      return err(`The plan uses the device "${device}"; the rig has ${known}.`);
    }
    stages.push(index);
  }
  const [first] = planDocument.stages;
  if (first === undefined) return err("The plan has no stage; expected at least one.");
  return first.device === rig.source
    ? ok(stages)
    : err(`The plan's first stage is on device "${first.device}"; expected the source "${rig.source}".`);
}

/**
 * The plan of a file on a graph and a rig (usually the file's own). Ops are found by name, and by position and
 * type where the model was exported again under other names. Errors, one sentence each: ops that the graph lacks or the plan leaves
 * out, a device that the rig lacks, an empty stage, stages that run against the data. O(ops + edges).
 */
export function restorePlan(planDocument: PlanDocument, graph: Graph, rig: Rig): Result<Plan> {
  const stages = stagesOn(planDocument, rig);
  if (!stages.ok) return stages;
  const { stageOf, missing, twice } = assign(planDocument, graph);
  if (missing.length > 0) {
    return err(
      `The plan places ${missing.length === 1 ? "an op" : `${missing.length} ops`} that this model does not have: ${nameSome(missing)}; it was made for "${planDocument.model.name}".`,
    );
  }
  if (twice.length > 0) return err(`The plan places ${nameSome(twice)} more than once; expected each op in one stage.`);
  const left = graph.opNames.filter((_, op) => at(stageOf, op) < 0);
  if (left.length > 0) {
    return err(
      `The plan leaves out ${left.length === 1 ? "an op" : `${left.length} ops`} of this model: ${nameSome(left)}; it was made for "${planDocument.model.name}".`,
    );
  }
  const used = new Set(stageOf);
  const empty = planDocument.stages.findIndex((_, stage) => stage > 0 && !used.has(stage));
  if (empty >= 0) return err(`Stage ${empty} of the plan holds no op; only the first stage may be empty.`);
  const backward = backwardEdge(graph, stageOf);
  return backward === null ? ok({ stages: stages.value, stageOf }) : err(backward);
}
