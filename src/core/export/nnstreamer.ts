import { item } from "../columns.ts";
import type { ElementType } from "../onnx/model.ts";
import { crossings } from "../plan/validity.ts";
import { err, type Result } from "../result.ts";
import type { ExportFile, ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";
import { type FolderExporter, relayLimits } from "./exporter.ts";
import { FileSet, readme } from "./file-set.ts";
import {
  type Pipeline,
  type PipelineStage,
  type PipelineTensor,
  pipelineOf,
  sizesOf,
  travellingTensors,
} from "./pipeline.ts";

/** Element types by their names in NNStreamer; it has none for truth values and text. */
const TYPES: ReadonlyMap<ElementType, { readonly name: string; readonly bytes: number }> = new Map([
  ["int8", { name: "int8", bytes: 1 }],
  ["uint8", { name: "uint8", bytes: 1 }],
  ["int16", { name: "int16", bytes: 2 }],
  ["uint16", { name: "uint16", bytes: 2 }],
  ["int32", { name: "int32", bytes: 4 }],
  ["uint32", { name: "uint32", bytes: 4 }],
  ["int64", { name: "int64", bytes: 8 }],
  ["uint64", { name: "uint64", bytes: 8 }],
  ["float16", { name: "float16", bytes: 2 }],
  ["float", { name: "float32", bytes: 4 }],
  ["double", { name: "float64", bytes: 8 }],
]);

/** Most tensors in one frame, and most dimensions of one, that NNStreamer's elements pass on. */
const MOST_TENSORS = 16;
const MOST_DIMENSIONS = 16;
const FIRST_PORT = 3000;

/** Why a tensor cannot travel in NNStreamer's frames, as a sentence; null where it can. */
function obstacle({ name, type }: PipelineTensor): string | null {
  if (!TYPES.has(type.elementType))
    return `NNStreamer has no type for tensor "${name}" of element type ${type.elementType}.`;
  const sizes = sizesOf(type);
  if (sizes === null || sizes.some((size) => size < 0)) {
    return `NNStreamer's frames have fixed sizes, and that of tensor "${name}" is not known.`;
  }
  return sizes.length > MOST_DIMENSIONS
    ? `NNStreamer's tensors have at most ${MOST_DIMENSIONS} dimensions; tensor "${name}" has ${sizes.length}.`
    : null;
}

function firstObstacle(tensors: readonly PipelineTensor[]): string | null {
  for (const tensor of tensors) {
    const fault = obstacle(tensor);
    if (fault !== null) return fault;
  }
  return null;
}

/** The first frame of too many tensors, as a sentence. Frames are in the order of the stages that they go into. */
function crowdedFrame(counts: readonly number[]): string | null {
  const crowded = counts.findIndex((count) => count > MOST_TENSORS);
  if (crowded < 0) return null;
  const where = crowded === counts.length - 1 ? "The last stage yields" : `Stage ${crowded + 1} of the plan takes`;
  return `${where} ${counts[crowded]} tensors; NNStreamer's frames hold at most ${MOST_TENSORS}.`;
}

/** Sizes from the innermost one: "224:224:3:1". */
const dimension = ({ type }: PipelineTensor): string => [...(sizesOf(type) ?? [])].reverse().join(":") || "1";
const typeName = ({ type }: PipelineTensor): string => TYPES.get(type.elementType)?.name ?? "";
const byteLength = ({ type }: PipelineTensor): number =>
  (sizesOf(type) ?? []).reduce((product, size) => product * size, TYPES.get(type.elementType)?.bytes ?? 0);

/** The variable of the script that holds a device's address. */
const hostVariable = (device: string): string => `HOST_${device.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

interface Context {
  readonly pipeline: Pipeline;
  readonly tensors: ReadonlyMap<string, PipelineTensor>;
  /** Where the outputs must arrive. */
  readonly sink: string;
}

const typed = ({ tensors }: Context, names: readonly string[]): readonly PipelineTensor[] =>
  names.map((name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`no type of tensor ${name}`);
    return tensor;
  });

function caps(tensors: readonly PipelineTensor[]): string {
  const dimensions = tensors.map(dimension).join(".");
  const types = tensors.map(typeName).join(".");
  return `'other/tensors,format=static,num_tensors=${tensors.length},dimensions=${dimensions},types=${types},framerate=0/1'`;
}

/** Frames out of files, one file per input. */
function fileSource({ pipeline }: Context): readonly string[] {
  const read = (tensor: PipelineTensor, number: number) =>
    `filesrc location="$INPUT_${number}" blocksize=${byteLength(tensor)} ! application/octet-stream ! tensor_converter input-dim=${dimension(tensor)} input-type=${typeName(tensor)}`;
  const { inputs } = pipeline;
  const [only, second] = inputs;
  if (only !== undefined && second === undefined) return [read(only, 0)];
  return [
    ...inputs.map((input, number) => `${read(input, number)} ! frames.sink_${number}`),
    "tensor_mux name=frames sync-mode=nosync",
  ];
}

const receive = (context: Context, from: string, port: number, names: readonly string[]): string =>
  `edgesrc dest-host="$${hostVariable(from)}" dest-port=${port} connect-type=TCP ! ${caps(typed(context, names))}`;

/** The filter of a stage, told which of the frame's tensors it reads and what the next frame is made of. */
function filter({ segment, incoming, outgoing, inputs, outputs, stage }: PipelineStage): string | null {
  if (segment === null) return null;
  const places = new Map(incoming.map((name, place) => [name, place]));
  const made = new Map(outputs.map(({ name }, place) => [name, place]));
  const reads = inputs.map(({ name }) => places.get(name));
  const gives = outgoing.map((name) => (made.has(name) ? `o${made.get(name)}` : `i${places.get(name)}`));
  return `tensor_filter framework=onnxruntime model=stage${stage}.onnx input-combination=${reads.join(",")} output-combination=${gives.join(",")}`;
}

/** Stages that follow each other on one device, as one pipeline. */
function runsOf(stages: readonly PipelineStage[]): readonly (readonly PipelineStage[])[] {
  const runs: PipelineStage[][] = [];
  for (const stage of stages) {
    const run = runs.at(-1);
    if (run?.[0]?.device === stage.device) run.push(stage);
    else runs.push([stage]);
  }
  return runs;
}

function runText(context: Context, run: readonly PipelineStage[]): string {
  const { stages } = context.pipeline;
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) throw new Error("a run holds a stage");
  const head =
    first.stage === 0
      ? fileSource(context)
      : [receive(context, item(stages, first.stage - 1).device, FIRST_PORT + first.stage - 1, first.incoming)];
  const filters = run.flatMap((stage) => filter(stage) ?? []);
  const sends = last.stage < stages.length - 1 || last.device !== context.sink;
  const tail = sends
    ? `edgesink host=0.0.0.0 port=${FIRST_PORT + last.stage} connect-type=TCP wait-connection=true`
    : 'filesink location="$OUTPUT" buffer-mode=unbuffered';
  const lines = [
    ...head.slice(0, -1),
    [...head.slice(-1), ...filters.flatMap((text) => ["queue", text]), "queue", tail].join(" ! \\\n    "),
  ];
  return lines.join(" \\\n  ");
}

function script(context: Context, device: string): string {
  const { pipeline, sink } = context;
  const texts = runsOf(pipeline.stages)
    .filter(([stage]) => stage?.device === device)
    .map((run) => runText(context, run));
  const last = pipeline.stages.at(-1);
  if (last !== undefined && last.device !== sink && device === sink) {
    texts.push(
      `${receive(context, last.device, FIRST_PORT + last.stage, last.outgoing)} ! \\\n    queue ! \\\n    filesink location="$OUTPUT" buffer-mode=unbuffered`,
    );
  }
  const hosts = [...new Set(pipeline.stages.map((stage) => stage.device))].filter((other) => other !== device);
  const reads = pipeline.stages[0]?.device === device;
  return `#!/bin/sh
# The pipelines of device "${device}". Addresses, and the files of frames, can be given as variables.
set -e
cd "$(dirname "$0")"
${hosts.map((host) => `: "\${${hostVariable(host)}:=${host}}"\n`).join("")}${reads ? pipeline.inputs.map((_, number) => `: "\${INPUT_${number}:=input_${number}.raw}"\n`).join("") : ""}: "\${OUTPUT:=output.raw}"
exec gst-launch-1.0 -e \\
  ${texts.join(" \\\n  ")}
`;
}

function pipelineFiles(subject: ExportSubject, sources: ModelSources): Result<readonly ExportFile[]> {
  const pipeline = pipelineOf(subject, sources);
  const all = [
    ...pipeline.inputs,
    ...pipeline.outputs,
    ...pipeline.stages.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
  ];
  const frames = pipeline.stages.map(({ incoming }) => incoming.length);
  const fault = firstObstacle(all) ?? crowdedFrame([...frames, pipeline.outputs.length]);
  if (fault !== null) return err(fault);
  const context = { pipeline, tensors: new Map(all.map((tensor) => [tensor.name, tensor])), sink: subject.rig.sink };
  const files = new FileSet();
  for (const device of new Set([...pipeline.stages.map((stage) => stage.device), subject.rig.sink])) {
    files.add(`${device}/run.sh`, script(context, device));
    for (const { segment, stage, device: home } of pipeline.stages) {
      if (segment !== null && home === device) files.segment(segment, `${device}/`, `stage${stage}.onnx`, sources);
    }
  }
  files.add("README.md", readme(nnstreamer, subject));
  return files.result();
}

const devicesOf = ({ rig, plan }: ExportSubject): readonly string[] => [
  ...new Set([...plan.stages.map((device) => item(rig.devices, device).id), rig.sink]),
];

export const nnstreamer: FolderExporter = {
  kind: "folder",
  holdsModels: true,
  id: "nnstreamer",
  label: "NNStreamer pipelines",
  detail: "A gst-launch script and models for each device",
  suffix: ".nnstreamer",
  howToRun: (subject) => {
    const { model, rig } = subject;
    const inputs = model.graph.inputs.map(
      (tensor, number) =>
        `input_${number}.raw: frames of "${item(model.graph.tensorNames, tensor)}", one after another`,
    );
    return `On every device, NNStreamer 2.4.2 or later with its ONNX Runtime filter and its edge elements. Copy each folder to its
device and start the scripts, the last device first:

${[...devicesOf(subject)]
  .reverse()
  .map((device) => `    sh ${device}/run.sh\n`)
  .join("")}
Addresses default to the devices' ids: set HOST_<DEVICE> where they are others. On "${rig.source}", the source:

${inputs.map((text) => `    ${text}\n`).join("")}
On "${rig.sink}", output.raw holds the outputs of each frame, one tensor after another.
`;
  },
  limits: (subject) => [
    "Frames have fixed sizes and types; truth values and text do not travel.",
    ...relayLimits(subject, "NNStreamer"),
  ],
  refusal: (subject) => {
    const { graph } = subject.model;
    const frames = [graph.inputs, ...crossings(graph, subject.plan), graph.outputs].map((tensors) => tensors.length);
    return firstObstacle(travellingTensors(subject)) ?? crowdedFrame(frames);
  },
  files: pipelineFiles,
};
