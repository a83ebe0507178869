import { problemText } from "../plan/abstract-problem.ts";
import { writtenProblem } from "../plan/given-problem.ts";
import { FIGURES } from "../plan/objective.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { TextExporter } from "./exporter.ts";

/** The problem on screen, edits of its rig and constraints written into it, as the text of a problem file. O(size). */
function writeProblem({ model, rig, constraints }: ExportSubject): string {
  if (model.given === null) throw new Error("only a placement problem is written as one");
  const content = model.given.problem;
  const written = writtenProblem({ content, graph: model.graph, rig, ...(constraints ? { constraints } : {}) });
  // An op that is kept off every device has no place in a problem file: the file's own content is left.
  return problemText(written.ok ? written.value : content);
}

export const problemJson: TextExporter = {
  kind: "file",
  id: "problem",
  label: "Placement problem (JSON)",
  detail: "Ops, tensors, devices and links, as edited here; opens here again",
  suffix: ".problem.json",
  mimeType: "application/json",
  needs: "problem",
  howToRun: () => `Open it here again, or solve it on the command line:

    splitscope plan --problem PROBLEM.json --objective period
    splitscope plan --problem PROBLEM.json --objective latency --json
`,
  limits: ({ model, rig, constraints }) => {
    if (model.given === null) return [];
    const limited = FIGURES.filter((name) => constraints?.limits[name] !== undefined);
    const sources = { content: model.given.problem, graph: model.graph, rig, ...(constraints ? { constraints } : {}) };
    const written = writtenProblem(sources);
    return [
      ...(limited.length > 0
        ? [`A problem file holds no limits on figures: those on ${limited.join(", ")} are left out.`]
        : []),
      ...(written.ok ? [] : [`${written.error} Edits of the rig and constraints are left out.`]),
    ];
  },
  write: writeProblem,
};
