import { parseJson } from "../../json.ts";
import { ok } from "../../result.ts";
import { looksLikeProblem, parseProblemContent } from "../abstract-problem.ts";
import { onlyFile, type ProblemImport } from "./problem-import.ts";

/** Splitscope's own problem files, of any version. */
export const nativeImport: ProblemImport = {
  id: "splitscope-problem",
  label: "a problem file of Splitscope",
  matches: looksLikeProblem,
  read: (files) => {
    const file = onlyFile(files, nativeImport.label);
    if (!file.ok) return file;
    const json = parseJson(file.value.text, file.value.name);
    if (!json.ok) return json;
    const content = parseProblemContent(json.value);
    return content.ok ? ok({ problem: content.value, notes: [] }) : content;
  },
};
