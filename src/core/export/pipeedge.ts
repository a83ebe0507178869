import { at, item, row } from "../columns.ts";
import { elementCount } from "../onnx/element-types.ts";
import { err } from "../result.ts";
import { chainLayers, stageLayers } from "./chain-layers.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { FolderExporter } from "./exporter.ts";
import { FileSet, readme } from "./file-set.ts";

/** A YAML scalar or a sequence of numbers in one line: JSON is YAML. */
const yaml = (value: unknown): string => JSON.stringify(value);
/** A number as every YAML has it: JSON knows no infinity, and YAML 1.1 wants a point before an exponent. */
const yamlNumber = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? ".inf" : String(value).replace(/^(-?\d+)e/, "$1.0e");
const yamlNumbers = (values: readonly number[]): string => `[${values.map(yamlNumber).join(", ")}]`;

/** MB as PipeEdge counts: 10^6 bytes. */
const megabytes = (bytes: number): number => Number((bytes / 1e6).toPrecision(9));
const seconds = (value: number): number => Number(value.toPrecision(9));

const modelName = ({ model }: ExportSubject) => model.fileName.replace(/\.onnx$/i, "");

/** Elements of a tensor, as floats would take its bytes: PipeEdge counts four bytes for each. */
function elements({ model: { graph }, problem }: ExportSubject, tensor: number): number {
  const { elementType, shape } = item(graph.tensorTypes, tensor);
  const count = elementCount(shape);
  if (elementType === "float" && Number.isFinite(count)) return count;
  return Math.ceil(at(problem.tensorMemoryBytes, tensor) / 4);
}

/** models.yml: what each layer holds in memory, and how much it hands on. O(ops + edges). */
function modelsYaml(subject: ExportSubject): string {
  const { model, problem } = subject;
  const { graph } = model;
  const layers = chainLayers(model);
  const weights = Array.from({ length: layers.count }, () => new Set<number>());
  const bytes = new Float64Array(layers.count);
  for (let op = 0; op < graph.opCount; op++) {
    const layer = at(layers.layerOf, op);
    for (const constant of row(graph.opConstants, op)) item(weights, layer).add(constant);
    for (const tensor of row(graph.opOutputs, op))
      bytes[layer] = at(bytes, layer) + at(problem.tensorMemoryBytes, tensor);
  }
  const memory = weights.map((constants, layer) => {
    let sum = at(bytes, layer);
    for (const constant of constants) {
      const size = at(graph.constantBytes, constant);
      if (Number.isFinite(size)) sum += size;
    }
    return megabytes(sum);
  });
  const sum = (tensors: readonly number[]) => tensors.reduce((total, tensor) => total + elements(subject, tensor), 0);
  return [
    `${yaml(modelName(subject))}:\n`,
    `  layers: ${layers.count}\n`,
    `  mem_MB: ${yamlNumbers(memory)}\n`,
    `  parameters_in: ${sum(graph.inputs)}\n`,
    `  parameters_out: ${yamlNumbers([...layers.cuts.map((tensor) => sum([tensor])), sum(graph.outputs)])}\n`,
  ].join("");
}

/** device_types.yml: memory, the best link and the time of each layer, for every device of the rig. */
function deviceTypesYaml(subject: ExportSubject): string {
  const { model, rig, problem } = subject;
  const layers = chainLayers(model);
  return rig.devices
    .map((device, number) => {
      const times = new Float64Array(layers.count);
      const { opSeconds } = item(problem.devices, number);
      for (const [op, layer] of layers.layerOf.entries()) times[layer] = at(times, layer) + at(opSeconds, op);
      const rates = rig.links.flatMap(({ a, b, aToB, bToA }) =>
        a === device.id || b === device.id ? [aToB, bToA] : [],
      );
      return [
        `${yaml(device.id)}:\n`,
        `  bw_Mbps: ${yamlNumber((Math.max(0, ...rates) * 8) / 1e6)}\n`,
        `  mem_MB: ${yamlNumber(megabytes(device.memory))}\n`,
        "  model_profiles:\n",
        `    ${yaml(modelName(subject))}:\n`,
        "    - batch_size: 1\n",
        "      dtype: torch.float32\n",
        `      time_s: ${yamlNumbers([...times].map(seconds))}\n`,
      ].join("");
    })
    .join("");
}

const devicesYaml = ({ rig }: ExportSubject): string =>
  rig.devices.map(({ id }) => `${yaml(id)}:\n- ${yaml(id)}\n`).join("");

/** First and last layer of each stage, from 1: "1,24,25,48"; a sentence where stages part within a layer. */
function pipeEdgePartition(
  subject: ExportSubject,
): { readonly text: string; readonly hosts: readonly string[] } | string {
  const { model, rig, plan } = subject;
  const found = stageLayers(model, chainLayers(model), plan);
  if (typeof found === "string") return found;
  return {
    text: found.ranges.map(({ first, last }) => `${first + 1},${last + 1}`).join(","),
    hosts: found.ranges.map(({ stage }) => item(rig.devices, item(plan.stages, stage)).id),
  };
}

export const pipeEdge: FolderExporter = {
  kind: "folder",
  holdsModels: false,
  id: "pipeedge",
  label: "PipeEdge partition (YAML)",
  detail: "-pt, and the three files of its scheduler",
  suffix: ".pipeedge",
  howToRun: (subject) => {
    const partition = pipeEdgePartition(subject);
    const { text, hosts } = typeof partition === "string" ? { text: "", hosts: [] } : partition;
    const ranks = hosts.map(
      (host, rank) =>
        `    python runtime.py ${rank} ${hosts.length} -m ${modelName(subject)} -pt ${text}    # on ${host}\n`,
    );
    return `Layers are the parts of the model between tensors that every path crosses, numbered from 1. The plan by hand:

${ranks.join("")}
Or let PipeEdge's own scheduler find one from the three files:

    sched-pipeline -i 2 -o 2 -b 1 -d torch.float32 -m ${modelName(subject)} -M models.yml -T device_types.yml -D devices.yml
`;
  },
  limits: (subject) => {
    const { rig, plan, encoding } = subject;
    const limits = [
      "PipeEdge runs models that are registered in it (ViT, DeiT, BERT); register this one with the layers of models.yml first.",
    ];
    if (!plan.stageOf.includes(0)) {
      limits.push(
        `The first stage, on device "${item(rig.devices, item(plan.stages, 0)).id}", holds no op; PipeEdge has no stage for that, so it is left out.`,
      );
    }
    limits.push(
      "PipeEdge knows one bandwidth per device and no latency of links: each device's fastest link is written.",
    );
    if (encoding.input !== "as-stored" || encoding.cut !== "as-stored") {
      limits.push("Tensors are counted as 32-bit floats; the plan's encoding of inputs and cuts is left out.");
    }
    return limits;
  },
  refusal: (subject) => {
    const partition = pipeEdgePartition(subject);
    return typeof partition === "string" ? partition : null;
  },
  files: (subject) => {
    const partition = pipeEdgePartition(subject);
    if (typeof partition === "string") return err(partition);
    const files = new FileSet();
    files.add("partition.txt", `${partition.text}\n`);
    files.add(
      "schedule.yml",
      partition.hosts
        .map((host, stage) => {
          const [first, last] = partition.text.split(",").slice(2 * stage);
          return `- ${yaml(host)}: [${first}, ${last}]\n`;
        })
        .join(""),
    );
    files.add("models.yml", modelsYaml(subject));
    files.add("device_types.yml", deviceTypesYaml(subject));
    files.add("devices.yml", devicesYaml(subject));
    files.add("README.md", readme(pipeEdge, subject));
    return files.result();
  },
};
