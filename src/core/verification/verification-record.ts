import type { Fields } from "../json.ts";
import { OPTIMISATION_LEVELS } from "../profile/optimisation-level.ts";
import type { Measurement } from "./measurement.ts";
import type { OutputDifference, Verification } from "./verification.ts";

/** What was found out about the segments of a plan, kept with it. */
export interface VerificationRecord {
  /** `segmentsFingerprint` of the plan that it is about; for another one it says nothing. */
  readonly fingerprint: string;
  readonly verification: Verification | null;
  readonly measurement: Measurement | null;
}

const VERIFICATION_VERSION = 1;

/** JSON has no number for what is infinitely far apart. */
const finite = (value: number) => (Number.isFinite(value) ? value : null);

const differencesJson = (outputs: readonly OutputDifference[]) =>
  outputs.map((output) => ({
    ...output,
    maxAbsolute: finite(output.maxAbsolute),
    maxRelative: finite(output.maxRelative),
  }));

/** A verification as plain JSON (null for infinite differences). O(outputs + stages). */
export function verificationJson(verification: Verification) {
  const { outputs, encoded } = verification;
  return {
    ...verification,
    outputs: differencesJson(outputs),
    encoded: encoded === null ? null : { ...encoded, outputs: differencesJson(encoded.outputs) },
  };
}

/** A record as plain JSON, with its version (public/schema/splitscope-plan.schema.json). */
export function recordJson({ fingerprint, verification, measurement }: VerificationRecord): object {
  return {
    version: VERIFICATION_VERSION,
    segments: fingerprint,
    result: verification === null ? null : verificationJson(verification),
    measurement,
  };
}

const NATURAL = { integer: true, min: 0 } as const;
const TIME = { min: 0 } as const;
const WIRE_FORMATS = ["as-stored", "f16", "u8"] as const;

const flag = (fields: Fields, name: string): boolean => {
  const value = fields.get(name);
  if (typeof value !== "boolean") fields.reject(name, "true or false");
  return value === true;
};

const readDifferences = (fields: Fields): OutputDifference[] =>
  fields.objects("outputs").map((output) => ({
    name: output.text("name"),
    elementType: output.text("elementType"),
    dims: output.numberList("dims", NATURAL),
    bitEqual: flag(output, "bitEqual"),
    maxAbsolute: output.numberOrNull("maxAbsolute", TIME) ?? Number.POSITIVE_INFINITY,
    maxRelative: output.numberOrNull("maxRelative", TIME) ?? Number.POSITIVE_INFINITY,
  }));

function readVerification(fields: Fields): Verification {
  const whole = fields.object("whole");
  const random = (fields.get("random") ?? null) === null ? null : fields.object("random");
  const encoded = (fields.get("encoded") ?? null) === null ? null : fields.object("encoded");
  return {
    verdict: fields.oneOf("verdict", ["bit-equal", "close", "different"]),
    tolerance: fields.number("tolerance", TIME),
    runtime: fields.text("runtime"),
    level: fields.oneOf("level", OPTIMISATION_LEVELS),
    seed: fields.numberOrNull("seed", NATURAL),
    given: fields.objects("given").map((one) => ({ name: one.text("name"), file: one.text("file") })),
    outputs: readDifferences(fields),
    random: random === null ? null : { name: random.text("name"), opType: random.text("opType") },
    encoded:
      encoded === null
        ? null
        : {
            input: encoded.oneOf("input", WIRE_FORMATS),
            cut: encoded.oneOf("cut", WIRE_FORMATS),
            outputs: readDifferences(encoded),
          },
    whole: { loadSeconds: whole.number("loadSeconds", TIME), runSeconds: whole.number("runSeconds", TIME) },
    stages: fields.objects("stages").map((stage) => ({
      stage: stage.number("stage", NATURAL),
      fileName: stage.text("fileName"),
      bytes: stage.number("bytes", NATURAL),
      inputs: stage.textList("inputs"),
      outputs: stage.textList("outputs"),
      loadSeconds: stage.number("loadSeconds", TIME),
      runSeconds: stage.number("runSeconds", TIME),
    })),
    transfers: fields.objects("transfers").map((transfer) => ({
      from: transfer.number("from", NATURAL),
      to: transfer.number("to", NATURAL),
      tensors: transfer.textList("tensors"),
      bytes: transfer.number("bytes", NATURAL),
    })),
  };
}

function readMeasurement(fields: Fields): Measurement {
  return {
    runtime: fields.text("runtime"),
    device: fields.text("device"),
    stages: fields.objects("stages").map((stage) => ({
      stage: stage.number("stage", NATURAL),
      predictedSeconds: stage.number("predictedSeconds", TIME),
      measuredSeconds: stage.number("measuredSeconds", { above: 0 }),
      spread: stage.numberOrNull("spread", TIME),
      runs: stage.number("runs", NATURAL),
    })),
    transfers: fields.objects("transfers").map((transfer) => ({
      from: transfer.number("from", NATURAL),
      to: transfer.number("to", NATURAL),
      predictedBytes: transfer.number("predictedBytes", TIME),
      measuredBytes: transfer.number("measuredBytes", TIME),
    })),
  };
}

/** The record in field "verification" of a plan document, null where there is none; notes bad fields. */
export function readRecord(plan: Fields): VerificationRecord | null {
  const has = (fields: Fields, name: string) => (fields.get(name) ?? null) !== null;
  if (!has(plan, "verification")) return null;
  const fields = plan.object("verification");
  fields.number("version", { integer: true, min: 1, max: VERIFICATION_VERSION });
  return {
    fingerprint: fields.text("segments"),
    verification: has(fields, "result") ? readVerification(fields.object("result")) : null,
    measurement: has(fields, "measurement") ? readMeasurement(fields.object("measurement")) : null,
  };
}
