import { planOfMapping, readAutoDiceMapping } from "../core/export/import-autodice.ts";
import { planOfCuts } from "../core/export/import-cuts.ts";
import { planOfPartition } from "../core/export/import-pipeedge.ts";
import type { ImportedPlan } from "../core/export/imported-plan.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { parseJson } from "../core/json.ts";
import { checkPlan } from "../core/plan/validity.ts";
import { err, ok, type Result } from "../core/result.ts";
import { planById, problemOf } from "./derive.ts";
import { isPartition } from "./file-kind.ts";
import type { AppState, Session } from "./state.ts";

/** A session with a plan that was made elsewhere, and what a person should know of how it was read. */
export interface ImportedSession {
  readonly session: Session;
  readonly notes: readonly string[];
}

/** The plan on the open model and the rig on screen, if it can run there. */
function sessionOf({ session }: AppState, model: OpenedModel, imported: Result<ImportedPlan>): Result<ImportedSession> {
  if (!imported.ok) return imported;
  const { setting } = session;
  const { plan, notes } = imported.value;
  const problem = problemOf(model, setting);
  if (!problem.ok) return problem;
  const [error] = checkPlan(problem.value, plan, model.graph).errors;
  if (error !== undefined) return err(`The plan cannot run: ${error}`);
  return ok({ session: { ...session, plan: planById(plan, setting.rig), proof: null }, notes });
}

/** A mapping.json of AutoDiCE. */
export function sessionOfMapping(state: AppState, text: string, fileName: string): Result<ImportedSession> {
  const { model, session } = state;
  const json = parseJson(text, fileName);
  if (!json.ok) return json;
  const mapping = readAutoDiceMapping(json.value);
  if (mapping === null) return err(`${fileName} is no mapping of AutoDiCE; expected lists of ops by host.`);
  if (model === null) return err(`Open the model first, then its mapping ${fileName}.`);
  return sessionOf(state, model, planOfMapping(mapping, model.graph, session.setting.rig, null));
}

/** Names between commas and line ends. A name may hold a comma itself: a line that is a tensor stays whole. */
function namesIn(text: string, known: ReadonlySet<string>): readonly string[] {
  const lines = text.split("\n").map((name) => name.trim());
  const names = lines.flatMap((name) => (known.has(name) ? [name] : name.split(",").map((part) => part.trim())));
  return names.filter((name) => name !== "");
}

/**
 * Whether a text is tensors of the model to cut at. One name to a line, or all in one line, may be misspelt as long as
 * most are right; a table, whose lines hold several, has nothing but tensors.
 */
export function namesTensors(text: string, { graph }: OpenedModel): boolean {
  const known = new Set(graph.tensorNames);
  const names = namesIn(text, known);
  const right = names.filter((name) => known.has(name)).length;
  const isTable = text.trim().includes("\n") && text.includes(",");
  return right > 0 && (right === names.length || (!isTable && 2 * right > names.length));
}

/** Names of tensors to cut at, with commas or line ends between, or PipeEdge's layers ("1,24,25,48"). */
export function sessionOfCuts(state: AppState, text: string): Result<ImportedSession> {
  const { model, session } = state;
  if (model === null) return err("Open a model first.");
  const { rig } = session.setting;
  const known = new Set(model.graph.tensorNames);
  const given = namesIn(text, known);
  // Tensors may be called by numbers, as layers are.
  if (isPartition(text) && !given.every((name) => known.has(name))) {
    return sessionOf(state, model, planOfPartition(text.trim(), model, rig, null));
  }
  if (given.length === 0) return err("No tensor is named; expected names with commas or line ends between.");
  return sessionOf(state, model, planOfCuts(given, model.graph, rig, null));
}
