import type { Scenario } from "../core/export/scenario-document.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import { err, ok, type Result } from "../core/result.ts";
import { SAMPLES } from "../core/testing/samples/catalogue-entries.ts";
import { settingOf } from "./documents.ts";
import { firstPlan } from "./opening-setting.ts";
import { freshProject } from "./persistence/project-name.ts";
import type { AppState, ModelSource } from "./state.ts";
import type { Access } from "./store.ts";

/** Where the model of a scenario comes from: a sample, or the file that is open. */
function sourceFor({ title, model }: Scenario, { source, model: open, digest }: AppState): Result<ModelSource> {
  const { sample, name, sha256 } = model;
  if (sample !== null) {
    const known = SAMPLES.some(({ id }) => id === sample);
    return known
      ? ok({ kind: "sample", id: sample })
      : err(`The scenario "${title}" is about the sample "${sample}", which is not here.`);
  }
  const isOpen = sha256 === null ? open?.fileName === name : digest === sha256;
  return isOpen && source !== null ? ok(source) : err(`Open the model ${name} first, then the scenario "${title}".`);
}

/** Opens a scenario as a project of its own, what was on screen being kept, and looks for its best plan. */
export async function openScenario({ get }: Access, scenario: Scenario): Promise<void> {
  const { title, lesson, model, objective } = scenario;
  if (model.sample === null) await get().digestKnown();
  const before = get();
  const source = sourceFor(scenario, before);
  if (!source.ok) {
    before.notify("error", source.error);
    return;
  }
  const isSame = source.value === before.source;
  const project = { ...freshProject(), name: title, lesson: lesson === "" ? null : lesson };
  let isWhole = false;
  const restore = (opened: OpenedModel) => {
    const read = settingOf(opened, scenario);
    isWhole = read.ok;
    if (!read.ok) {
      get().notify("error", `The scenario "${title}" does not fit its model: ${read.error}`);
      return { project: freshProject() };
    }
    const { setting, problem } = read.value;
    const session = { setting, plan: firstPlan(problem, setting.rig), proof: null, schemes: [] };
    return { project, session, objective, waiting: null, arrivalsPerSecond: null };
  };
  await before.openKept(source.value, {
    bindings: model.dims,
    givenTypes: model.givenTypes.size === 0 && isSame ? (before.model?.givenTypes ?? new Map()) : model.givenTypes,
    digest: isSame ? before.digest : null,
    restore,
    onShown: () => {
      if (isWhole) void get().autoPartition({ asFirstPlan: true });
    },
  });
}
