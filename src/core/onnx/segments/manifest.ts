import { item } from "../../columns.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../plan/plan.ts";
import { VERSION } from "../../version.ts";
import type { DimensionBindings, Model } from "../model.ts";
import { declaredTypes } from "../types.ts";
import type { Segment } from "./segment-models.ts";
import { encodedTensors, transferNames } from "./transfers.ts";

export const MANIFEST_NAME = "manifest.json";

/** What a written file holds. */
export interface FileDigest {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ManifestSubject {
  readonly model: Model;
  readonly sha256: string | null;
  readonly bindings: DimensionBindings;
  readonly graph: Graph;
  readonly plan: Plan;
  /** Id of the device of each stage. */
  readonly devices: readonly string[];
  readonly segments: readonly Segment[];
  /** Paths of the files that the weights of each segment lie in besides its own, by its stage. */
  readonly weightFiles: ReadonlyMap<number, readonly string[]>;
  /** Of every file that the manifest names, by its path in the manifest's folder. */
  readonly files: ReadonlyMap<string, FileDigest>;
}

/**
 * What a runner of the segments must know, as a JSON document: which file each stage runs, what it reads and makes,
 * what each boundary passes on (relayed tensors included) and in which form, and where the model's outputs come from.
 * O(tensors).
 */
export function segmentManifest({
  model,
  sha256,
  bindings,
  graph,
  plan,
  devices,
  segments,
  weightFiles,
  files,
}: ManifestSubject) {
  const digest = (file: string) => {
    const found = files.get(file);
    if (found === undefined) throw new Error(`no digest of ${file}`);
    return { file, ...found };
  };
  const declared = declaredTypes(model);
  const numbers = new Map(graph.tensorNames.map((name, tensor) => [name, tensor]));
  const encoded = encodedTensors(segments);
  const parts = new Map([...encoded.values()].flatMap((wire) => wire.parts.map((part) => [part.name, part])));
  const typed = (name: string) => {
    const part = parts.get(name);
    if (part !== undefined) return { name, elementType: part.elementType, shape: part.shape };
    const tensor = numbers.get(name);
    const type = tensor === undefined ? declared.get(name) : item(graph.tensorTypes, tensor);
    return { name, elementType: type?.elementType ?? "undefined", shape: type?.shape ?? null };
  };
  const madeIn = new Map(segments.flatMap(({ stage, outputs }) => outputs.map((name) => [name, stage])));
  const outputs = [...new Set(model.proto.graph?.output.map(({ name }) => name))];
  const pathsOf = ({ stage }: Segment) => weightFiles.get(stage) ?? [];
  return {
    format: "splitscope-segments",
    version: 1,
    createdBy: `splitscope ${VERSION}`,
    model: { name: model.fileName, sha256, dims: [...bindings].map(([name, size]) => ({ name, size })) },
    inputs: graph.inputs.map((tensor) => typed(item(graph.tensorNames, tensor))),
    /** `stage` null: the output is an input of the model, passed on. */
    outputs: outputs.map((name) => ({ ...typed(name), stage: madeIn.get(name) ?? null })),
    stages: plan.stages.map((_, stage) => {
      const segment = segments.find((candidate) => candidate.stage === stage);
      const device = item(devices, stage);
      if (segment === undefined) return { stage, device, file: null, inputs: [], outputs: [], externalFiles: [] };
      return {
        stage,
        device,
        ...digest(segment.fileName),
        inputs: segment.inputs.map(typed),
        outputs: segment.outputs.map(typed),
        externalFiles: pathsOf(segment),
      };
    }),
    transfers: transferNames(graph, plan, segments).map((tensors, from) => ({ from, to: from + 1, tensors })),
    /** Tensors that are sent in another form; the segments encode and decode them. */
    encodings: [...encoded.values()].map((wire) => ({
      tensor: wire.name,
      format: wire.format,
      parts: wire.parts.map(({ name }) => name),
    })),
    externalFiles: [...new Set(segments.flatMap(pathsOf))].map(digest),
  };
}
