import { Fields, parseJson } from "../../json.ts";
import { err, ok, type Result } from "../../result.ts";
import type { AbstractOp, AbstractProblem, AbstractTensor } from "../abstract-problem.ts";
import { onlyFile, type ProblemImport } from "./problem-import.ts";

interface Node {
  readonly id: number;
  readonly name: string;
  /** Milliseconds; null = not supported there. */
  readonly accelerator: number | null;
  readonly cpu: number;
  readonly size: number;
  readonly colour: string | null;
  readonly isBackward: boolean;
}

interface Edge {
  readonly from: number;
  readonly to: number;
  /** Milliseconds that moving the tensor takes an accelerator. */
  readonly cost: number;
  readonly size: number;
}

interface Instance {
  readonly accelerators: number;
  readonly cpus: number;
  readonly sizePerAccelerator: number;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

const NOT_NEGATIVE = { min: 0 } as const;
const COUNT = { integer: true, min: 0, max: 1000 } as const;
/** Bytes per millisecond where sizes and costs of tensors do not go together: bytes then stand for time. */
const NOMINAL_RATE = 1e6;
/** Relative difference up to which costs count as one rate times sizes. */
const SAME_RATE = 1e-9;

function readNode(fields: Fields): Node {
  const id = fields.number("id", { integer: true });
  const supported = fields.get("supportedOnFpga");
  const time = fields.number("fpgaLatency", NOT_NEGATIVE);
  return {
    id,
    name: fields.text("name", ""),
    accelerator: supported === true || supported === 1 ? time : null,
    cpu: fields.number("cpuLatency", NOT_NEGATIVE),
    size: fields.number("size", NOT_NEGATIVE, 0),
    colour: fields.has("colorClass") ? `colour ${fields.number("colorClass", { integer: true })}` : null,
    isBackward: fields.get("isBackwardNode") === true || fields.get("isBackwardNode") === 1,
  };
}

function readInstance(json: unknown, file: string): Result<Instance> {
  const problems: string[] = [];
  const fields = new Fields(json, "", problems);
  const instance: Instance = {
    accelerators: fields.number("maxFPGAs", COUNT),
    cpus: fields.number("maxCPUs", COUNT),
    sizePerAccelerator: fields.number("maxSizePerFPGA", { above: 0 }),
    nodes: fields.objects("nodes").map(readNode),
    edges: fields.objects("edges").map((edge) => ({
      from: edge.number("sourceId", { integer: true }),
      to: edge.number("destId", { integer: true }),
      cost: edge.number("cost", NOT_NEGATIVE),
      size: edge.number("size", NOT_NEGATIVE, 0),
    })),
  };
  const [bad] = problems;
  if (bad !== undefined) return err(`${file} has a bad field: ${bad}`);
  const wrong = instanceProblem(instance);
  return wrong === null ? ok(instance) : err(`${file} ${wrong}`);
}

function instanceProblem({ accelerators, cpus, nodes, edges }: Instance): string | null {
  if (accelerators + cpus === 0) return "has no device: maxFPGAs and maxCPUs are 0; expected at least one.";
  const backward = nodes.filter(({ isBackward }) => isBackward).length;
  if (backward > 0) return `holds ${backward} backward nodes of a training step; expected a graph of inference.`;
  const ids = new Set<number>();
  for (const { id } of nodes) {
    if (ids.has(id)) return `has two nodes with the id ${id}; expected different ids.`;
    ids.add(id);
  }
  const costs = new Map<number, number>();
  for (const { from, to, cost } of edges) {
    const stray = [from, to].find((id) => !ids.has(id));
    if (stray !== undefined) return `has an edge from ${from} to ${to}; node ${stray} is not there.`;
    const known = costs.get(from);
    if (known !== undefined && Math.abs(known - cost) > 1e-6) {
      return `gives edges out of node ${from} the costs ${known} and ${cost}; expected one, for it is one tensor.`;
    }
    costs.set(from, known ?? cost);
  }
  return null;
}

/** Bytes per millisecond if costs are sizes at one rate, else null. */
function commonRate(edges: readonly Edge[]): number | null {
  const [first] = edges.filter(({ cost }) => cost > 0);
  if (first === undefined) return NOMINAL_RATE;
  const rate = first.size / first.cost;
  const fits = ({ size, cost }: Edge) => Math.abs(size - cost * rate) <= SAME_RATE * size;
  return rate > 0 && edges.every(fits) ? rate : null;
}

function tensorsOf({ edges }: Instance, idOf: (node: number) => string, rate: number | null): AbstractTensor[] {
  const bySource = new Map<number, Edge[]>();
  for (const edge of edges) {
    const known = bySource.get(edge.from);
    if (known === undefined) bySource.set(edge.from, [edge]);
    else known.push(edge);
  }
  return [...bySource].map(([from, out]) => ({
    id: `out of ${idOf(from)}`,
    producer: idOf(from),
    consumers: [...new Set(out.map(({ to }) => idOf(to)))],
    bytes: rate === null ? (out[0]?.cost ?? 0) * NOMINAL_RATE : (out[0]?.size ?? 0),
    // The limit on size is on what nodes hold; tensors in flight do not count.
    memoryBytes: 0,
    output: false,
  }));
}

function opsOf({ nodes, accelerators, cpus }: Instance, idOf: (node: number) => string): AbstractOp[] {
  const members = new Map<string, number>();
  for (const { colour } of nodes) if (colour !== null) members.set(colour, (members.get(colour) ?? 0) + 1);
  const seconds = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1e3);
  return nodes.map(({ id, accelerator, cpu, size, colour }) => ({
    id: idOf(id),
    seconds: [
      ...Array.from({ length: accelerators }, () => seconds(accelerator)),
      ...Array.from({ length: cpus }, () => seconds(cpu)),
    ],
    weightBytes: size,
    group: colour !== null && (members.get(colour) ?? 0) > 1 ? colour : null,
  }));
}

function problemOf(instance: Instance, name: string, rate: number | null): AbstractProblem {
  const { nodes, accelerators, cpus, sizePerAccelerator } = instance;
  const names = new Set(nodes.map((node) => node.name));
  const named = names.size === nodes.length && !names.has("");
  const nameOf = new Map(nodes.map((node) => [node.id, named ? node.name : `node ${node.id}`]));
  const idOf = (node: number) => nameOf.get(node) ?? "";
  const bytesPerSecond = (rate ?? NOMINAL_RATE) * 1e3;
  const ids = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i + 1}`);
  return {
    name,
    source: null,
    sink: null,
    delivery: "port",
    overlap: false,
    devices: [
      ...ids("accelerator", accelerators).map((id) => ({
        id,
        memoryBytes: sizePerAccelerator,
        stageOverheadSeconds: 0,
        port: { sendBytesPerSecond: bytesPerSecond, receiveBytesPerSecond: bytesPerSecond },
      })),
      ...ids("CPU", cpus).map((id) => ({ id, memoryBytes: null, stageOverheadSeconds: 0, port: null })),
    ],
    links: [],
    ops: opsOf(instance, idOf),
    tensors: tensorsOf(instance, idOf, rate),
  };
}

/**
 * Inputs of "Efficient Algorithms for Device Placement of DNN Graph Operators" (NeurIPS 2020, msr-fiddle/dnn-partitioning),
 * throughput of inference: an accelerator is busy with its nodes and with each tensor that it sends or receives, through
 * the host; a CPU pays for nodes only; nodes of a colour stay together; `size` is limited per accelerator.
 */
export const dnnPartitioningImport: ProblemImport = {
  id: "dnn-partitioning",
  label: "the JSON of msr-fiddle/dnn-partitioning",
  matches: (text) => /^\ufeff?\s*\{/.test(text) && text.includes('"maxFPGAs"') && text.includes('"fpgaLatency"'),
  read: (files) => {
    const file = onlyFile(files, dnnPartitioningImport.label);
    if (!file.ok) return file;
    const { name, text } = file.value;
    const json = parseJson(text, name);
    if (!json.ok) return json;
    const instance = readInstance(json.value, name);
    if (!instance.ok) return instance;
    const rate = commonRate(instance.value.edges);
    const notes =
      rate === null
        ? [`Costs of tensors in ${name} are not their sizes at one rate; bytes stand for time, at 1 GB/s.`]
        : [];
    return ok({ problem: problemOf(instance.value, name.replace(/\.json$/i, ""), rate), notes });
  },
};
