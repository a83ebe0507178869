import { parseScenario, type Scenario } from "../core/export/scenario-document.ts";
import { parseJson } from "../core/json.ts";
import type { Result } from "../core/result.ts";
import { parseRig } from "../core/rig/schema.ts";
import { readPlanFile, sessionOf } from "./documents.ts";
import type { FileKind, FileStart } from "./file-kind.ts";
import { type FolderFile, modelInFolder } from "./model-folder.ts";
import { openScenario } from "./open-scenario.ts";
import type { ImportedSession } from "./plan-import.ts";
import type { Access } from "./store.ts";

// Both bring readers of many formats, which the first screen needs nothing of.
const loadKinds = () => import("./file-kind.ts");
const loadPlanImport = () => import("./plan-import.ts");

export interface FileActions {
  /**
   * Opens what was dropped or chosen: a model with its data files, a placement problem, a scenario, a plan, a rig, or device
   * profiles, told apart by content. Profiles are for the device that they were dropped on, null for none.
   */
  openDropped(files: readonly File[], device?: string | null): Promise<void>;
  /** Opens the model in a folder together with the data files that it has there. */
  openFolder(files: readonly FolderFile[]): Promise<void>;
  /** Opens a scenario as a project of its own and looks for its best plan. */
  openScenario(scenario: Scenario): Promise<void>;
  /** A plan that cuts at tensors, or by layers of PipeEdge; gives the sentence on failure, null where it is on screen. */
  cutAt(text: string): Promise<string | null>;
}

export function createFileActions({ get, set }: Access): FileActions {
  // At hand before the first file is dropped.
  if (typeof requestIdleCallback !== "undefined") requestIdleCallback(() => void loadKinds());

  const openPlan = async (file: File) => {
    const text = await file.text();
    await get().digestKnown();
    const plan = readPlanFile(get(), text, file.name);
    if (!plan.ok) {
      get().notify("error", plan.error);
      return;
    }
    await get().bringAlong(plan.value.model);
    const session = sessionOf(get(), plan.value);
    if (!session.ok) {
      get().notify("error", session.error);
      return;
    }
    set({ objective: plan.value.objective });
    get().commit(`Open ${file.name}`, session.value);
    const { verification } = plan.value;
    if (verification !== null) {
      // It is found by its fingerprint, and only by segments that are the same.
      set({ verifications: new Map(get().verifications).set(verification.fingerprint, verification) });
    }
    await get().prove();
  };

  const openScenarioFile = async (file: File) => {
    const scenario = parseScenario(await file.text(), file.name);
    if (scenario.ok) await get().openScenario(scenario.value);
    else get().notify("error", scenario.error);
  };

  const openRig = async (file: File) => {
    const json = parseJson(await file.text(), file.name);
    const rig = json.ok ? parseRig(json.value) : json;
    if (rig.ok) get().replaceRig(rig.value);
    else get().notify("error", rig.error);
  };

  /** Puts a plan made elsewhere on screen and looks whether it is the best one. */
  const take = async (label: string, imported: Result<ImportedSession>): Promise<string | null> => {
    if (!imported.ok) return imported.error;
    get().commit(label, imported.value.session);
    for (const note of imported.value.notes) get().notify("info", note);
    await get().prove();
    return null;
  };

  const openMapping = async (file: File) => {
    const { sessionOfMapping } = await loadPlanImport();
    const fault = await take(`Open ${file.name}`, sessionOfMapping(get(), await file.text(), file.name));
    if (fault !== null) get().notify("error", fault);
  };

  const openCuts = async (file: File) => {
    const { sessionOfCuts } = await loadPlanImport();
    const isOpen = get().model !== null;
    const sentence = isOpen
      ? await take(`Open ${file.name}`, sessionOfCuts(get(), await file.text()))
      : "Open the model first.";
    if (sentence !== null) get().notify("error", `${file.name}: ${sentence}`);
  };

  /** Whether a text that came without a device is tensors to cut the open model at. */
  const isTensors = async (file: File, longest: number): Promise<boolean> => {
    const { model } = get();
    if (model === null || file.size >= longest) return false;
    return (await loadPlanImport()).namesTensors(await file.text(), model);
  };

  return {
    openScenario: (scenario) => openScenario({ get, set }, scenario),

    cutAt: async (text) => take("Cut at tensors", (await loadPlanImport()).sessionOfCuts(get(), text)),

    openFolder: async (files) => {
      const found = modelInFolder(files);
      if (!found.ok) {
        get().notify("error", found.error);
        return;
      }
      const { file, others, paths, note } = found.value;
      await get().openFiles([file, ...others], (one) => paths.get(one) ?? one.name);
      if (note !== null) get().notify("info", note);
    },

    openDropped: async (files, device = null) => {
      const { isModelName, isOptimisedTail, KIND_HEAD, KIND_TAIL, sortFiles } = await loadKinds();
      const isOptimised = async (file: File) =>
        isOptimisedTail(new Uint8Array(await file.slice(Math.max(0, file.size - KIND_TAIL)).arrayBuffer()));
      const starts: FileStart<File>[] = [];
      for (const file of files) {
        starts.push({ file, head: new Uint8Array(await file.slice(0, KIND_HEAD).arrayBuffer()) });
      }
      const sorted = sortFiles(starts, device !== null);
      const of = (kind: FileKind) => sorted.get(kind) ?? [];
      const profiles = [...of("profile")];
      const problems = of("problem");
      let binaries = of("model");
      if (profiles.length > 0) {
        // The model that a trace's session wrote goes with the trace, unless it is the only one there is.
        const optimised = new Set<File>();
        for (const file of binaries) if (isModelName(file.name) && (await isOptimised(file))) optimised.add(file);
        if (get().model !== null || binaries.some((file) => isModelName(file.name) && !optimised.has(file))) {
          binaries = binaries.filter((file) => !optimised.has(file));
          profiles.push(...optimised);
        }
      }
      // Among profiles, and on a device, a file that is no text and is not called a model is a profile gone wrong.
      const areProfiles = (profiles.length > 0 || device !== null) && !binaries.some(({ name }) => isModelName(name));
      if (areProfiles) profiles.push(...binaries);
      const models = areProfiles ? [] : binaries;
      const [problem] = problems;
      if (models.length > 0 || problem !== undefined) {
        const before = get().model;
        await (models.length > 0 ? get().openFiles(models) : get().openProblem(problems));
        // What came with a model is for that model only.
        if (get().model === before) return;
        if (models.length > 0 && problem !== undefined) {
          get().notify("error", `"${problem.name}" is a placement problem and came with a model; open one of the two.`);
        }
      }
      for (const file of of("scenario")) await openScenarioFile(file);
      for (const file of of("rig")) await openRig(file);
      for (const file of of("plan")) await openPlan(file);
      for (const file of of("mapping")) await openMapping(file);
      for (const file of of("partition")) await openCuts(file);
      const figures: File[] = [];
      for (const file of profiles) {
        if (device === null && (await isTensors(file, KIND_HEAD))) await openCuts(file);
        else figures.push(file);
      }
      if (figures.length > 0) await get().importProfiles(figures, device);
    },
  };
}
