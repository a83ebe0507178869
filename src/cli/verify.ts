import { basename } from "node:path";
import { item } from "../core/columns.ts";
import { type GivenInput, givenInputs, type InputFile } from "../core/onnx/tensor-files/given-inputs.ts";
import { err, ok, type Result } from "../core/result.ts";
import { formatMemory, formatSeconds, formatTraffic } from "../core/units.ts";
import { segmentsFingerprint } from "../core/verification/fingerprint.ts";
import { chanceText, encodingCost, isFailure } from "../core/verification/outcome.ts";
import type { OutputDifference, Verification } from "../core/verification/verification.ts";
import { recordJson, verificationJson } from "../core/verification/verification-record.ts";
import { verifyPlan } from "../engine/verify.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { readBytes, readText } from "./files.ts";
import { type ModelFiles, withModelFiles } from "./model-files.ts";
import { checkWritable, filesRead, writeText } from "./output-file.ts";
import { openPlanned, type PlannedFile } from "./plan-file.ts";
import { aligned } from "./text.ts";

/** Exit code where the segments, or what they send, do not give what the whole gives. */
const DIFFERENT = 1;

type VerifyCommand = Extract<Command, { kind: "verify" }>;

/** `splitscope verify`: runs the whole model and a plan's segments on the same inputs and compares what comes out. */
export async function runVerify(command: VerifyCommand, progress?: (line: string) => void): Promise<Result<Output>> {
  const free = command.out === null ? ok(null) : checkWritable(command.out, [command.model]);
  if (!free.ok) return free;
  const planned = await openPlanned(command.model, command.plan, command);
  if (!planned.ok) return planned;
  const { model: opened, plan, planDocument } = planned.value;
  const verified = await withModelFiles(command.model, async (files) => {
    const given = readInputs(command.inputs, files, opened.bindings);
    if (!given.ok) return given;
    return verifyPlan(
      {
        ...files,
        bindings: opened.bindings,
        encoding: planDocument.encoding,
        level: command.level,
        seed: command.seed,
        given: given.value,
        onStep: (text) => progress?.(`${text} ...`),
      },
      opened.graph,
      plan,
    );
  });
  progress?.("");
  if (!verified.ok) return verified;
  const verification = verified.value;
  if (command.out !== null) {
    const kept = keepResult(command, command.out, verification, planned.value);
    if (!kept.ok) return kept;
  }
  return ok({
    json: verifyReport(verification, planned.value),
    text: () => verifyText(verification, planned.value),
    exitCode: isFailure(verification) ? DIFFERENT : 0,
  });
}

/** Files of `--input`: FILE, or NAME=FILE. */
function readInputs(
  inputs: VerifyCommand["inputs"],
  { model }: ModelFiles,
  bindings: ReadonlyMap<string, number>,
): Result<readonly GivenInput[]> {
  const files: InputFile[] = [];
  for (const text of inputs) {
    const middle = text.indexOf("=");
    const path = text.slice(middle + 1);
    const bytes = readBytes(path, "a tensor as .npy or .pb");
    if (!bytes.ok) return bytes;
    files.push({ fileName: basename(path), input: middle < 0 ? null : text.slice(0, middle), bytes: bytes.value });
  }
  return givenInputs(model, bindings, files);
}

/** The plan's document with the result in it. */
function keepResult(
  command: VerifyCommand,
  out: string,
  verification: Verification,
  planned: PlannedFile,
): Result<null> {
  const path = command.plan;
  const { model, sha256, plan, planDocument } = planned;
  const given = readText(path, "a plan file");
  if (!given.ok) return given;
  const document: object = JSON.parse(given.value);
  if (!("format" in document)) {
    return err(`"${path}" is a printed plan, which keeps no result; expected a plan file, as "plan --out" writes it.`);
  }
  const { stageOf } = plan;
  const { encoding, verification: before } = planDocument;
  const fingerprint = segmentsFingerprint({ sha256, bindings: model.bindings, stageOf, encoding });
  const measurement = before?.fingerprint === fingerprint ? before.measurement : null;
  const record = recordJson({ fingerprint, verification, measurement });
  const text = `${JSON.stringify({ ...document, verification: record }, null, 2)}\n`;
  return writeText(out, text, filesRead(command, model));
}

function verifyReport(verification: Verification, { model, sha256, planDocument, notes }: PlannedFile): object {
  const { stages, ...rest } = verificationJson(verification);
  return {
    model: { name: model.fileName, sha256, dims: [...model.bindings].map(([name, size]) => ({ name, size })) },
    ...rest,
    stages: stages.map((entry) => ({ ...entry, device: item(planDocument.stages, entry.stage).device })),
    notes,
  };
}

const VERDICTS: Readonly<Record<Verification["verdict"], string>> = {
  "bit-equal": "the segments compute the same bits as the whole model",
  close: "the segments compute what the whole model computes, but for rounding",
  different: "the segments do NOT compute what the whole model computes",
};

function differenceRows(outputs: readonly OutputDifference[]): string[][] {
  return outputs.map(({ name, elementType, dims, bitEqual, maxAbsolute, maxRelative }) => [
    name,
    `${elementType} [${dims.join(", ")}]`,
    bitEqual ? "none" : maxAbsolute.toPrecision(3),
    bitEqual ? "" : maxRelative.toPrecision(3),
  ]);
}

function inputsText({ seed, given }: Verification): string {
  const files = given.map(({ name, file }) => `"${name}" from ${file}`).join(", ");
  if (seed === null) return `inputs ${files}`;
  return `inputs of seed ${seed}${files === "" ? "" : `, but ${files}`}`;
}

function verifyText(verification: Verification, { model, planDocument, notes }: PlannedFile): string {
  const { verdict, tolerance, runtime, level, outputs, encoded, whole, stages, transfers } = verification;
  const sent =
    encoded === null
      ? []
      : [["encoding", `${encodingCost(encoded)} (the verdict is about tensors as the model has them)`]];
  const summary = [
    ["verdict", `${verdict}: ${chanceText(verification) ?? VERDICTS[verdict]}`],
    ["tolerance", `${tolerance} of an output's largest value`],
    ["runtime", `${runtime}, level ${level}, ${inputsText(verification)}`],
    ...sent,
    ...notes.map((note) => ["note", note]),
  ];
  const rows = stages.map(({ stage, fileName, bytes, loadSeconds, runSeconds }) => [
    String(stage),
    item(planDocument.stages, stage).device,
    fileName,
    formatMemory(bytes),
    formatSeconds(loadSeconds),
    formatSeconds(runSeconds),
  ]);
  const all = ["", "", model.fileName, formatMemory(model.fileBytes)];
  const crossing = transfers.map(({ from, to, tensors, bytes }) => [
    `${from} -> ${to}`,
    formatTraffic(bytes),
    tensors.join(", "),
  ]);
  return [
    aligned(summary),
    aligned([["output", "type", "largest difference", "of the largest value"], ...differenceRows(outputs)]),
    ...(encoded === null
      ? []
      : [
          aligned([
            ["encoded", "type", "largest difference", "of the largest value"],
            ...differenceRows(encoded.outputs),
          ]),
        ]),
    aligned([
      ["stage", "device", "model", "size", "loading", "first run"],
      ["whole", ...all.slice(1), formatSeconds(whole.loadSeconds), formatSeconds(whole.runSeconds)],
      ...rows,
    ]),
    ...(crossing.length === 0 ? [] : [aligned([["from", "bytes", "tensors"], ...crossing])]),
  ].join("\n");
}
