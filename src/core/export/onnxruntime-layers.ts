import { create } from "@bufbuild/protobuf";
import { type NodeProto, StringStringEntryProtoSchema } from "onnx-buf";
import { at, item } from "../columns.ts";
import { changed } from "../onnx/segments/changed.ts";
import type { Segment } from "../onnx/segments/segment-models.ts";
import type { ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { FolderExporter } from "./exporter.ts";
import { FileSet, readme } from "./file-set.ts";
import { oneHostLimits, processorKind } from "./processor-kind.ts";
import { pythonString } from "./python-text.ts";

const KEY = "layer_ann";
/** Designators of ONNX Runtime's layer assignment, and the providers that they bind to. */
const DESIGNATORS = { cpu: "cpu", gpu: "gpu", npu: "npu" } as const;
const PROVIDERS = {
  cpu: [],
  gpu: ["CUDAExecutionProvider", "DmlExecutionProvider", "ROCMExecutionProvider"],
  npu: ["QNNExecutionProvider", "OpenVINOExecutionProvider"],
} as const;

const annotation = (stage: number) => `stage${stage}`;

/** Stages that hold ops. */
const heldStages = ({ plan }: ExportSubject): readonly number[] => {
  const used = new Set(plan.stageOf);
  return [...plan.stages.keys()].filter((stage) => used.has(stage));
};

/**
 * The value of `session.layer_assignment_settings`: `cpu(=stage0); gpu(=stage1, =stage2)`. "=" asks for the whole
 * annotation, so that "stage1" is not "stage10".
 */
export function layerAssignment(subject: ExportSubject): string {
  const rules = new Map<string, string[]>();
  for (const stage of heldStages(subject)) {
    const kind = processorKind(item(subject.rig.devices, item(subject.plan.stages, stage)));
    const rule = rules.get(DESIGNATORS[kind]) ?? [];
    rules.set(DESIGNATORS[kind], [...rule, `=${annotation(stage)}`]);
  }
  return [...rules].map(([designator, names]) => `${designator}(${names.join(", ")})`).join("; ");
}

/** The whole model with each op's stage in its node's metadata; weights are copied as they stand. O(nodes). */
function annotatedModel({ model: { graph }, plan }: ExportSubject, { model, segments }: ModelSources): Segment {
  const whole = model.proto.graph;
  const [any] = segments;
  if (whole === undefined || any === undefined) throw new Error("a plan of a model without ops has no segments");
  const stages = new Map([...graph.opNodes].map((node, op) => [node, at(plan.stageOf, op)]));
  const node = whole.node.map((original, position): NodeProto => {
    const stage = stages.get(position);
    if (stage === undefined) return original;
    const others = original.metadataProps.filter(({ key }) => key !== KEY);
    const entry = create(StringStringEntryProtoSchema, { key: KEY, value: annotation(stage) });
    return changed(original, { metadataProps: [...others, entry] });
  });
  return {
    ...any,
    proto: changed(model.proto, { graph: changed(whole, { node }) }),
    externalFiles: model.externalFiles,
  };
}

const baseName = ({ fileName, stage }: Segment) => fileName.replace(`.stage${stage}.onnx`, "");

function runScript(subject: ExportSubject, fileName: string): string {
  const kinds = new Set(
    heldStages(subject).map((stage) => processorKind(item(subject.rig.devices, item(subject.plan.stages, stage)))),
  );
  const wanted = [...kinds].flatMap((kind) => PROVIDERS[kind]);
  return `"""Loads the model with each stage on its processor. Needs onnxruntime 1.25 or later."""
from pathlib import Path

import onnxruntime as ort

MODEL = Path(__file__).with_name(${pythonString(fileName)})
SETTINGS = ${pythonString(layerAssignment(subject))}
WANTED = [${wanted.map(pythonString).join(", ")}]


def load():
    options = ort.SessionOptions()
    options.add_session_config_entry("session.layer_assignment_settings", SETTINGS)
    there = ort.get_available_providers()
    providers = [name for name in WANTED if name in there] + ["CPUExecutionProvider"]
    return ort.InferenceSession(str(MODEL), options, providers=providers)


if __name__ == "__main__":
    session = load()
    print("providers:", ", ".join(session.get_providers()))
    for kind, tensors in (("input", session.get_inputs()), ("output", session.get_outputs())):
        for tensor in tensors:
            print(kind, tensor.name, tensor.type, tensor.shape)
`;
}

export const onnxruntimeLayers: FolderExporter = {
  kind: "folder",
  holdsModels: true,
  id: "onnxruntime-layers",
  label: "ONNX Runtime layer assignment",
  detail: "The model with stages in its nodes, for one machine",
  suffix: ".layers",
  howToRun: (
    subject,
  ) => `The model's nodes carry their stage as "${KEY}"; this session setting puts stages on processors:

    session.layer_assignment_settings = ${layerAssignment(subject)}

run.py makes a session with it:

    pip install onnxruntime-gpu
    python3 run.py
`,
  limits: (subject) => [
    ...oneHostLimits(subject, "ONNX Runtime", { cpu: 'its "cpu"', gpu: 'its "gpu"', npu: 'its "npu"' }),
    "An annotation is a wish: an op that its provider has no kernel for runs on another one.",
  ],
  files: (subject, sources) => {
    const files = new FileSet();
    const annotated = annotatedModel(subject, sources);
    const name = `${baseName(annotated)}.layers.onnx`;
    files.segment(annotated, "", name, sources);
    files.add("run.py", runScript(subject, name));
    files.add("README.md", readme(onnxruntimeLayers, subject));
    return files.result();
  },
};
