import type { DimensionBindings, Model, TensorType } from "../core/onnx/model.ts";
import { boundDeclarations } from "../core/onnx/shapes/declared.ts";
import { fillIn, interpretOutputs, isResolved, mergeTypes } from "../core/onnx/shapes/interpret.ts";
import { ownInputs } from "../core/onnx/shapes/own-inputs.ts";
import { type ProbePass, probeModel } from "../core/onnx/shapes/probe-model.ts";
import { wantedTensors } from "../core/onnx/shapes/wanted.ts";
import { ok } from "../core/result.ts";
import { askAcceptedPart } from "./accepted-part.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { askTypes } from "./probe-session.ts";

export interface InferredTypes {
  /**
   * Types of the main graph's own inputs and of what its nodes write (Constant nodes left out); and of what nodes in
   * the branches of If ops write, by `weightKey`.
   */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Tensors of the main graph whose rank or some size could not be told. */
  readonly unresolved: readonly string[];
  /** The last pass that ran to its end: 1, 2 or 3; 0 where the runtime refused the whole model. */
  readonly passes: 0 | ProbePass;
  /** One sentence where the runtime refused the model or a part of it, else null. */
  readonly warning: string | null;
}

export interface InferOptions {
  readonly signal?: AbortSignal;
  /** Types that a person stated for tensors that cannot be told otherwise, by name. */
  readonly given?: ReadonlyMap<string, TensorType>;
  /** Told before each pass. */
  readonly onPass?: (pass: ProbePass) => void;
}

/**
 * Element types and shapes of all tensors as onnxruntime infers them, without weights and without running the model:
 * up to three sessions are made over probe models (see core/onnx/shapes/README.md) and asked for the types of their
 * outputs; the first pass that leaves nothing open is the last. What the runtime refuses is left out, with a warning;
 * where inference says nothing, the file's own declarations hold. An aborted `signal` rejects with its reason between
 * sessions; a session that is being made ends only with its worker.
 */
export async function inferTypes(
  model: Model,
  bindings: DimensionBindings,
  { signal, onPass, given = new Map() }: InferOptions = {},
): Promise<InferredTypes> {
  const runtime = await loadOnnxRuntime();
  const declared = boundDeclarations(model, bindings);
  const { graph } = model.proto;
  const inputs = graph === undefined ? [] : ownInputs(graph);
  let types: ReadonlyMap<string, TensorType> = new Map([
    ...inputs.flatMap(({ name }) => {
      const type = declared.get(name);
      return type === undefined ? [] : [[name, type] as const];
    }),
    ...given,
  ]);
  let passes: InferredTypes["passes"] = 0;

  const infer = async (pass: ProbePass, nodes: ReadonlySet<number>, shapeProbes: readonly string[]) => {
    signal?.throwIfAborted();
    const leftOut = nodes.size === 0 ? undefined : { nodes, types: declared };
    const probe = probeModel(model, { bindings, pass, shapeProbes, known: types, leftOut, given });
    return probe === null ? ok([]) : askTypes(runtime, probe, pass);
  };
  onPass?.(1);
  const first = await askAcceptedPart(model, {
    without: (nodes) => infer(1, nodes, []),
    bare: () => infer(1, new Set(graph?.node.keys()), [...types.keys()].slice(0, 1)),
  });
  if (first.outputs !== null) {
    types = mergeTypes(types, interpretOutputs(first.outputs, [], bindings));
    passes = 1;
    for (const pass of [2, 3] as const) {
      const open = [...types].filter(([, type]) => !isResolved(type));
      const shapeProbes = open.flatMap(([name, { shape }]) => (shape === null ? [name] : []));
      if (open.length === 0) break;
      if (pass === 2 && shapeProbes.length === 0) continue;
      onPass?.(pass);
      const answer = await infer(pass, first.leftOut, shapeProbes);
      if (!answer.ok) break;
      types = mergeTypes(types, interpretOutputs(answer.value, shapeProbes, bindings));
      passes = pass;
    }
  }
  types = fillIn(types, declared);
  const unresolved = (graph === undefined ? [] : wantedTensors(graph)).filter((name) => {
    const type = types.get(name);
    return type === undefined || !isResolved(type);
  });
  return { types, unresolved, passes, warning: first.warning };
}
