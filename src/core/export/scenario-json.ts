import { NO_CONSTRAINTS } from "../plan/constraints.ts";
import { objectiveText } from "../plan/objective.ts";
import type { ExportSubject } from "./export-subject.ts";
import { NO_LIMITS, type TextExporter } from "./exporter.ts";
import { profilesJson } from "./plan-json.ts";
import { scenarioDocumentJson } from "./scenario-document.ts";

/** The setting of a plan without the plan: whoever opens it has the plan looked for. O(devices + profiles). */
export function writeScenario(subject: ExportSubject): string {
  const { model, sha256, sample = null, rig, encoding, constraints = NO_CONSTRAINTS, objective } = subject;
  const name = model.fileName.replace(/\.onnx$/i, "");
  const names = rig.devices.map((device) => device.name);
  const places = names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const json = scenarioDocumentJson({
    title: `${name}, ${objectiveText(objective)}`.slice(0, 80),
    situation: `${name} on ${places}.`.slice(0, 600),
    lesson: "",
    model: { name: model.fileName, sample, sha256, dims: model.bindings, givenTypes: model.givenTypes },
    rig,
    encoding,
    constraints,
    objective,
  });
  return `${JSON.stringify({ ...json, profiles: profilesJson(subject) }, null, 2)}\n`;
}

export const scenarioJson: TextExporter = {
  kind: "file",
  id: "scenario",
  label: "Scenario (JSON)",
  detail: "Model, rig, goals and limits without a plan; opens here again",
  suffix: ".scenario.json",
  mimeType: "application/json",
  howToRun: () =>
    'Open it here again, after its model unless that is a sample: the best plan is looked for anew. "title",\n"situation" and "lesson" in it are for you to write.\n',
  limits: NO_LIMITS,
  write: writeScenario,
};
