import type { NodeProto } from "onnx-buf";
import { at, item, row } from "../columns.ts";
import type { Model } from "../onnx/model.ts";
import { crossings } from "../plan/validity.ts";
import { err } from "../result.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { FolderExporter } from "./exporter.ts";
import { FileSet, readme } from "./file-set.ts";
import { processorKind } from "./processor-kind.ts";
import { pythonString } from "./python-text.ts";

/** AutoDiCE renames every node to its first output, and "/" to "_", before it looks at the mapping. */
export const autoDiceName = (tensor: string): string => tensor.replaceAll("/", "_");

/** Cores that a stage gets on a device with none stated. */
const CORES = 4;

/** Stages that hold ops, in order. */
function heldStages({ plan }: ExportSubject): readonly number[] {
  const used = new Set(plan.stageOf);
  return [...plan.stages.keys()].filter((stage) => used.has(stage));
}

/**
 * A key of the mapping for each stage that holds ops: "host_cpu0123" or "host_gpu". A host's own "_" would end its
 * name; a second stage of a device takes cores of its own.
 */
function resourceKeys(subject: ExportSubject): ReadonlyMap<number, string> {
  const { rig, plan } = subject;
  const stages = heldStages(subject);
  const keys = new Map<number, string>();
  const taken = new Map<number, number>();
  for (const stage of stages) {
    const device = item(plan.stages, stage);
    const alike = stages.filter((other) => plan.stages[other] === device).length;
    const before = taken.get(device) ?? 0;
    taken.set(device, before + 1);
    const { id } = item(rig.devices, device);
    const host = id.replaceAll("_", "-");
    const cores = Math.max(1, Math.floor(CORES / alike));
    const digits = Array.from({ length: cores }, (_, core) => (before * cores + core) % 10).join("");
    const isGpu = processorKind(item(rig.devices, device)) === "gpu";
    keys.set(stage, isGpu ? `${host}_gpu${before === 0 ? "" : before}` : `${host}_cpu${digits}`);
  }
  return keys;
}

/** Stage of every node of the file: of ops as planned, of nodes on constants where they are first read. O(nodes). */
function stageOfNodes(
  { model: { graph }, plan }: ExportSubject,
  nodes: readonly NodeProto[],
  first: number,
): Int32Array {
  const stages = new Int32Array(nodes.length).fill(-1);
  for (const [op, node] of graph.opNodes.entries()) stages[node] = at(plan.stageOf, op);
  const makers = new Map(nodes.flatMap(({ output }, position) => output.map((name) => [name, position] as const)));
  const given = stages.map((stage) => (stage < 0 ? 0 : 1));
  // Readers come after makers in a file that is in order, so one walk from the end reaches every maker.
  for (let position = nodes.length - 1; position >= 0; position--) {
    if (at(stages, position) < 0) stages[position] = first;
    for (const name of item(nodes, position).input) {
      const maker = makers.get(name);
      if (maker === undefined || at(given, maker) === 1) continue;
      const known = at(stages, maker);
      stages[maker] = known < 0 ? at(stages, position) : Math.min(known, at(stages, position));
    }
  }
  return stages;
}

function mappingJson(subject: ExportSubject, model: Model): string {
  const keys = resourceKeys(subject);
  const nodes = model.proto.graph?.node ?? [];
  const [first = 0] = keys.keys();
  const stages = stageOfNodes(subject, nodes, first);
  const lists = new Map([...keys.keys()].map((stage) => [stage, [] as string[]]));
  for (const [position, { output }] of nodes.entries()) {
    lists.get(at(stages, position))?.push(autoDiceName(output.find((name) => name !== "") ?? ""));
  }
  // From entries: a host called __proto__ is a host.
  return `${JSON.stringify(Object.fromEntries([...lists].map(([stage, names]) => [keys.get(stage), names])), null, 1)}\n`;
}

function splitScript(subject: ExportSubject): string {
  const hosts = [...new Set([...resourceKeys(subject).values()].map((key) => key.slice(0, key.indexOf("_"))))];
  return `"""Splits the model by mapping.json and writes AutoDiCE's C++ program. Needs the package "autodice"."""
import json
import os
import sys

import onnx
from partition.interface import EngineCode, Interface, format_onnx

PLATFORMS = [${hosts.map(pythonString).join(", ")}]


def main(path):
    os.makedirs("models", exist_ok=True)
    with open("mapping.json", encoding="utf-8") as file:
        mappings = json.load(file)
    formatted = format_onnx(path)
    names = {node.name for node in onnx.load(formatted).graph.node}
    mapped = {name for part in mappings.values() for name in part}
    if names != mapped:
        sys.exit(f"The mapping is for another model: {sorted(names ^ mapped)[:3]} are in one of the two only.")
    specs = Interface(model=formatted, mappings=mappings, platforms=PLATFORMS)
    EngineCode(
        CppName="./models/multinode", Platforms=specs.platforms, NodesList=specs.nodes,
        ComputingNodes=specs.computingnodes, ValueInfos=specs.value_map, Inputs=specs.inputs,
        Outputs=specs.outputs, Benchmark=False,
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 split.py MODEL.onnx")
    main(sys.argv[1])
`;
}

/** Tensors between stages that AutoDiCE cannot send, by a sentence each. */
function tensorLimits({ model: { graph }, plan }: ExportSubject): readonly string[] {
  const limits: string[] = [];
  for (const tensor of new Set(crossings(graph, plan).flat())) {
    const producer = at(graph.tensorProducer, tensor);
    if (producer < 0) continue;
    const name = item(graph.tensorNames, tensor);
    const { elementType } = item(graph.tensorTypes, tensor);
    if (elementType !== "float") limits.push(`AutoDiCE sends floats only; tensor "${name}" is ${elementType}.`);
    const [main] = row(graph.opOutputs, producer);
    if (main !== tensor) {
      limits.push(
        `AutoDiCE sends the first output of an op only; tensor "${name}" is another one of "${item(graph.opNames, producer)}".`,
      );
    }
  }
  return limits;
}

export const autoDice: FolderExporter = {
  kind: "folder",
  holdsModels: false,
  id: "autodice",
  label: "AutoDiCE mapping",
  detail: "mapping.json, and the program that splits by it",
  suffix: ".autodice",
  howToRun: ({
    model,
  }) => `Rename the hosts in mapping.json to those of your machines (before "_"; after it are cores or "gpu"). Then:

    pip install autodice
    python3 split.py ${model.fileName}
    # in models/: onnx2ncnn for each part, cmake and make as AutoDiCE's examples do, then
    mpirun -rf rankfile ./multinode INPUT
`,
  limits: (subject) => {
    const { rig, plan, encoding } = subject;
    const limits = [
      "AutoDiCE runs ncnn, whose ops are fewer than ONNX's; its authors test models of opset 9.",
      `Every processor is taken to have ${CORES} cores, numbered from 0.`,
      ...tensorLimits(subject),
    ];
    if (encoding.input !== "as-stored" || encoding.cut !== "as-stored") {
      limits.push("Tensors are sent as floats; the plan's encoding of inputs and cuts is left out.");
    }
    if (!plan.stageOf.includes(0)) {
      limits.push(
        `The first stage, on device "${item(rig.devices, item(plan.stages, 0)).id}", holds no op; AutoDiCE reads the input on the first device that computes.`,
      );
    }
    return limits;
  },
  files: (subject, { model }) => {
    if (subject.model.graph.opCount === 0) return err(`"${model.fileName}" has no op to map.`);
    const files = new FileSet();
    files.add("mapping.json", mappingJson(subject, model));
    files.add("split.py", splitScript(subject));
    files.add("README.md", readme(autoDice, subject));
    return files.result();
  },
};
