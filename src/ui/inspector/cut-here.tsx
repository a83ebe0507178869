import { at, item } from "../../core/columns.ts";
import { ancestors } from "../../core/graph/closure.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { type CutPlace, cutAround } from "../../core/graph/module-ends.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { formatTraffic } from "../../core/units.ts";
import { memo } from "../../state/memo.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { typeText } from "./shape-text.ts";
import { TensorName } from "./tensor-name.tsx";

const cutWith = memo(
  ({ graph, cuts }: OpenedModel, op: number): CutPlace => cutAround(graph, cuts, ancestors(graph, op)),
  2,
);

/** Whether a one-tensor cut passes behind an op, and where not, which tensors a cut there would carry. */
export function CutHere({ view, op }: { readonly view: PlanView; readonly op: number }) {
  return (
    <>
      <h3>A cut behind it</h3>
      <CutText graph={view.graph} cut={cutWith(view.model, op)} whole="Nothing is left to compute behind it." />
    </>
  );
}

interface CutTextProps {
  readonly graph: Graph;
  readonly cut: CutPlace;
  /** What is said where nothing crosses. */
  readonly whole: string;
}

/** Tensors listed at most; the rest is counted. */
const LISTED = 8;

/** What a cut carries, as stored. */
export function CutText({ graph, cut, whole }: CutTextProps) {
  const { tensors, bytes, isOneTensor } = cut;
  if (tensors.length === 0) return <p className="inspector-hint">{whole}</p>;
  const size = Number.isFinite(bytes) ? formatTraffic(bytes) : "an unknown number of bytes";
  const head = isOneTensor
    ? `One tensor separates all before from all behind: ${size}.`
    : tensors.length === 1
      ? `One tensor crosses: ${size}. Yet not every path from input to output passes through it.`
      : `No single tensor separates here; ${tensors.length} tensors cross: ${size}.`;
  return (
    <>
      <p className="inspector-hint">{head}</p>
      <ul className="tensor-list">
        {tensors.slice(0, LISTED).map((tensor) => (
          <li key={tensor}>
            <TensorName graph={graph} tensor={tensor} />
            <span className="tensor-type">
              {typeText(item(graph.tensorTypes, tensor))} · {formatTraffic(at(graph.tensorBytes, tensor))}
            </span>
          </li>
        ))}
      </ul>
      {tensors.length > LISTED ? <p className="inspector-hint">and {tensors.length - LISTED} more</p> : null}
    </>
  );
}
