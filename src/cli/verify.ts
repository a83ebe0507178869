import { item } from "../core/columns.ts";
import { ok, type Result } from "../core/result.ts";
import { formatMemory, formatSeconds } from "../core/units.ts";
import { type Verification, verifyPlan } from "../engine/verify.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { withModelFiles } from "./model-files.ts";
import { openPlanned, type PlannedFile } from "./plan-file.ts";
import { aligned } from "./text.ts";

/** Exit code where the segments do not compute what the whole computes. */
const DIFFERENT = 1;

/** `splitscope verify`: runs the whole model and a plan's segments on the same inputs and compares what comes out. */
export async function runVerify(
  command: Extract<Command, { kind: "verify" }>,
  progress?: (line: string) => void,
): Promise<Result<Output>> {
  const planned = await openPlanned(command.model, command.plan, command.dims);
  if (!planned.ok) return planned;
  const { model: opened, plan } = planned.value;
  const verified = await withModelFiles(command.model, (files) =>
    verifyPlan(
      {
        ...files,
        bindings: opened.bindings,
        level: command.level,
        seed: command.seed,
        onStep: (text) => progress?.(`${text} ...`),
      },
      opened.graph,
      plan,
    ),
  );
  progress?.("");
  if (!verified.ok) return verified;
  const verification = verified.value;
  return ok({
    json: verifyReport(verification, planned.value),
    text: () => verifyText(verification, planned.value),
    exitCode: verification.verdict === "different" ? DIFFERENT : 0,
  });
}

/** JSON has no number for what is infinitely far apart. */
const finite = (value: number) => (Number.isFinite(value) ? value : null);

function verifyReport(verification: Verification, { model, sha256, planDocument, notes }: PlannedFile): object {
  const { outputs, stages, ...rest } = verification;
  return {
    model: { name: model.fileName, sha256, dims: [...model.bindings].map(([name, size]) => ({ name, size })) },
    ...rest,
    outputs: outputs.map((output) => ({
      ...output,
      maxAbsolute: finite(output.maxAbsolute),
      maxRelative: finite(output.maxRelative),
    })),
    stages: stages.map((entry) => ({ ...entry, device: item(planDocument.stages, entry.stage).device })),
    notes,
  };
}

const VERDICTS: Readonly<Record<Verification["verdict"], string>> = {
  "bit-equal": "the segments compute the same bits as the whole model",
  close: "the segments compute what the whole model computes, but for rounding",
  different: "the segments do NOT compute what the whole model computes",
};

function verifyText(verification: Verification, { model, planDocument, notes }: PlannedFile): string {
  const { verdict, tolerance, runtime, level, seed, outputs, whole, stages } = verification;
  const summary = [
    ["verdict", `${verdict}: ${VERDICTS[verdict]}`],
    ["tolerance", `${tolerance} of an output's largest value`],
    ["runtime", `${runtime}, level ${level}, inputs of seed ${seed}`],
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
  return [
    aligned(summary),
    aligned([
      ["output", "type", "largest difference", "of the largest value"],
      ...outputs.map(({ name, elementType, dims, bitEqual, maxAbsolute, maxRelative }) => [
        name,
        `${elementType} [${dims.join(", ")}]`,
        bitEqual ? "none" : maxAbsolute.toPrecision(3),
        bitEqual ? "" : maxRelative.toPrecision(3),
      ]),
    ]),
    aligned([
      ["stage", "device", "model", "size", "loading", "first run"],
      ["whole", ...all.slice(1), formatSeconds(whole.loadSeconds), formatSeconds(whole.runSeconds)],
      ...rows,
    ]),
  ].join("\n");
}
