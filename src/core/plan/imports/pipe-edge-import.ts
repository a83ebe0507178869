import { ok, type Result } from "../../result.ts";
import { looksLikePipeEdge, type PipeEdgeFile, readPipeEdge } from "./pipe-edge.ts";
import { pipeEdgeChains, pipeEdgeProblem } from "./pipe-edge-problem.ts";
import type { ImportFile, ProblemImport } from "./problem-import.ts";

/** Characters in which keys of the format are looked for. */
const HEAD = 65_536;

function readAll(files: readonly ImportFile[]): Result<readonly PipeEdgeFile[]> {
  const read: PipeEdgeFile[] = [];
  for (const { name, text } of files) {
    const file = readPipeEdge(text, name);
    if (!file.ok) return file;
    read.push(file.value);
  }
  return ok(read);
}

/** The YAML files of usc-isi/PipeEdge: models.yml and device_types.yml together, with devices.yml if there is one. */
export const pipeEdgeImport: ProblemImport = {
  id: "pipe-edge",
  label: "PipeEdge's models.yml, device_types.yml and devices.yml",
  matches: (text) => looksLikePipeEdge(text.slice(0, HEAD)),
  models: (files) => {
    const read = readAll(files);
    return read.ok ? [...new Set(pipeEdgeChains(read.value).map(({ model }) => model.name))] : [];
  },
  read: (files, { model }) => {
    const read = readAll(files);
    if (!read.ok) return read;
    const built = pipeEdgeProblem(read.value, model === undefined ? {} : { model });
    return built.ok ? ok({ problem: built.value.problem, notes: built.value.warnings }) : built;
  },
};
