import { readEncoding } from "../../core/export/plan-document.ts";
import { Fields } from "../../core/json.ts";
import { readGivenTypes } from "../../core/onnx/shapes/given-types-json.ts";
import { LARGEST_DIMENSION } from "../../core/onnx/shapes/open-dimensions.ts";
import { NO_CONSTRAINTS } from "../../core/plan/constraints.ts";
import { readConstraints, readObjectiveField } from "../../core/plan/constraints-json.ts";
import { readNativeProfile } from "../../core/profile/formats/native.ts";
import type { RawProfile } from "../../core/profile/formats/raw-profile.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Rig } from "../../core/rig/rig.ts";
import { parseRig } from "../../core/rig/schema.ts";
import { readRecord } from "../../core/verification/verification-record.ts";
import type { Overlay } from "../state.ts";
import {
  type KeptModel,
  type KeptPlan,
  type KeptProject,
  type KeptProof,
  type KeptScheme,
  type KeptSession,
  type KeptSetting,
  type KeptStep,
  PROJECT_FORMAT,
  PROJECT_VERSION,
  type ProjectSummary,
} from "./kept-project.ts";
import { type Refusal, type Upgraders, upgraded } from "./upgrade.ts";

const UPGRADERS: Upgraders = new Map();

const NATURAL = { integer: true, min: 0 } as const;
const SIZE = { integer: true, min: 1, max: LARGEST_DIMENSION } as const;
const NAME_LIMIT = 200;

/** What a list shows of a record, whatever its version; null where it is none. */
export function readSummary(record: unknown): ProjectSummary | null {
  const problems: string[] = [];
  const fields = new Fields(record, "", problems);
  const summary = summaryOf(fields);
  return problems.length === 0 && summary.id !== "" ? summary : null;
}

function summaryOf(fields: Fields): ProjectSummary {
  return {
    version: fields.number("version", { integer: true, min: 1 }),
    id: fields.text("id"),
    name: fields.text("name").slice(0, NAME_LIMIT),
    modelName: fields.text("modelName").slice(0, NAME_LIMIT),
    modifiedAt: fields.number("modifiedAt", { min: 0, max: 8.64e15 }),
  };
}

function readModel(fields: Fields): KeptModel {
  return {
    fileName: fields.text("fileName"),
    sha256: fields.textOrNull("sha256"),
    sample: fields.textOrNull("sample"),
    bindings: new Map(fields.objects("dims").map((dim) => [dim.text("name"), dim.number("size", SIZE)])),
    givenTypes: readGivenTypes(fields),
    opNames: fields.textList("opNames"),
  };
}

function readOverlay(fields: Fields): Overlay {
  const kind = fields.oneOf("kind", ["plan", "latency", "ratio", "provenance", "uncertainty"]);
  if (kind === "plan") return { kind };
  if (kind !== "ratio") return { kind, device: fields.text("device") };
  const [a, b] = fields.textList("devices");
  if (a === undefined || b === undefined) fields.reject("devices", "two devices");
  return { kind, devices: [a ?? "", b ?? ""] };
}

function readPlan(fields: Fields): KeptPlan {
  const devices = fields.textList("devices");
  const stageOf = fields.get("stageOf");
  if (!(stageOf instanceof Int32Array)) {
    fields.reject("stageOf", "32-bit integers");
    return { devices, stageOf: new Int32Array(0) };
  }
  if (stageOf.some((stage) => stage < 0 || stage >= devices.length)) {
    fields.reject("stageOf", `stages from 0 to ${devices.length - 1}`);
  }
  return { devices, stageOf };
}

/** Reads the rest of a record, whose tables refer to each other by index. */
class Tables {
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  #index(fields: Fields, name: string, table: string, least = 0): number {
    return fields.number(name, { integer: true, min: least, max: this.#fields.list(table).length - 1 });
  }

  settings(): readonly KeptSetting[] {
    return this.#fields.objects("settings").map((fields) => ({
      rig: this.#index(fields, "rig", "rigs"),
      encoding: readEncoding(fields.object("encoding")),
      constraints: fields.has("constraints") ? readConstraints(fields.object("constraints")) : NO_CONSTRAINTS,
      profiles: fields.objects("profiles").map((profile) => ({
        device: profile.text("device"),
        profile: this.#index(profile, "profile", "profiles"),
      })),
    }));
  }

  proofs(): readonly KeptProof[] {
    return this.#fields.objects("proofs").map((fields) => {
      const certificate = fields.object("certificate");
      return {
        objective: readObjectiveField(fields, "objective"),
        certificate: {
          status: certificate.oneOf("status", ["optimal", "gap", "best-found"]),
          bound: certificate.numberOrNull("bound", { min: 0 }) ?? Number.POSITIVE_INFINITY,
          scope: certificate.text("scope"),
        },
        setting: this.#index(fields, "setting", "settings"),
        value: fields.numberOrNull("value", { min: 0 }) ?? Number.POSITIVE_INFINITY,
        method: fields.text("method"),
      };
    });
  }

  schemes(): readonly KeptScheme[] {
    return this.#fields.objects("schemes").map((fields) => ({
      id: fields.number("id", NATURAL),
      name: fields.text("name"),
      plan: this.#index(fields, "plan", "plans"),
      proof: this.#index(fields, "proof", "proofs", -1),
    }));
  }

  sessions(): readonly KeptSession[] {
    const scheme = { integer: true, min: 0, max: this.#fields.list("schemes").length - 1 } as const;
    return this.#fields.objects("sessions").map((fields) => ({
      setting: this.#index(fields, "setting", "settings"),
      plan: this.#index(fields, "plan", "plans"),
      proof: this.#index(fields, "proof", "proofs", -1),
      schemes: fields.numberList("schemes", scheme),
    }));
  }

  steps(name: string): readonly KeptStep[] {
    return this.#fields.objects(name).map((fields) => ({
      label: fields.text("label"),
      session: this.#index(fields, "session", "sessions"),
    }));
  }

  present(): number {
    return this.#index(this.#fields, "present", "sessions");
  }
}

function readRigs(fields: Fields): Result<readonly Rig[]> {
  const rigs: Rig[] = [];
  for (const [index, value] of fields.list("rigs").entries()) {
    const rig = parseRig(value);
    if (!rig.ok) return err(`rigs[${index}]: ${rig.error}`);
    rigs.push(rig.value);
  }
  return ok(rigs);
}

function readProfiles(fields: Fields): Result<readonly RawProfile[]> {
  const profiles: RawProfile[] = [];
  for (const entry of fields.objects("profiles")) {
    const profile = readNativeProfile(entry.text("text"), entry.text("fileName"));
    if (!profile.ok) return profile;
    profiles.push(profile.value);
  }
  return ok(profiles);
}

/**
 * A project out of a record, every field checked. A record of a later version, and a damaged one, are told apart: see
 * `Refusal`. Whether plans fit the model is for `restoreProject` to say. O(record).
 */
export function readProject(record: unknown): Result<KeptProject, Refusal> {
  const name = readSummary(record)?.name ?? "without a name";
  const what = `The project "${name}"`;
  const current = upgraded(record, what, { format: PROJECT_FORMAT, version: PROJECT_VERSION, upgraders: UPGRADERS });
  if (!current.ok) return current;
  const damaged = (problem: string) => err({ isNewer: false, sentence: `${what} is damaged: ${problem}` });
  const problems: string[] = [];
  const fields = new Fields(current.value, "", problems);
  const rigs = readRigs(fields);
  if (!rigs.ok) return damaged(rigs.error);
  const profiles = readProfiles(fields);
  const tables = new Tables(fields);
  const project: Omit<KeptProject, "rigs" | "profiles"> = {
    ...summaryOf(fields),
    lesson: fields.textOrNull("lesson", null),
    model: readModel(fields.object("model")),
    objective: readObjectiveField(fields, "objective"),
    overlay: readOverlay(fields.object("overlay")),
    arrivalsPerSecond: fields.numberOrNull("arrivalsPerSecond", { above: 0 }),
    settings: tables.settings(),
    plans: fields.objects("plans").map(readPlan),
    proofs: tables.proofs(),
    schemes: tables.schemes(),
    sessions: tables.sessions(),
    present: tables.present(),
    past: tables.steps("past"),
    future: tables.steps("future"),
    verifications: fields.objects("verifications").flatMap((entry) => readRecord(entry) ?? []),
  };
  const [problem] = problems;
  if (problem !== undefined) return damaged(problem);
  return profiles.ok ? ok({ ...project, rigs: rigs.value, profiles: profiles.value }) : damaged(profiles.error);
}
