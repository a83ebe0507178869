import { parseJson } from "../core/json.ts";
import { parseRig } from "../core/rig/schema.ts";
import { readPlanFile, sessionOf } from "./documents.ts";
import type { Access } from "./store.ts";

export interface FileActions {
  /** Opens what was dropped or chosen: a model with its data files, a plan, or a rig, told apart by content. */
  openDropped(files: readonly File[]): Promise<void>;
}

/** Documents of ours are JSON objects: the first byte that is not white space tells. */
const HEAD = 64;

async function isJson(file: File): Promise<boolean> {
  const head = await file.slice(0, HEAD).text();
  return head
    .replace(/^\uFEFF/, "")
    .trimStart()
    .startsWith("{");
}

export function createFileActions({ get, set }: Access): FileActions {
  const sameSizes = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) =>
    a.size === b.size && [...a].every(([name, size]) => b.get(name) === size);

  const openPlan = async (text: string, fileName: string) => {
    await get().digestKnown();
    const plan = readPlanFile(get(), text, fileName);
    if (!plan.ok) {
      get().notify("error", plan.error);
      return;
    }
    const { dims } = plan.value.model;
    const { model } = get();
    if (model !== null && dims.size > 0 && !sameSizes(dims, model.bindings)) await get().bindDimensions(dims);
    const session = sessionOf(get(), plan.value);
    if (!session.ok) {
      get().notify("error", session.error);
      return;
    }
    set({ objective: plan.value.objective });
    get().commit(`Open ${fileName}`, session.value);
    await get().prove();
  };

  const openRig = (json: unknown) => {
    const rig = parseRig(json);
    if (rig.ok) get().replaceRig(rig.value);
    else get().notify("error", rig.error);
  };

  return {
    openDropped: async (files) => {
      const [file] = files;
      if (file === undefined) return;
      if (files.length > 1 || !(await isJson(file))) {
        await get().openFiles(files);
        return;
      }
      const text = await file.text();
      const json = parseJson(text, file.name);
      if (!json.ok) {
        get().notify("error", json.error);
        return;
      }
      const format =
        json.value !== null && typeof json.value === "object" && "format" in json.value ? json.value.format : null;
      if (format === "splitscope-rig") openRig(json.value);
      else if (format === "splitscope-profile") {
        get().notify("error", `${file.name} is a device profile: drop it on the device that it was measured on.`);
      } else await openPlan(text, file.name);
    },
  };
}
