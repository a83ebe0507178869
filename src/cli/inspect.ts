import { at, item, row } from "../core/columns.ts";
import { moduleTotals } from "../core/cost/module-totals.ts";
import { finiteOrNull } from "../core/export/report.ts";
import type { Graph } from "../core/graph/graph.ts";
import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { TensorType } from "../core/onnx/model.ts";
import { formatCount, formatMacs, formatMemory } from "../core/units.ts";
import { bodiesJson, bodyRows } from "./inspect-bodies.ts";
import type { OpenedFile } from "./open.ts";
import { aligned } from "./text.ts";

function tensorJson(graph: Graph, tensor: number) {
  const { elementType, shape } = item(graph.tensorTypes, tensor);
  return {
    name: item(graph.tensorNames, tensor),
    dtype: elementType,
    shape: shape === null ? null : shape.map((size) => (typeof size === "number" ? size : null)),
  };
}

/** What `inspect --json` prints: an unknown size is null, an unknown rank is a shape of null. */
export function inspectJson({ model, sha256 }: OpenedFile): object {
  const { graph, costs, totals } = model;
  const names = (tensors: Iterable<number>) => [...tensors].map((tensor) => item(graph.tensorNames, tensor));
  return {
    model: {
      name: model.fileName,
      sha256,
      producer: model.producer,
      opset: model.opsets.find(({ domain }) => domain === "")?.version ?? null,
      irVersion: model.irVersion,
      inputs: graph.inputs.map((tensor) => tensorJson(graph, tensor)),
      outputs: graph.outputs.map((tensor) => tensorJson(graph, tensor)),
      dims: model.openDimensions.map(({ name, input, axis }) => ({
        name,
        input,
        axis,
        size: model.bindings.get(name) ?? null,
      })),
    },
    ops: graph.opNames.map((name, op) => ({
      name,
      type: item(graph.opTypes, op),
      domain: item(graph.opDomains, op),
      inputs: names(row(graph.opInputs, op)),
      outputs: names(row(graph.opOutputs, op)),
      macs: finiteOrNull(at(costs.macs, op)),
      weightBytes: finiteOrNull(at(costs.weightBytes, op)),
    })),
    tensors: graph.tensorNames.map((_, tensor) => ({
      ...tensorJson(graph, tensor),
      bytes: finiteOrNull(at(graph.tensorBytes, tensor)),
    })),
    modules: modulesOf(model).map(({ name, parent, firstOp, ops, macs, parameters, weightBytes }) => ({
      name,
      parent,
      firstOp,
      ops,
      macs: finiteOrNull(macs),
      parameters: finiteOrNull(parameters),
      weightBytes: finiteOrNull(weightBytes),
    })),
    bodies: bodiesJson(model),
    cuts: names(model.cuts),
    totals: {
      ops: totals.ops,
      macs: finiteOrNull(totals.macs),
      parameters: finiteOrNull(totals.parameters),
      weightBytes: finiteOrNull(totals.weightBytes),
    },
  };
}

/** The modules of a model in reading order, outer before inner, with what each holds. */
function modulesOf({ modules, graph, costs }: OpenedModel) {
  const totals = moduleTotals(modules, graph, costs);
  return modules.names.map((name, module) => {
    const parent = at(modules.parent, module);
    return {
      name,
      /** Its number, which is its place in this list; null for the whole. */
      parent: parent < 0 ? null : parent,
      firstOp: at(modules.firstOp, module),
      ops: at(totals.ops, module),
      macs: at(totals.macs, module),
      parameters: at(totals.parameters, module),
      weightBytes: at(totals.weightBytes, module),
    };
  });
}

function typeText({ kind, elementType, shape }: TensorType): string {
  if (kind === "other") return "no plain tensor";
  return `${elementType}[${shape === null ? "unknown rank" : shape.map((size) => size ?? "?").join(", ")}]`;
}

const orUnknown = (value: number, format: (value: number) => string) => (Number.isNaN(value) ? "?" : format(value));

/** The same for a person: a summary and a table of ops. */
export function inspectText({ model, sha256 }: OpenedFile): string {
  const { graph, costs, totals } = model;
  const cuts = new Set(model.cuts);
  const typeOf = (tensor: number) => typeText(item(graph.tensorTypes, tensor));
  const ends = (tensors: readonly number[]) =>
    tensors.map((tensor) => `${item(graph.tensorNames, tensor)} ${typeOf(tensor)}`).join(", ");
  const summary: [string, string][] = [
    ["model", `${model.fileName}, ${formatMemory(model.fileBytes)}, SHA-256 ${sha256}`],
    ["made by", `${model.producer || "unknown"}, IR version ${model.irVersion}`],
    ["opsets", model.opsets.map(({ domain, version }) => `${domain || "ai.onnx"} ${version}`).join(", ")],
    ["inputs", ends(graph.inputs)],
    ["outputs", ends(graph.outputs)],
    ...model.openDimensions.map(({ name }): [string, string] => [
      "dimension",
      `${name} = ${model.bindings.get(name) ?? `open (give it by --dim ${name}=N)`}`,
    ]),
    ["ops", String(totals.ops)],
    ["work", orUnknown(totals.macs, formatMacs)],
    ["parameters", `${orUnknown(totals.parameters, formatCount)}, ${orUnknown(totals.weightBytes, formatMemory)}`],
    ["one-tensor cuts", String(model.cuts.length)],
  ];
  for (const tensor of model.unresolved) {
    summary.push([
      "type not known",
      `${tensor}: ${model.reasons.get(tensor) ?? ""} (give it by --shape '${tensor}=f32[...]')`,
    ]);
  }
  if (model.warning !== null) summary.push(["warning", model.warning]);
  const ops = graph.opNames.map((name, op) => {
    const outputs = [...row(graph.opOutputs, op)];
    return [
      name,
      item(graph.opTypes, op),
      outputs.map(typeOf).join(", "),
      orUnknown(at(costs.macs, op), formatMacs),
      orUnknown(at(costs.weightBytes, op), formatMemory),
      outputs.some((tensor) => cuts.has(tensor)) ? "cut after" : "",
    ];
  });
  const bodies = bodyRows(model);
  const held =
    bodies.length === 0 ? "" : `\n${aligned([["body", "per inference", "holds", "work", "weights", ""], ...bodies])}`;
  return `${aligned(summary)}\n${aligned([["op", "type", "output", "work", "weights", ""], ...ops])}${held}`;
}
