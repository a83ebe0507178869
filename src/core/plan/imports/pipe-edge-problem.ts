import { err, ok, type Result } from "../../result.ts";
import type { AbstractLink, AbstractProblem } from "../abstract-problem.ts";
import type { PipeEdgeDeviceType, PipeEdgeFile, PipeEdgeModel, PipeEdgeTimes } from "./pipe-edge.ts";

/** Which of the profiled chains to take; what is left out is found where there is only one. */
export interface PipeEdgeChoice {
  readonly model?: string;
  readonly dtype?: string;
  readonly batchSize?: number;
}

/** A chain that the files give times for. */
export interface PipeEdgeChain {
  readonly model: PipeEdgeModel;
  readonly dtype: string;
  readonly batchSize: number;
}

interface PipeEdgeProblem {
  readonly problem: AbstractProblem;
  /** What was left out, one sentence each. */
  readonly warnings: readonly string[];
}

/** PyTorch's types of numbers. */
const DTYPE_BYTES: ReadonlyMap<string, number> = new Map([
  ["torch.float64", 8],
  ["torch.float32", 4],
  ["torch.float16", 2],
  ["torch.bfloat16", 2],
  ["torch.quint8", 1],
  ["torch.qint8", 1],
  ["torch.uint8", 1],
  ["torch.int8", 1],
]);

/** Any two hosts are joined, so that links grow with their square. */
const MOST_HOSTS = 200;

function modelsOf(files: readonly PipeEdgeFile[]): readonly PipeEdgeModel[] {
  const models = new Map<string, PipeEdgeModel>();
  // The scheduler's file stands before the profiler's, which it was made from.
  for (const file of files) if (file.kind === "results") models.set(file.model.name, file.model);
  for (const file of files) if (file.kind === "models") for (const model of file.models) models.set(model.name, model);
  return [...models.values()];
}

function typesOf(files: readonly PipeEdgeFile[]): readonly PipeEdgeDeviceType[] {
  return files.flatMap((file) => (file.kind === "deviceTypes" ? file.types : []));
}

/** Chains with layers and times, in the order of the files. O(models x times). */
export function pipeEdgeChains(files: readonly PipeEdgeFile[]): readonly PipeEdgeChain[] {
  const times = typesOf(files).flatMap((type) => type.times);
  return modelsOf(files).flatMap((model) => {
    if (model.elementsOut.length === 0) return [];
    const kinds = new Map<string, PipeEdgeChain>();
    for (const { model: name, dtype, batchSize } of times) {
      if (name === model.name) kinds.set(`${batchSize} ${dtype}`, { model, dtype, batchSize });
    }
    return [...kinds.values()];
  });
}

/** "google/vit-base-patch16-224 (torch.float32, microbatches of 8)". */
function chainLabel({ model, dtype, batchSize }: PipeEdgeChain): string {
  return `${model.name} (${dtype}, microbatches of ${batchSize})`;
}

function chosenChain(files: readonly PipeEdgeFile[], choice: PipeEdgeChoice): Result<PipeEdgeChain> {
  const chains = pipeEdgeChains(files);
  if (modelsOf(files).length === 0)
    return err("The PipeEdge files describe no model; expected a models.yml among them.");
  if (typesOf(files).length === 0) {
    return err("The PipeEdge files describe no type of device; expected a device_types.yml among them.");
  }
  const fitting = chains.filter(
    (chain) =>
      (choice.model === undefined || chain.model.name === choice.model) &&
      (choice.dtype === undefined || chain.dtype === choice.dtype) &&
      (choice.batchSize === undefined || chain.batchSize === choice.batchSize),
  );
  const [only, other] = fitting;
  const offered = chains.map(chainLabel).join("; ");
  if (only === undefined) {
    return err(
      chains.length === 0
        ? "The device types hold no times of the models; expected model_profiles of a model that models.yml describes."
        : `The PipeEdge files have no times of ${choice.model ?? "such a model"}; expected one of: ${offered}.`,
    );
  }
  if (other !== undefined) {
    return err(`The PipeEdge files hold several chains; choose one of: ${fitting.map(chainLabel).join("; ")}.`);
  }
  return ok(only);
}

interface Host {
  readonly id: string;
  readonly type: PipeEdgeDeviceType;
  readonly times: PipeEdgeTimes;
}

/** Hosts with times of the chain, by the lists of devices; without a list, one of each type. */
function hostsOf(files: readonly PipeEdgeFile[], chain: PipeEdgeChain, warnings: string[]): Result<readonly Host[]> {
  const types = typesOf(files);
  const lists = files.flatMap((file) => (file.kind === "devices" ? [...file.hosts] : []));
  const listed = lists.length > 0 ? lists : types.map(({ name }): [string, readonly string[]] => [name, [name]]);
  if (lists.length === 0) warnings.push("No devices.yml: one host is taken of each type of device.");
  const hosts: Host[] = [];
  for (const [name, ids] of listed) {
    if (ids.length === 0) continue;
    const type = types.find((candidate) => candidate.name === name);
    const who = lists.length === 0 ? `Device type ${name}` : `Device type ${name} with ${ids.length} hosts`;
    const times = type?.times.findLast(
      ({ model, dtype, batchSize }) =>
        model === chain.model.name && dtype === chain.dtype && batchSize === chain.batchSize,
    );
    if (type === undefined) warnings.push(`${who} is not described by device_types.yml; it is left out.`);
    else if (times === undefined) warnings.push(`${who} has no times of ${chainLabel(chain)}; it is left out.`);
    else if (times.seconds.length !== chain.model.elementsOut.length) {
      return err(
        `Device type ${name} has ${times.seconds.length} times of ${chain.model.name}; expected ${chain.model.elementsOut.length}, one per layer.`,
      );
    } else hosts.push(...ids.map((id) => ({ id, type, times })));
  }
  if (hosts.length === 0) {
    return err(`No host has times of ${chainLabel(chain)}; expected a device type with both hosts and times.`);
  }
  if (hosts.length > MOST_HOSTS) return err(`devices.yml has ${hosts.length} hosts; expected at most ${MOST_HOSTS}.`);
  return ok(hosts);
}

/** A link per ordered pair, as fast as the slower of the two. */
function linksOf(hosts: readonly Host[]): readonly AbstractLink[] {
  return hosts.flatMap((from) =>
    hosts.flatMap((to): readonly AbstractLink[] => {
      const bytesPerSecond = Math.min(from.type.bytesPerSecond, to.type.bytesPerSecond);
      if (from === to || bytesPerSecond === 0) return [];
      return [{ from: from.id, to: to.id, bytesPerSecond, latencySeconds: 0, medium: null }];
    }),
  );
}

/**
 * The placement problem of PipeEdge files, as its scheduler sees it: a chain of layers, any two hosts joined, inputs that
 * reach and outputs that leave any host at no cost; times and sizes are of one microbatch. A layer's memory counts as
 * weights. The sentence on failure says which file is missing, which chains there are to choose from, or
 * which figures do not fit. O(hosts^2 + layers x hosts).
 */
export function pipeEdgeProblem(files: readonly PipeEdgeFile[], choice: PipeEdgeChoice = {}): Result<PipeEdgeProblem> {
  const chosen = chosenChain(files, choice);
  if (!chosen.ok) return chosen;
  const chain = chosen.value;
  const { model, dtype, batchSize } = chain;
  const elementBytes = DTYPE_BYTES.get(dtype);
  if (elementBytes === undefined) {
    return err(`${model.name} was profiled in ${dtype}; expected one of ${[...DTYPE_BYTES.keys()].join(", ")}.`);
  }
  const warnings: string[] = [];
  const hosts = hostsOf(files, chain, warnings);
  if (!hosts.ok) return hosts;
  const sampleBytes = batchSize * elementBytes;
  const layerId = (layer: number) => `layer ${layer + 1}`;
  const problem: AbstractProblem = {
    name: chainLabel(chain),
    source: null,
    sink: null,
    devices: hosts.value.map(({ id, type }) => ({
      id,
      memoryBytes: type.memoryBytes > 0 ? type.memoryBytes : null,
      stageOverheadSeconds: 0,
    })),
    links: linksOf(hosts.value),
    ops: model.elementsOut.map((_, layer) => ({
      id: layerId(layer),
      seconds: hosts.value.map(({ times }) => times.seconds[layer] ?? null),
      weightBytes: model.memoryBytes[layer] ?? 0,
    })),
    tensors: [
      {
        id: "input",
        producer: null,
        consumers: [layerId(0)],
        bytes: model.elementsIn * sampleBytes,
        output: false,
      },
      ...model.elementsOut.map((elements, layer) => {
        const isLast = layer === model.elementsOut.length - 1;
        return {
          id: `after ${layerId(layer)}`,
          producer: layerId(layer),
          consumers: isLast ? [] : [layerId(layer + 1)],
          bytes: elements * sampleBytes,
          output: isLast,
        };
      }),
    ],
  };
  return ok({ problem, warnings });
}
