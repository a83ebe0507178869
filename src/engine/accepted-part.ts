import { item } from "../core/columns.ts";
import type { Model } from "../core/onnx/model.ts";
import type { OutputMetadata } from "../core/onnx/shapes/interpret.ts";
import { describeNode, wireNodes } from "../core/onnx/wiring.ts";
import type { Result } from "../core/result.ts";
import { nodesOfUnknownOp, plainReason } from "./refusal.ts";

/** What the runtime says of as much of a model as it accepts. */
export interface AcceptedPart {
  /** Null where it accepts nothing. */
  readonly outputs: readonly OutputMetadata[] | null;
  /** Positions of the main graph's nodes that it was not asked about. */
  readonly leftOut: ReadonlySet<number>;
  /** One sentence that names what is refused and why; null where nothing is. */
  readonly warning: string | null;
}

type Answer = Promise<Result<readonly OutputMetadata[]>>;

/** Questions to the runtime about one model. */
export interface Questions {
  /** About the main graph without the nodes at these positions. */
  readonly without: (positions: ReadonlySet<number>) => Answer;
  /** About an input alone: whether a model of this kind is accepted at all. */
  readonly bare: () => Answer;
}

/** Refusals that are worked around before the search gives up. */
const LIMIT = 8;

interface Refusal {
  readonly positions: readonly number[];
  readonly reason: string;
  /** What the runtime said of the nodes before, where it was asked. */
  readonly before: readonly OutputMetadata[] | null;
}

/**
 * Asks about the whole model; as long as the runtime refuses, finds the nodes that it refuses (by its message, else
 * by bisection over prefixes of the topological order) and asks without them. At most LIMIT x log2(nodes) sessions.
 */
export async function askAcceptedPart(model: Model, ask: Questions): Promise<AcceptedPart> {
  const leftOut = new Set<number>();
  const refusals: Refusal[] = [];
  for (;;) {
    const answer = await ask.without(leftOut);
    const warning = refusals.length === 0 ? null : partRefused(model, refusals);
    if (answer.ok) return { outputs: answer.value, leftOut, warning };
    if (refusals.length === LIMIT) return { outputs: refusals.at(-1)?.before ?? null, leftOut, warning };
    const refusal = await findRefusal(model, leftOut, answer.error, ask);
    if (refusal === null) return { outputs: null, leftOut, warning: wholeRefused(model, answer.error) };
    refusals.push(refusal);
    for (const position of refusal.positions) leftOut.add(position);
  }
}

/** The nodes behind a refusal, null where the runtime refuses even a model of the same kind without nodes. */
async function findRefusal(
  model: Model,
  leftOut: ReadonlySet<number>,
  reason: string,
  ask: Questions,
): Promise<Refusal | null> {
  const named = nodesOfUnknownOp(model, reason).filter((position) => !leftOut.has(position));
  if (named.length > 0) return { positions: named, reason, before: null };
  const wired = wireNodes(model);
  if (!wired.ok || !(await ask.bare()).ok) return null;
  const order = wired.value.order.filter((position) => !leftOut.has(position));
  const refused: Refusal = { positions: order.slice(-1), reason, before: null };
  // `accepted` nodes of the order are accepted, `tooMany` are refused.
  let [accepted, tooMany, result] = [0, order.length, refused];
  while (tooMany - accepted > 1) {
    const middle = Math.floor((accepted + tooMany) / 2);
    const answer = await ask.without(new Set([...leftOut, ...order.slice(middle)]));
    if (answer.ok) {
      accepted = middle;
      result = { ...result, before: answer.value };
    } else {
      tooMany = middle;
      result = { ...result, positions: [item(order, middle - 1)], reason: answer.error };
    }
  }
  return order.length === 0 ? null : result;
}

function partRefused(model: Model, refusals: readonly Refusal[]): string {
  const [first] = refusals;
  const position = first?.positions[0] ?? 0;
  const node = model.proto.graph?.node[position];
  if (first === undefined || node === undefined) throw new RangeError(`no node ${position} in ${model.fileName}`);
  const others = new Set(refusals.flatMap(({ positions }) => positions)).size - 1;
  const more = others === 0 ? "" : ` (and ${others} more ${others === 1 ? "node" : "nodes"})`;
  return (
    `"${model.fileName}": onnxruntime, which checks the shapes, refuses ${describeNode(node, position)}${more}: ` +
    `${plainReason(first.reason)}; it has not checked the shapes that follow from it.`
  );
}

function wholeRefused(model: Model, reason: string): string {
  return (
    `"${model.fileName}": onnxruntime, which checks the shapes, refuses the model: ${plainReason(reason)}; ` +
    "it has checked no shapes."
  );
}
