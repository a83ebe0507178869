import { namedProblem } from "../plan/abstract-problem.ts";
import { importProblem } from "../plan/imports/imports.ts";
import type { ImportChoice, ImportFile } from "../plan/imports/problem-import.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";

/** Max-load of msr-fiddle/dnn-partitioning in milliseconds, found by the authors' own dynamic program, and its time. */
export const MSR_PROBLEMS = [
  { name: "layer BERT-24", file: "bert24_inference.json", optimum: 17.7899, authorsSeconds: null, goal: null },
  { name: "layer ResNet-50", file: "resnet50_inference.json", optimum: 33.7747, authorsSeconds: null, goal: null },
  { name: "operator BERT-L3", file: "op_bert_l-3_inference.json", optimum: 27.9186, authorsSeconds: 0.63, goal: 80 },
  { name: "operator ResNet-50", file: "op_resnet50_inference.json", optimum: 124.3488, authorsSeconds: 0.1, goal: 50 },
] as const;

/** The problem in published files, as the command line would import it. */
export function publishedProblem(files: readonly ImportFile[], choice: ImportChoice = {}): Problem {
  return unwrap(namedProblem(unwrap(importProblem(files, choice)).problem)).problem;
}
