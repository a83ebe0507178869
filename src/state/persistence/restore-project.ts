import { item } from "../../core/columns.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { backwardEdge } from "../../core/plan/backward-edge.ts";
import { applyConstraints } from "../../core/plan/constraints.ts";
import { withRig } from "../../core/plan/problem-rig.ts";
import { type MatchedProfile, matchProfile } from "../../core/profile/match.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Rig } from "../../core/rig/rig.ts";
import type { AppState, HistoryEntry, Overlay, Proof, Scheme, Session, Setting, StagedPlan } from "../state.ts";
import type { KeptModel, KeptPlan, KeptProject } from "./kept-project.ts";

/** What a kept project puts back into the state. */
export type RestoredState = Pick<
  AppState,
  "session" | "past" | "future" | "objective" | "overlay" | "arrivalsPerSecond" | "verifications"
>;

export interface Restored {
  readonly state: RestoredState;
  /** What did not come back, one sentence each. */
  readonly notes: readonly string[];
}

/** By op of the graph, the number that plans of the project have it under; null where they are the same. */
function renumbering(kept: KeptModel, { graph }: OpenedModel): Result<Int32Array | null> {
  const { opNames } = kept;
  if (opNames.length === graph.opCount && opNames.every((name, op) => name === graph.opNames[op])) return ok(null);
  const numbers = new Map(opNames.map((name, op) => [name, op]));
  const numberOf = new Int32Array(graph.opCount);
  for (const [op, name] of graph.opNames.entries()) {
    const number = numbers.get(name);
    if (number === undefined) {
      return err(`its plans were made for other ops: "${name}" of "${kept.fileName}" was none of them`);
    }
    numberOf[op] = number;
  }
  return ok(numberOf);
}

function planOf({ devices, stageOf }: KeptPlan, opNames: number, numberOf: Int32Array | null): StagedPlan | null {
  if (stageOf.length !== opNames) return null;
  return { devices, stageOf: numberOf === null ? stageOf : numberOf.map((number) => stageOf[number] ?? 0) };
}

function isDeviceKnown(overlay: Overlay, setting: Setting): boolean {
  const devices = overlay.kind === "plan" ? [] : overlay.kind === "ratio" ? overlay.devices : [overlay.device];
  return devices.every((id) => setting.rig.devices.some((device) => device.id === id));
}

/** Why a rig is not one that the model may have, as a clause; null where it is. A problem file has a rig of its own. */
function rigFault(rig: Rig, { given }: OpenedModel): string | null {
  if (given === null) return rig.ofProblem === true ? "its rig is that of a problem file" : null;
  return withRig(given.problem, rig).ok ? null : "its rig has other devices and links than the problem file";
}

/**
 * Lays a project over its model. The error, a clause, says why its plans are not plans of that model; a profile that no
 * longer fits is left out with a note. What steps shared, they share again. O(project + ops x plans).
 */
export function restoreProject(project: KeptProject, model: OpenedModel): Result<Restored> {
  const numberOf = renumbering(project.model, model);
  if (!numberOf.ok) return numberOf;
  const notes: string[] = [];
  const profiles = project.profiles.map((raw): MatchedProfile | null => {
    const matched = matchProfile(raw, model.graph, model.costs.macs);
    if (!matched.ok) notes.push(`A profile of "${project.name}" is left out: ${matched.error}`);
    return matched.ok ? matched.value : null;
  });
  const settings = project.settings.map(
    ({ rig, encoding, constraints, profiles: laid }): Setting => ({
      rig: item(project.rigs, rig),
      encoding,
      constraints,
      profiles: new Map(
        laid.flatMap(({ device, profile }) => {
          const matched = item(profiles, profile);
          return matched === null ? [] : [[device, matched] as const];
        }),
      ),
    }),
  );
  for (const { constraints, rig } of settings) {
    const fault = rigFault(rig, model);
    if (fault !== null) return err(fault);
    const applied = applyConstraints(constraints, model.graph, rig);
    if (!applied.ok) return err(`what its plans keep to is not of this model. ${applied.error}`);
  }
  const plans: StagedPlan[] = [];
  for (const kept of project.plans) {
    const plan = planOf(kept, project.model.opNames.length, numberOf.value);
    if (plan === null) return err(`a plan places ${kept.stageOf.length} ops of ${project.model.opNames.length}`);
    const backward = backwardEdge(model.graph, plan.stageOf);
    if (backward !== null) return err(`a plan cannot run. ${backward}`);
    plans.push(plan);
  }
  const proofs = project.proofs.map((proof): Proof => ({ ...proof, setting: item(settings, proof.setting) }));
  const proofAt = (index: number) => (index < 0 ? null : item(proofs, index));
  const schemes = project.schemes.map(
    ({ id, name, plan, proof }): Scheme => ({ id, name, plan: item(plans, plan), proof: proofAt(proof) }),
  );
  const sessions: Session[] = [];
  for (const kept of project.sessions) {
    const setting = item(settings, kept.setting);
    const plan = item(plans, kept.plan);
    const known = new Set(setting.rig.devices.map(({ id }) => id));
    const stray = plan.devices.find((id) => !known.has(id));
    if (stray !== undefined) return err(`a plan names the device "${stray}", which its rig does not have`);
    if (plan.devices[0] !== setting.rig.source) return err("a plan does not begin on the source of its rig");
    const pinned = kept.schemes.map((index) => item(schemes, index));
    sessions.push({ setting, plan, proof: proofAt(kept.proof), schemes: pinned });
  }
  const steps = (kept: KeptProject["past"]): HistoryEntry[] =>
    kept.map(({ label, session }) => ({ label, session: item(sessions, session) }));
  const session = item(sessions, project.present);
  return ok({
    state: {
      session,
      past: steps(project.past),
      future: steps(project.future),
      objective: project.objective,
      overlay: isDeviceKnown(project.overlay, session.setting) ? project.overlay : { kind: "plan" },
      arrivalsPerSecond: project.arrivalsPerSecond,
      verifications: new Map(project.verifications.map((record) => [record.fingerprint, record])),
    },
    notes,
  });
}
