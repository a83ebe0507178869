import type { Graph } from "../../core/graph/graph.ts";
import { givenTypesJson } from "../../core/onnx/shapes/given-types-json.ts";
import { constraintsJson } from "../../core/plan/constraints-json.ts";
import { listedProfile } from "../../core/profile/apply.ts";
import { writeProfile } from "../../core/profile/formats/native.ts";
import type { MatchedProfile } from "../../core/profile/match.ts";
import type { Rig } from "../../core/rig/rig.ts";
import { rigJson } from "../../core/rig/schema.ts";
import { recordJson } from "../../core/verification/verification-record.ts";
import type { AppState, HistoryEntry, Proof, Scheme, Session, Setting, StagedPlan } from "../state.ts";
import { PROJECT_FORMAT, type ProjectSummary } from "./kept-project.ts";

/** Steps kept each way: the nearest ones, and no more of them than fit. */
const MOST_STEPS = 50;
const MOST_VERIFICATIONS = 50;
const MOST_PLAN_BYTES = 8 * 1024 * 1024;

/** Rows of a record by the identity of what they were made of. */
class Table<T extends object> {
  readonly rows: object[] = [];
  readonly #indices = new Map<T, number>();
  readonly #write: (value: T) => object;

  constructor(write: (value: T) => object) {
    this.#write = write;
  }

  index(value: T): number {
    const known = this.#indices.get(value);
    if (known !== undefined) return known;
    // What it is made of may add rows to other tables, never to this one.
    const row = this.#write(value);
    const index = this.rows.push(row) - 1;
    this.#indices.set(value, index);
    return index;
  }
}

const profileTexts = new WeakMap<MatchedProfile, string>();

/** Native text of a profile; profiles are large, and the same from one save to the next. */
function profileText(profile: MatchedProfile, graph: Graph): string {
  const known = profileTexts.get(profile);
  if (known !== undefined) return known;
  const text = writeProfile(listedProfile(profile, graph));
  profileTexts.set(profile, text);
  return text;
}

const finiteOrNull = (value: number) => (Number.isFinite(value) ? value : null);

/** The most that a session adds to what is kept, in bytes. */
const sizeOf = (session: Session) =>
  4 * (session.plan.stageOf.length + session.schemes.reduce((sum, { plan }) => sum + plan.stageOf.length, 0));

function nearest(entries: readonly HistoryEntry[], room: number): readonly HistoryEntry[] {
  let left = room;
  const end = entries.findIndex(({ session }, index) => {
    left -= sizeOf(session);
    return index >= MOST_STEPS || left < 0;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

/**
 * The state as a record that structured cloning takes (`readProject` reads it); null without a model. O(what is kept);
 * at most 50 steps of history each way.
 */
export function projectRecord(state: AppState, summary: ProjectSummary): object | null {
  const { model, source, session, digest } = state;
  if (model === null || source === null) return null;
  const { graph } = model;

  const rigs = new Table<Rig>(rigJson);
  const profiles = new Table<MatchedProfile>((profile) => ({
    fileName: profile.raw.fileName,
    text: profileText(profile, graph),
  }));
  const settings = new Table<Setting>((setting) => ({
    rig: rigs.index(setting.rig),
    encoding: setting.encoding,
    constraints: constraintsJson(setting.constraints),
    profiles: [...setting.profiles].map(([device, profile]) => ({ device, profile: profiles.index(profile) })),
  }));
  const plans = new Table<StagedPlan>(({ devices, stageOf }) => ({ devices, stageOf }));
  const proofs = new Table<Proof>(({ objective, certificate, setting, value, method }) => ({
    objective,
    certificate: { ...certificate, bound: finiteOrNull(certificate.bound) },
    setting: settings.index(setting),
    value: finiteOrNull(value),
    method,
  }));
  const proofOf = (proof: Proof | null) => (proof === null ? -1 : proofs.index(proof));
  const schemes = new Table<Scheme>(({ id, name, plan, proof }) => ({
    id,
    name,
    plan: plans.index(plan),
    proof: proofOf(proof),
  }));
  const sessions = new Table<Session>((one) => ({
    setting: settings.index(one.setting),
    plan: plans.index(one.plan),
    proof: proofOf(one.proof),
    schemes: one.schemes.map((scheme) => schemes.index(scheme)),
  }));
  const steps = (entries: readonly HistoryEntry[]) =>
    entries.map((entry) => ({ label: entry.label, session: sessions.index(entry.session) }));

  const history = {
    present: sessions.index(session),
    past: steps(nearest(state.past.toReversed(), MOST_PLAN_BYTES).toReversed()),
    future: steps(nearest(state.future, MOST_PLAN_BYTES)),
  };
  return {
    format: PROJECT_FORMAT,
    ...summary,
    lesson: state.project.lesson,
    model: {
      fileName: model.fileName,
      sha256: digest,
      sample: source.kind === "sample" ? source.id : null,
      dims: [...model.bindings].map(([name, size]) => ({ name, size })),
      givenTypes: givenTypesJson(model.givenTypes),
      opNames: graph.opNames,
    },
    objective: state.objective,
    overlay: state.overlay,
    arrivalsPerSecond: state.arrivalsPerSecond,
    rigs: rigs.rows,
    profiles: profiles.rows,
    settings: settings.rows,
    plans: plans.rows,
    proofs: proofs.rows,
    schemes: schemes.rows,
    sessions: sessions.rows,
    ...history,
    verifications: [...state.verifications.values()].slice(-MOST_VERIFICATIONS).map((verification) => ({
      verification: recordJson(verification),
    })),
  };
}
