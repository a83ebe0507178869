import { parseScenario, type Scenario } from "../core/export/scenario-document.ts";
import { err, type Result } from "../core/result.ts";

/** The ready-made scenarios beside the page, `scenarios/<id>.json`, in the order of the gallery. */
export const SCENARIO_IDS: readonly string[] = [
  "raw-camera",
  "two-boards",
  "edge-tpus",
  "memory-cap",
  "pinned-camera",
  "fast-board",
];

async function fetchScenario(id: string, baseUrl: string): Promise<Result<Scenario>> {
  const path = `scenarios/${id}.json`;
  try {
    const answer = await fetch(new URL(path, baseUrl));
    if (!answer.ok) return err(`The scenario ${path} cannot be had: the server answered ${answer.status}.`);
    return parseScenario(await answer.text(), path);
  } catch {
    return err(`The scenario ${path} cannot be had: the server does not answer.`);
  }
}

/** All of them, read; a sentence in the place of one that cannot be had. */
export function fetchScenarios(baseUrl: string): Promise<readonly Result<Scenario>[]> {
  return Promise.all(SCENARIO_IDS.map((id) => fetchScenario(id, baseUrl)));
}
