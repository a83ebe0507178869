import { at, item } from "../columns.ts";
import { NO_CONSTRAINTS } from "../plan/constraints.ts";
import { constraintsJson } from "../plan/constraints-json.ts";
import { latencySummary, listedProfile } from "../profile/apply.ts";
import { writeProfile } from "../profile/formats/native.ts";
import { rigJson } from "../rig/schema.ts";
import { recordJson } from "../verification/verification-record.ts";
import { VERSION } from "../version.ts";
import type { ExportSubject } from "./export-subject.ts";
import { NO_LIMITS, type TextExporter } from "./exporter.ts";
import { statedJson } from "./model-reference.ts";
import { PLAN_FORMAT, PLAN_VERSION } from "./plan-document.ts";
import { figuresReport, finiteOrNull, opsByStage, transferReports } from "./report.ts";

function proofJson({ proof }: ExportSubject): object | null {
  if (proof === null) return null;
  const { certificate, value, method } = proof;
  return { ...certificate, bound: finiteOrNull(certificate.bound), value: finiteOrNull(value), method };
}

/** The measured profiles as part of a file, by device. O(entries). */
export function profilesJson({ model, rig, profiles }: ExportSubject): readonly object[] {
  return rig.devices.flatMap(({ id }) => {
    const matched = profiles.get(id);
    if (matched === undefined) return [];
    const { fileName } = matched.raw;
    return [{ device: id, fileName, profile: JSON.parse(writeProfile(listedProfile(matched, model.graph))) }];
  });
}

/** The plan document as a plain object (public/schema/splitscope-plan.schema.json). O(ops + devices). */
export function planDocumentJson(subject: ExportSubject): object {
  const { model, sha256, rig, encoding, latencies, problem, objective, plan, prediction } = subject;
  const { constraints = NO_CONSTRAINTS } = subject;
  const { graph } = model;
  return {
    format: PLAN_FORMAT,
    version: PLAN_VERSION,
    createdBy: `Splitscope ${VERSION}`,
    model: {
      name: model.fileName,
      sha256,
      fileBytes: model.fileBytes,
      ...statedJson({ dims: model.bindings, givenTypes: model.givenTypes }),
    },
    rig: rigJson(rig),
    encoding,
    objective,
    constraints: constraintsJson(constraints),
    assignment: {
      stages: opsByStage(plan).map((ops, stage) => ({
        device: item(rig.devices, item(plan.stages, stage)).id,
        ops: ops.map((op) => ({
          name: item(graph.opNames, op),
          index: at(graph.opNodes, op),
          type: item(graph.opTypes, op),
        })),
      })),
    },
    profiles: profilesJson(subject),
    prediction: {
      ...figuresReport(rig, prediction),
      transfers: transferReports(graph, problem, rig, prediction),
    },
    certificate: proofJson(subject),
    verification: subject.verification ? recordJson(subject.verification) : null,
    provenance: rig.devices.map(({ id }, device) => ({
      device: id,
      parts: latencySummary(item(latencies, device)).parts,
    })),
  };
}

/** The plan document as the text of a file; `parsePlan` and `restorePlan` give the same plan back. */
export function writePlan(subject: ExportSubject): string {
  return `${JSON.stringify(planDocumentJson(subject), null, 2)}\n`;
}

export const planJson: TextExporter = {
  kind: "file",
  id: "plan",
  label: "Plan (JSON)",
  detail: "Rig, assignment, figures, certificate; opens here again",
  suffix: ".plan.json",
  mimeType: "application/json",
  howToRun: ({ model }) =>
    model.given === null
      ? `Open it here again beside its model, or use it on the command line:

    splitscope predict MODEL.onnx --plan PLAN.json
    splitscope verify MODEL.onnx --plan PLAN.json
    splitscope run MODEL.onnx --plan PLAN.json --local
`
      : "Open it here again beside its problem file: drop that first, or both at once.\n",
  limits: NO_LIMITS,
  write: writePlan,
};
