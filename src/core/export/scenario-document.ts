import { Fields, parseJson } from "../json.ts";
import type { Encoding } from "../plan/build-problem.ts";
import type { Constraints } from "../plan/constraints.ts";
import { constraintsJson, readConstraints, readObjectiveField } from "../plan/constraints-json.ts";
import type { Objective } from "../plan/objective.ts";
import { err, ok, type Result } from "../result.ts";
import type { Rig } from "../rig/rig.ts";
import { parseRig, rigJson } from "../rig/schema.ts";
import { type ModelReference, readDigest, readStated, statedJson } from "./model-reference.ts";
import { type PlanDocument, readEncoding, readProfiles } from "./plan-document.ts";

const SCENARIO_FORMAT = "splitscope-scenario";
const SCENARIO_VERSION = 1;

/** Most characters of a title, and of each text. */
const MOST_TITLE = 80;
const MOST_TEXT = 600;

/** A question to put to the solver: a model on a rig with all that a plan is priced by, and what it is there to show. */
export interface Scenario {
  readonly title: string;
  /** What stands where, in a sentence. */
  readonly situation: string;
  /** What the best plan shows, in a sentence or two; empty where nobody has said. */
  readonly lesson: string;
  readonly model: ModelReference & {
    /** Id of a built-in sample, null for a file. */
    readonly sample: string | null;
  };
  readonly rig: Rig;
  readonly encoding: Encoding;
  readonly constraints: Constraints;
  readonly objective: Objective;
  readonly profiles: PlanDocument["profiles"];
}

function readText(fields: Fields, name: string, most: number, fallback?: string): string {
  const text = fields.text(name, fallback);
  if (text.length > most) fields.reject(name, `a text of at most ${most} characters`);
  return text;
}

function readModel(fields: Fields): Scenario["model"] {
  return {
    name: readText(fields, "name", MOST_TEXT),
    sample: fields.textOrNull("sample", null),
    sha256: readDigest(fields),
    ...readStated(fields),
  };
}

/**
 * A scenario out of a file's text. On failure one sentence: not a scenario file, of a later version, or the first bad
 * field by its path, its value and what was expected. Whether constraints and dimensions fit the model is told when that
 * is open. O(length).
 */
export function parseScenario(text: string, fileName: string): Result<Scenario> {
  const parsed = parseJson(text, fileName);
  if (!parsed.ok) return parsed;
  const problems: string[] = [];
  const fields = new Fields(parsed.value, "", problems);
  if (problems.length > 0 || fields.get("format") !== SCENARIO_FORMAT) {
    return err(`${fileName} is not a scenario file; expected a JSON object whose "format" is "${SCENARIO_FORMAT}".`);
  }
  const version = fields.number("version", { integer: true, min: 1 });
  if (version > SCENARIO_VERSION) {
    return err(`${fileName} has version ${version}; this version of Splitscope reads up to ${SCENARIO_VERSION}.`);
  }
  const rig = parseRig(fields.get("rig"));
  if (!rig.ok) return err(`${fileName}: ${rig.error}`);
  const profiles = readProfiles(fields);
  const scenario = {
    title: readText(fields, "title", MOST_TITLE),
    situation: readText(fields, "situation", MOST_TEXT, ""),
    lesson: readText(fields, "lesson", MOST_TEXT, ""),
    model: readModel(fields.object("model")),
    rig: rig.value,
    encoding: readEncoding(fields.object("encoding")),
    constraints: readConstraints(fields.object("constraints")),
    objective: readObjectiveField(fields, "objective"),
  };
  const [problem] = problems;
  if (problem !== undefined) return err(`${fileName} has a bad field: ${problem}`);
  return profiles.ok ? ok({ ...scenario, profiles: profiles.value }) : profiles;
}

/** A scenario as the plain object of the file format, profiles written by the caller; `parseScenario` reads it back. */
export function scenarioDocumentJson({ model, rig, constraints, ...rest }: Omit<Scenario, "profiles">): object {
  return {
    format: SCENARIO_FORMAT,
    version: SCENARIO_VERSION,
    title: rest.title,
    situation: rest.situation,
    lesson: rest.lesson,
    model: { ...model, ...statedJson(model) },
    objective: rest.objective,
    encoding: rest.encoding,
    constraints: constraintsJson(constraints),
    rig: rigJson(rig),
  };
}
