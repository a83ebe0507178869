import { basename } from "node:path";
import { type AutoDiceMapping, readAutoDiceMapping } from "../core/export/import-autodice.ts";
import { type PlanDocument, parsePlan } from "../core/export/plan-document.ts";
import { modelMismatch, restorePlan } from "../core/export/restore-plan.ts";
import { Fields, parseJson } from "../core/json.ts";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { readObjective } from "../core/plan/objective-text.ts";
import type { Plan } from "../core/plan/plan.ts";
import { err, ok, type Result } from "../core/result.ts";
import { defaultRig } from "../core/rig/presets.ts";
import type { Rig } from "../core/rig/rig.ts";
import { readText } from "./files.ts";
import { additionsFor, type ModelAdditions, type OpenedFile, openFile, unboundDimensions } from "./open.ts";

/** What "plan --json" printed: stages with names only, and no rig. */
function readReport(json: unknown, fileName: string, rig: Rig): Result<PlanDocument> {
  const problems: string[] = [];
  const fields = new Fields(json, "", problems);
  const stages = fields.objects("stages").map((stage) => ({
    device: stage.text("device"),
    // No node has this position, so that only names count.
    ops: stage.textList("ops").map((name) => ({ name, index: -1, type: null })),
  }));
  const objective = readObjective(fields.text("objective", "latency"));
  if (!objective.ok) fields.reject("objective", "a figure or weights of figures");
  const [problem] = problems;
  if (problem !== undefined) {
    return err(`${fileName} is neither a plan file nor a printed plan: ${problem}`);
  }
  return ok({
    createdBy: "",
    model: { name: "another model", sha256: null, dims: new Map(), givenTypes: new Map() },
    rig,
    encoding: AS_STORED,
    objective: objective.ok ? objective.value : "latency",
    constraints: NO_CONSTRAINTS,
    stages,
    profiles: [],
    proof: null,
    predicted: { latencySeconds: null, periodSeconds: null },
    verification: null,
  });
}

/** A plan file, or what "plan --json" printed, which is taken to be for `rig` (null: the default one). */
function readPlanFile(path: string, rig: Rig | null): Result<PlanDocument> {
  const read = readAnyPlan(path, rig);
  if (!read.ok) return read;
  if (read.value.kind === "document") return ok(read.value.document);
  return err(
    `"${path}" is a mapping of AutoDiCE; make a plan file of it by "splitscope predict MODEL --plan ${path} --out PLAN.json".`,
  );
}

type AnyPlan =
  | { readonly kind: "document"; readonly document: PlanDocument }
  | { readonly kind: "mapping"; readonly mapping: AutoDiceMapping };

/** The same, and mappings of AutoDiCE. */
export function readAnyPlan(path: string, rig: Rig | null): Result<AnyPlan> {
  const text = readText(path, "a plan file");
  if (!text.ok) return text;
  const fileName = basename(path);
  const json = parseJson(text.value, fileName);
  if (!json.ok) return json;
  const mapping = readAutoDiceMapping(json.value);
  if (mapping !== null) return ok({ kind: "mapping", mapping });
  const document = readDocument(text.value, json.value, fileName, rig);
  return document.ok ? ok({ kind: "document", document: document.value }) : document;
}

function readDocument(text: string, json: unknown, fileName: string, rig: Rig | null): Result<PlanDocument> {
  const isReport = typeof json === "object" && json !== null && "stages" in json && !("format" in json);
  return isReport ? readReport(json, fileName, rig ?? defaultRig()) : parsePlan(text, fileName);
}

export interface PlannedFile extends OpenedFile {
  readonly planDocument: PlanDocument;
  readonly plan: Plan;
  /** What a person should know of how plan and model fit, one sentence each. */
  readonly notes: readonly string[];
}

/** Opens a model and lays a plan over it, on the plan's own rig and, unless others are given, for its sizes. */
export async function openPlanned(
  model: string,
  planPath: string,
  additions: ModelAdditions,
): Promise<Result<PlannedFile>> {
  const read = readPlanFile(planPath, null);
  if (!read.ok) return read;
  const planDocument = read.value;
  const opened = await openFile(model, additionsFor(additions, planDocument));
  if (!opened.ok) return opened;
  const unbound = unboundDimensions(opened.value.model);
  if (unbound !== null) return err(unbound);
  const mismatch = modelMismatch(planDocument, opened.value.sha256);
  const plan = restorePlan(planDocument, opened.value.model.graph, planDocument.rig);
  if (!plan.ok) return err(mismatch ?? plan.error);
  const notes = mismatch === null ? [] : [`${mismatch} Their ops are alike, by name or by type and position.`];
  if (planDocument.encoding.inputBytesOverride !== null) {
    notes.push(
      "The plan counts the input as source-coded; segments take it decoded, so that whoever calls the first one decodes.",
    );
  }
  return ok({ ...opened.value, planDocument, plan: plan.value, notes });
}
