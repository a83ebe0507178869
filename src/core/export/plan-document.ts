import { Fields, parseJson } from "../json.ts";
import type { Encoding } from "../plan/build-problem.ts";
import type { Constraints } from "../plan/constraints.ts";
import { readConstraints, readObjectiveField } from "../plan/constraints-json.ts";
import { readNativeProfile } from "../profile/formats/native.ts";
import type { RawProfile } from "../profile/formats/raw-profile.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { parseRig } from "../rig/schema.ts";
import type { Objective } from "../solve/solver.ts";
import { readRecord, type VerificationRecord } from "../verification/verification-record.ts";
import type { PlanProof } from "./export-subject.ts";
import { type ModelReference, readDigest, readStated } from "./model-reference.ts";

export const PLAN_FORMAT = "splitscope-plan";
export const PLAN_VERSION = 2;

/** One op of a stage: its name, and the position of its node in the model file's main graph. */
export interface PlannedOp {
  readonly name: string;
  readonly index: number;
  /** The op's type, such as "Conv"; null where the file does not say it. */
  readonly type: string | null;
}

/** A plan file as read: everything that cannot be computed again, and what the file claims of the rest. */
export interface PlanDocument {
  readonly createdBy: string;
  readonly model: ModelReference;
  readonly rig: Rig;
  readonly encoding: Encoding;
  readonly objective: Objective;
  readonly constraints: Constraints;
  readonly stages: readonly { readonly device: string; readonly ops: readonly PlannedOp[] }[];
  readonly profiles: readonly { readonly device: string; readonly profile: RawProfile }[];
  /** The file's claim: it holds for the figures that the file was written from, and was not checked here. */
  readonly proof: PlanProof | null;
  /** Seconds as predicted when the file was written; null for a plan that could not run. */
  readonly predicted: { readonly latencySeconds: number | null; readonly periodSeconds: number | null };
  /** What was found out about its segments; it holds where its fingerprint is that of the restored plan. */
  readonly verification: VerificationRecord | null;
}

/** Turns a document of version `key` into one of the next version. */
type Upgraders = ReadonlyMap<number, (document: unknown) => unknown>;

/** Version 1 knew no constraints. */
const UPGRADERS: Upgraders = new Map([
  [1, (old) => (typeof old === "object" ? { ...old, version: 2, constraints: {} } : old)],
]);

/** The document in the version that `target` names, step by step. A missing step is a bug of ours. */
export function upgradePlan(document: unknown, from: number, target: number, upgraders: Upgraders): unknown {
  let current = document;
  for (let version = from; version < target; version++) {
    const upgrade = upgraders.get(version);
    if (upgrade === undefined) throw new Error(`no upgrade from plan version ${version}`);
    current = upgrade(current);
  }
  return current;
}

const NATURAL = { integer: true, min: 0 } as const;
const WIRE_FORMATS = ["as-stored", "f16", "u8"] as const;

function readProof(fields: Fields): PlanProof | null {
  if ((fields.get("certificate") ?? null) === null) return null;
  const certificate = fields.object("certificate");
  return {
    certificate: {
      status: certificate.oneOf("status", ["optimal", "gap", "best-found"]),
      bound: certificate.numberOrNull("bound", { min: 0 }, 0) ?? 0,
      scope: certificate.text("scope"),
    },
    value: certificate.numberOrNull("value", { min: 0 }) ?? Number.POSITIVE_INFINITY,
    method: certificate.text("method", ""),
  };
}

/** An encoding as part of a file; notes bad fields. */
export function readEncoding(fields: Fields): Encoding {
  return {
    input: fields.oneOf("input", WIRE_FORMATS),
    cut: fields.oneOf("cut", WIRE_FORMATS),
    inputBytesOverride: fields.numberOrNull("inputBytesOverride", { min: 0 }, null),
  };
}

/** The measured profiles as part of a file; notes bad fields, and fails on a profile that cannot be read. */
export function readProfiles(fields: Fields): Result<PlanDocument["profiles"]> {
  const profiles: { device: string; profile: RawProfile }[] = [];
  for (const entry of fields.objects("profiles", [])) {
    const device = entry.text("device");
    const profile = readNativeProfile(JSON.stringify(entry.get("profile") ?? null), entry.text("fileName", device));
    if (!profile.ok) return err(`The profile of device "${device}" cannot be read: ${profile.error}`);
    profiles.push({ device, profile: profile.value });
  }
  return ok(profiles);
}

/** The version, or why this is no plan file that can be read here. */
function readVersion(json: unknown, fileName: string): Result<number> {
  const problems: string[] = [];
  const fields = new Fields(json, fileName, problems);
  if (problems.length === 0 && fields.get("format") !== PLAN_FORMAT) fields.reject("format", `"${PLAN_FORMAT}"`);
  if (problems.length > 0) return err(`This is not a plan file: ${problems[0] ?? ""}`);
  const version = fields.number("version", { integer: true, min: 1 });
  if (problems.length > 0) return err(`This plan file cannot be read: ${problems[0] ?? ""}`);
  return version > PLAN_VERSION
    ? err(`${fileName} has version ${version}; this version of Splitscope reads up to ${PLAN_VERSION}.`)
    : ok(version);
}

/**
 * A plan out of a file's text. On failure one sentence: not a plan file, of a later version, or the first bad field
 * by its path, its value and what was expected. Whether it fits a model is for `restorePlan` to say. O(length).
 */
export function parsePlan(text: string, fileName = "the plan"): Result<PlanDocument> {
  const parsed = parseJson(text, fileName);
  if (!parsed.ok) return parsed;
  const version = readVersion(parsed.value, fileName);
  if (!version.ok) return version;
  const problems: string[] = [];
  const fields = new Fields(upgradePlan(parsed.value, version.value, PLAN_VERSION, UPGRADERS), "", problems);
  const rig = parseRig(fields.get("rig"));
  if (!rig.ok) return rig;
  const profiles = readProfiles(fields);
  const model = fields.object("model");
  const prediction = fields.object("prediction");
  const planDocument = {
    createdBy: fields.text("createdBy", ""),
    model: {
      name: model.text("name"),
      sha256: readDigest(model),
      ...readStated(model),
    },
    rig: rig.value,
    encoding: readEncoding(fields.object("encoding")),
    objective: readObjectiveField(fields, "objective"),
    constraints: readConstraints(fields.object("constraints")),
    stages: fields
      .object("assignment")
      .objects("stages")
      .map((stage) => ({
        device: stage.text("device"),
        ops: stage.objects("ops").map((op) => ({
          name: op.text("name"),
          index: op.number("index", NATURAL),
          type: op.textOrNull("type", null),
        })),
      })),
    proof: readProof(fields),
    predicted: {
      latencySeconds: prediction.numberOrNull("latencySeconds", { min: 0 }, null),
      periodSeconds: prediction.numberOrNull("periodSeconds", { min: 0 }, null),
    },
    verification: readRecord(fields),
  };
  const [problem] = problems;
  if (problem !== undefined) return err(`${fileName} has a bad field: ${problem}`);
  return profiles.ok ? ok({ ...planDocument, profiles: profiles.value }) : profiles;
}
