import { looksLikeHostsOrSchedule, looksLikePipeEdge, readPipeEdge } from "../../plan/imports/pipe-edge.ts";
import { wholeText } from "./make.ts";
import type { ProfileFormat } from "./raw-profile.ts";

/** PipeEdge's YAML: a chain of numbered layers, which is a placement problem of its own and no profile of a model. */
export const pipeEdge: ProfileFormat = {
  id: "pipeedge",
  label: "PipeEdge's YAML",
  sniff: (head) => looksLikePipeEdge(head) || looksLikeHostsOrSchedule(head),
  open: (fileName) =>
    wholeText(fileName, (text) => {
      const file = readPipeEdge(text, fileName);
      return file.ok ? { ok: true, value: { kind: "chain", file: file.value } } : file;
    }),
};
