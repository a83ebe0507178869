import type { NodeProto } from "onnx-buf";
import { at, item } from "../columns.ts";
import { runsFinder } from "../cost/composite.ts";
import { OP_CLASSES, type OpCosts } from "../cost/cost.ts";
import { modelTotals, opCosts } from "../cost/op-costs.ts";
import { sizesByName } from "../cost/tensor-sizes.ts";
import { buildWiredGraph } from "../graph/build.ts";
import type { Graph } from "../graph/graph.ts";
import { moduleTree } from "../graph/module-tree.ts";
import type { BodyEnd, OpAttribute, OpBodies, OpenedBody } from "../graph/opened-model.ts";
import { attributeTexts } from "../onnx/attributes.ts";
import { constantNodeInfo, initializerInfo } from "../onnx/constants.ts";
import { attributeOf, type Body, bodiesOf } from "../onnx/subgraphs.ts";
import { typeBytes, typeOf, UNKNOWN_TYPE } from "../onnx/types.ts";
import { wireNodes } from "../onnx/wiring.ts";
import { endRoles, type WayIn, withEnds } from "./body-ends.ts";
import { type BodyModel, bodyModel, type GraphSource } from "./body-model.ts";

/**
 * What the ops of a graph hold that have bodies (If, Loop, Scan), to be looked into, bodies inside bodies too.
 * `graph` is the graph of `source`. Recursion goes as deep as bodies nest, which the decoder limits.
 * O(content of the bodies x nesting depth).
 */
export function openBodies(source: GraphSource, graph: Graph): ReadonlyMap<number, OpBodies> {
  const found = new Map<number, OpBodies>();
  let runsOf: ReturnType<typeof runsFinder> | null = null;
  for (let op = 0; op < graph.opCount; op++) {
    const position = at(graph.opNodes, op);
    const node = item(source.wiring.nodes, position);
    const bodies = bodiesOf(node, "", position);
    if (bodies.length === 0) continue;
    runsOf ??= runsFinder(source.model, sizesByName(graph, source.types));
    const attributes = node.attribute.flatMap(({ name, g, graphs }) => [
      ...(g === undefined ? [] : [name]),
      ...graphs.map((_, element) => `${name}[${element}]`),
    ]);
    found.set(op, {
      runs: runsOf(node, position),
      bodies: bodies.map((body, place) =>
        openBody(source, node, body, { attribute: item(attributes, place), opName: item(graph.opNames, op) }),
      ),
    });
  }
  return found;
}

interface Names {
  readonly attribute: string;
  readonly opName: string;
}

function openBody(around: GraphSource, node: NodeProto, body: Body, { attribute, opName }: Names): OpenedBody {
  const title = `${around.model.fileName}, ${attribute} of ${opName}`;
  const alone = bodyModel(around, body, title);
  const wired = wireNodes(alone.model);
  const built = wired.ok ? buildWiredGraph(alone.model, wired.value, alone.types) : wired;
  if (!wired.ok || !built.ok) {
    return {
      attribute,
      inside: null,
      reason: built.ok ? null : built.error,
      ends: endsOf(node, body, alone, around, null),
      endOps: { first: 0, last: 0 },
      totals: { ops: 0, macs: 0, parameters: 0, weightBytes: 0 },
    };
  }
  const graph = built.value;
  const source: GraphSource = { model: alone.model, wiring: wired.value, types: alone.types };
  const captured = new Set(alone.captured);
  const ways = graph.inputs.map((tensor): WayIn => {
    return { tensor, kind: captured.has(item(graph.tensorNames, tensor)) ? "captured" : "input" };
  });
  const drawn = withEnds(graph, ways);
  const [first, last] = [ways.length, graph.outputs.length];
  const costs = opCosts(graph, alone.model, alone.types);
  const attributes = [...graph.opNodes].map((position) => attributeTexts(item(wired.value.nodes, position)));
  const none: readonly OpAttribute[] = [];
  const inner = openBodies(source, graph);
  return {
    attribute,
    inside: {
      graph: drawn,
      modules: moduleTree(drawn),
      costs: costsWithEnds(costs, first, last),
      attributes: [...ways.map(() => none), ...attributes, ...graph.outputs.map(() => none)],
      bodies: new Map([...inner].map(([op, bodies]) => [op + first, bodies])),
    },
    reason: null,
    ends: endsOf(node, body, alone, around, graph),
    endOps: { first, last },
    totals: modelTotals(graph, costs),
  };
}

/** What comes in, what is captured, what goes out; types of what the body's nodes write are in `graph`. */
function endsOf(
  node: NodeProto,
  { graph: body }: Body,
  alone: BodyModel,
  around: GraphSource,
  graph: Graph | null,
): readonly BodyEnd[] {
  const scanned = Number(attributeOf(node, "num_scan_inputs")?.i ?? 0n);
  const roles = endRoles(node, body.input.length, scanned);
  const known = new Map(graph?.tensorNames.map((name, tensor) => [name, item(graph.tensorTypes, tensor)]));
  const declared = new Map(
    [...body.output, ...body.input].flatMap(({ name, type }) => (type === undefined ? [] : [[name, typeOf(type)]])),
  );
  const end = (name: string, kind: BodyEnd["kind"], role: string): BodyEnd => {
    const type = known.get(name) ?? alone.types.get(name) ?? declared.get(name) ?? UNKNOWN_TYPE;
    return { name, kind, role, type, bytes: typeBytes(type) };
  };
  const weight = (name: string): BodyEnd => {
    const initializer = around.wiring.initializers.get(name);
    const producer = around.wiring.producers.get(name);
    const info =
      initializer !== undefined
        ? initializerInfo(initializer)
        : constantNodeInfo(item(around.wiring.nodes, producer ?? -1));
    const { elementType, shape, bytes } = info;
    return { name, kind: "weight", role: "", type: { kind: "tensor", elementType, shape }, bytes };
  };
  return [
    ...body.input.map(({ name }, place) => end(name, "input", roles.input(place))),
    ...alone.captured.map((name) => end(name, "captured", "")),
    ...alone.capturedWeights.map(weight),
    ...body.output.map(({ name }, place) => end(name, "output", roles.output(place))),
  ];
}

/** Work of ops with that of the ends around them: none. */
function costsWithEnds(costs: OpCosts, first: number, last: number): OpCosts {
  const padded = (column: Float64Array) => {
    const wide = new Float64Array(first + column.length + last);
    wide.set(column, first);
    return wide;
  };
  const opClass = new Uint8Array(first + costs.opClass.length + last).fill(OP_CLASSES.indexOf("view"));
  opClass.set(costs.opClass, first);
  return {
    macs: padded(costs.macs),
    inputBytes: padded(costs.inputBytes),
    outputBytes: padded(costs.outputBytes),
    weightBytes: padded(costs.weightBytes),
    parameters: padded(costs.parameters),
    opClass,
  };
}
