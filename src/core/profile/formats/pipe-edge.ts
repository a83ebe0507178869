import {
  looksLikeHostsOrSchedule,
  looksLikePipeEdge,
  type PipeEdgeFile,
  readPipeEdge,
} from "../../plan/imports/pipe-edge.ts";
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

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** What a PipeEdge file holds, as the middle of a sentence: "times of 1 model on 2 types of device". */
export function describePipeEdge(file: PipeEdgeFile): string {
  switch (file.kind) {
    case "models": {
      const models = file.models.filter(({ elementsOut }) => elementsOut.length > 0);
      return `the layers of ${models.map(({ name, elementsOut }) => `${name} (${elementsOut.length})`).join(" and ") || "no model"}`;
    }
    case "deviceTypes": {
      const types = file.types.filter(({ times }) => times.length > 0);
      const models = new Set(types.flatMap(({ times }) => times.map(({ model }) => model)));
      return `times of the layers of ${counted(models.size, "model")} on ${types.map(({ name }) => name).join(" and ") || "no device"}`;
    }
    case "devices":
      return counted(
        [...file.hosts.values()].reduce((sum, hosts) => sum + hosts.length, 0),
        "host",
      );
    case "schedule":
      return `a schedule of ${counted(file.stages.length, "stage")}`;
    case "results":
      return `times of the ${file.model.elementsOut.length} layers of ${file.model.name} on one device`;
  }
}
