import type { PipeEdgeFile } from "./pipe-edge.ts";

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
