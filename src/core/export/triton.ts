import { item } from "../columns.ts";
import { err, type Result } from "../result.ts";
import type { ExportFile, ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { FolderExporter } from "./exporter.ts";
import { FileSet, readme } from "./file-set.ts";
import {
  type Pipeline,
  type PipelineStage,
  type PipelineTensor,
  PROTOCOL_TYPES,
  pipelineOf,
  servedName,
  sizesOf,
  travellingTensors,
} from "./pipeline.ts";
import { TRITON_CLIENT } from "./triton-client.ts";

/** A string of protobuf's text format. */
export function textFormatString(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, "\\$&").replaceAll(/\p{Cc}/gu, (control) => {
    return `\\${control.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${escaped}"`;
}

/** Why Triton cannot hold a tensor, as a sentence; null where it can. */
function obstacle({ name, type }: PipelineTensor): string | null {
  if (!PROTOCOL_TYPES.has(type.elementType)) {
    return `Triton has no type for tensor "${name}" of element type ${type.elementType}.`;
  }
  return type.shape === null
    ? `The number of dimensions of tensor "${name}" is not known; Triton's configuration must state it.`
    : null;
}

function firstObstacle(tensors: readonly PipelineTensor[]): string | null {
  for (const tensor of tensors) {
    const fault = obstacle(tensor);
    if (fault !== null) return fault;
  }
  return null;
}

/** One input or output. A scalar is a vector of one element that the server reshapes: dims must not be empty. */
function tensorConfig({ name, type }: PipelineTensor): string {
  const protocol = PROTOCOL_TYPES.get(type.elementType);
  const dims = sizesOf(type) ?? [];
  const shape = dims.length > 0 ? `dims: [ ${dims.join(", ")} ]` : "dims: [ 1 ] reshape { shape: [ ] }";
  return `  { name: ${textFormatString(name)} data_type: TYPE_${protocol === "BYTES" ? "STRING" : protocol} ${shape} }`;
}

function tensorsConfig(field: "input" | "output", tensors: readonly PipelineTensor[]): string {
  return `${field} [\n${tensors.map(tensorConfig).join(",\n")}\n]\n`;
}

const VERSIONED = "version_policy { specific { versions: [ 1 ] } }\n";

function stageConfig(name: string, { inputs, outputs }: PipelineStage): string {
  return [
    `name: ${textFormatString(name)}\n`,
    'backend: "onnxruntime"\n',
    'default_model_filename: "model.onnx"\n',
    "max_batch_size: 0\n",
    VERSIONED,
    tensorsConfig("input", inputs),
    tensorsConfig("output", outputs),
  ].join("");
}

/** One model that a device serves to the client: a stage, or an ensemble of stages that follow each other there. */
interface Served {
  readonly model: string;
  readonly device: string;
  readonly stages: readonly PipelineStage[];
  readonly inputs: readonly PipelineTensor[];
  readonly outputs: readonly PipelineTensor[];
}

function ensembleConfig({ model, stages, inputs, outputs }: Served): string {
  const map = (field: string, tensors: readonly PipelineTensor[]) =>
    tensors.map(({ name }) => `      ${field} { key: ${textFormatString(name)} value: ${textFormatString(name)} }\n`);
  const steps = stages.map((stage) => {
    if (stage.segment === null) throw new Error("a stage of an ensemble holds ops");
    const name = textFormatString(servedName(stage.segment));
    return `    {\n      model_name: ${name}\n      model_version: -1\n${[...map("input_map", stage.inputs), ...map("output_map", stage.outputs)].join("")}    }`;
  });
  return [
    `name: ${textFormatString(model)}\n`,
    'platform: "ensemble"\n',
    "max_batch_size: 0\n",
    VERSIONED,
    tensorsConfig("input", inputs),
    tensorsConfig("output", outputs),
    `ensemble_scheduling {\n  step [\n${steps.join(",\n")}\n  ]\n}\n`,
  ].join("");
}

/** What the client calls, in order: stages that follow each other on one device are one call. */
function servedModels({ stages, outputs }: Pipeline): readonly Served[] {
  const groups: PipelineStage[][] = [];
  for (const stage of stages) {
    if (stage.segment === null) continue;
    const group = groups.at(-1);
    if (group?.[0]?.device === stage.device) group.push(stage);
    else groups.push([stage]);
  }
  const results = new Set(outputs.map(({ name }) => name));
  return groups.map((group) => {
    const [first] = group;
    const last = group.at(-1);
    if (first?.segment == null || last === undefined) throw new Error("a group holds a stage with ops");
    const made = new Set(group.flatMap((stage) => stage.outputs.map(({ name }) => name)));
    const inputs = new Map(group.flatMap((stage) => stage.inputs.map((tensor) => [tensor.name, tensor] as const)));
    const leaving = new Set(last.outgoing);
    const whole = group.length === 1 ? "" : `s${first.stage}to${last.stage}`;
    return {
      model: group.length === 1 ? servedName(first.segment) : servedName(first.segment).replace(/\d+$/, whole),
      device: first.device,
      stages: group,
      inputs: [...inputs.values()].filter(({ name }) => !made.has(name)),
      outputs: group.flatMap((stage) =>
        stage.outputs.filter(({ name }) => group.length === 1 || leaving.has(name) || results.has(name)),
      ),
    };
  });
}

/** What the client must know, as JSON beside it. */
function pipelineJson({ inputs, outputs }: Pipeline, served: readonly Served[]): string {
  const typed = (tensors: readonly PipelineTensor[]) =>
    tensors.map(({ name, type }) => ({
      name,
      datatype: PROTOCOL_TYPES.get(type.elementType) ?? null,
      shape: sizesOf(type),
    }));
  const steps = served.map((entry) => ({
    device: entry.device,
    model: entry.model,
    stages: entry.stages.map(({ stage }) => stage),
    inputs: typed(entry.inputs),
    outputs: typed(entry.outputs),
  }));
  return `${JSON.stringify({ inputs: typed(inputs), steps, outputs: outputs.map(({ name }) => name) }, null, 2)}\n`;
}

function tritonFiles(subject: ExportSubject, sources: ModelSources): Result<readonly ExportFile[]> {
  const pipeline = pipelineOf(subject, sources);
  const tensors = [...pipeline.inputs, ...pipeline.stages.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])];
  const fault = firstObstacle(tensors);
  if (fault !== null) return err(fault);
  const files = new FileSet();
  const served = servedModels(pipeline);
  for (const entry of served) {
    const repository = `models-${entry.device}/`;
    for (const stage of entry.stages) {
      if (stage.segment === null) continue;
      const name = servedName(stage.segment);
      files.add(`${repository}${name}/config.pbtxt`, stageConfig(name, stage));
      files.segment(stage.segment, `${repository}${name}/1/`, "model.onnx", sources);
    }
    if (entry.stages.length === 1) continue;
    files.add(`${repository}${entry.model}/config.pbtxt`, ensembleConfig(entry));
    // An ensemble has no model file, but its version is a folder all the same.
    files.add(`${repository}${entry.model}/1/.keep`, "\n");
  }
  files.add("client.py", TRITON_CLIENT);
  files.add("pipeline.json", pipelineJson(pipeline, served));
  files.add("README.md", readme(triton, subject));
  return files.result();
}

/** Devices of stages that hold ops, once each. */
function servingDevices({ rig, plan }: ExportSubject): readonly string[] {
  const used = new Set(plan.stageOf);
  return [...new Set(plan.stages.filter((_, stage) => used.has(stage)))].map((device) => item(rig.devices, device).id);
}

export const triton: FolderExporter = {
  kind: "folder",
  holdsModels: true,
  id: "triton",
  label: "Triton model repositories",
  detail: "One repository per device, and a client that chains them",
  suffix: ".triton",
  howToRun: (subject) => {
    const devices = servingDevices(subject);
    const at = devices.map((device) => `--at ${device}=http://HOST:8000`).join(" ");
    return `On each device, with the folder that bears its name:

${devices.map((device) => `    tritonserver --model-repository=models-${device}\n`).join("")}
On any machine that reaches them (Python with NumPy, nothing else):

    python3 client.py ${at} --frames 20

The client sends each stage's tensors to the next server itself, several frames in flight, and prints latency and period.
Any server of the Open Inference Protocol will do in Triton's place: KServe, OpenVINO Model Server, or
"splitscope serve FILE.onnx --name MODEL".
`;
  },
  limits: (subject) => {
    const { model, rig, plan } = subject;
    const limits = [
      "Servers do not call each other: tensors go through the machine that runs client.py, so it belongs on the source device.",
    ];
    if (model.bindings.size > 0) {
      const sizes = [...model.bindings].map(([name, size]) => `${name} = ${size}`).join(", ");
      limits.push(`Dimensions that the model leaves open are fixed at the sizes of the plan: ${sizes}.`);
    }
    if (model.graph.opCount > 0 && !plan.stageOf.includes(0)) {
      const { id } = item(rig.devices, item(plan.stages, 0));
      limits.push(`The first stage, on device "${id}", holds no op, so nothing is served there.`);
    }
    return limits;
  },
  refusal: (subject) => firstObstacle(travellingTensors(subject)),
  files: tritonFiles,
};
