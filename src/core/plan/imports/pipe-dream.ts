import { err, ok, type Result } from "../../result.ts";
import type { AbstractProblem } from "../abstract-problem.ts";
import { type ImportChoice, onlyFile, type ProblemImport } from "./problem-import.ts";

interface Node {
  readonly id: string;
  readonly description: string;
  /** Of a whole minibatch. */
  readonly milliseconds: number;
  readonly activationBytes: number;
  readonly parameterBytes: number;
  readonly readers: string[];
}

const NODE = /^(\S+) -- (.*) -- (forward_compute_time=.*)$/;
const EDGE = /^\s+(\S+) -- (\S+)$/;
/** What graph.txt does not say: PipeDream's optimizer takes it as arguments. */
const MACHINES = 4;
const BYTES_PER_SECOND = 1e9;
/** Any two machines are joined, so that links grow with their square. */
const MOST_MACHINES = 200;

/** A figure of the line's list `name=value, ...`; lists such as "[1.0; 2.0]" are summed, as PipeDream does. */
function figure(figures: string, name: string): number | null {
  const found = new RegExp(`(?:^|, )${name}=(\\[[^\\]]*\\]|[^,\\s]+)`).exec(figures)?.[1];
  if (found === undefined) return null;
  const parts = found.replaceAll(/[[\]]/g, "").split(";");
  const sum = parts.reduce((total, part) => total + (part.trim() === "" ? Number.NaN : Number(part)), 0);
  return Number.isFinite(sum) && sum >= 0 ? sum : null;
}

function readNode(line: string, number: number, file: string): Result<Node> {
  const [, id = "", description = "", figures = ""] = NODE.exec(line) ?? [];
  const values = ["forward_compute_time", "activation_size", "parameter_size"].map((name) => figure(figures, name));
  const [milliseconds, activationBytes, parameterBytes] = values;
  if (milliseconds == null || activationBytes == null || parameterBytes == null) {
    return err(
      `Line ${number} of ${file} gives node "${id}" without a time, activation size and parameter size; expected numbers of at least 0.`,
    );
  }
  return ok({ id, description, milliseconds, activationBytes, parameterBytes, readers: [] });
}

function readGraph(text: string, file: string): Result<ReadonlyMap<string, Node>> {
  const nodes = new Map<string, Node>();
  const edges: { from: string; to: string; line: number }[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue;
    const [, from, to] = EDGE.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      edges.push({ from, to, line: index + 1 });
      continue;
    }
    if (!NODE.test(line)) {
      return err(
        `Line ${index + 1} of ${file} is neither a node nor an edge; expected "id -- description -- forward_compute_time=..." or an indented "id -- id".`,
      );
    }
    const node = readNode(line, index + 1, file);
    if (!node.ok) return node;
    if (nodes.has(node.value.id))
      return err(`Two nodes of ${file} have the id "${node.value.id}"; expected different ids.`);
    nodes.set(node.value.id, node.value);
  }
  for (const { from, to, line } of edges) {
    const source = nodes.get(from);
    const stray = source === undefined ? from : nodes.has(to) ? null : to;
    if (stray !== null)
      return err(`Line ${line} of ${file} joins node "${stray}"; expected the id of a node of the file.`);
    if (source !== undefined && !source.readers.includes(to)) source.readers.push(to);
  }
  if (nodes.size === 0)
    return err(`${file} holds no node; expected lines "id -- description -- forward_compute_time=...".`);
  return ok(nodes);
}

function problemOf(nodes: ReadonlyMap<string, Node>, name: string, choice: ImportChoice): AbstractProblem {
  const all = [...nodes.values()];
  const targets = new Set(all.flatMap(({ readers }) => readers));
  const isInput = ({ id, description }: Node) => description.startsWith("Input") && !targets.has(id);
  const ops = all.filter((node) => !isInput(node));
  const label = ({ id, description }: Node) => `${id} ${description}`;
  const labelOf = (id: string) => {
    const node = nodes.get(id);
    return node === undefined ? id : label(node);
  };
  const machines = Array.from({ length: choice.machines ?? MACHINES }, (_, i) => `machine ${i + 1}`);
  const bytesPerSecond = choice.bytesPerSecond ?? BYTES_PER_SECOND;
  return {
    name,
    source: null,
    sink: null,
    devices: machines.map((id) => ({ id, memoryBytes: null, stageOverheadSeconds: 0 })),
    links: machines.flatMap((from) =>
      machines.flatMap((to) => (from === to ? [] : [{ from, to, bytesPerSecond, latencySeconds: 0, medium: null }])),
    ),
    ops: ops.map((node) => ({
      id: label(node),
      seconds: machines.map(() => node.milliseconds / 1e3),
      weightBytes: node.parameterBytes,
    })),
    tensors: all.map((node) => ({
      id: `out of ${node.id}`,
      producer: isInput(node) ? null : label(node),
      consumers: node.readers.map(labelOf),
      // The optimizer too lets the input lie where it is read.
      bytes: isInput(node) ? 0 : node.activationBytes,
      output: node.readers.length === 0 && !isInput(node),
    })),
  };
}

/** graph.txt of msr-fiddle/pipedream's profiler: a graph with times, in milliseconds, and sizes of one minibatch. */
export const pipeDreamImport: ProblemImport = {
  id: "pipe-dream",
  label: "PipeDream's graph.txt",
  matches: (text) => /^\S+ -- .* -- forward_compute_time=/m.test(text.slice(0, 65_536)),
  read: (files, choice) => {
    const file = onlyFile(files, pipeDreamImport.label);
    if (!file.ok) return file;
    const { machines = MACHINES, bytesPerSecond = BYTES_PER_SECOND } = choice;
    if (machines > MOST_MACHINES) return err(`${machines} machines were asked for; expected at most ${MOST_MACHINES}.`);
    const nodes = readGraph(file.value.text, file.value.name);
    if (!nodes.ok) return nodes;
    return ok({
      problem: problemOf(nodes.value, file.value.name, choice),
      notes: [
        `${file.value.name} names no machines: it is taken to run on ${machines} like the profiled one, any two joined at ${bytesPerSecond} bytes per second.`,
        "Times and sizes are of the forward pass of a whole minibatch.",
      ],
    });
  },
};
