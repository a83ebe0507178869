import { at, item, row } from "../../core/columns.ts";
import { OP_CLASSES } from "../../core/cost/cost.ts";
import type { OpenedGraph, OpenedModel } from "../../core/graph/opened-model.ts";
import { formatMacs, formatMemory } from "../../core/units.ts";
import { typeText } from "./shape-text.ts";
import { StateType } from "./state-type.tsx";
import { TensorName } from "./tensor-name.tsx";

export function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface FactsProps {
  readonly part: OpenedGraph;
  readonly op: number;
  /** Whether it is an op of a problem file, which knows times in the place of operators. */
  readonly isProblem?: boolean;
}

/** Class, work, weights and attributes of an op. */
export function OpFacts({ part, op, isProblem = false }: FactsProps) {
  const { costs } = part;
  const work = at(costs.macs, op);
  return (
    <dl className="facts">
      {isProblem ? null : (
        <>
          <Fact name="Class" value={OP_CLASSES[at(costs.opClass, op)] ?? "other"} />
          <Fact name="Work" value={Number.isFinite(work) ? formatMacs(work) : unknownWork(part, op)} />
        </>
      )}
      <Fact name="Weights" value={formatMemory(at(costs.weightBytes, op))} />
      {item(part.attributes, op).map((attribute) => (
        <Fact key={attribute.name} name={attribute.name} value={attribute.value} />
      ))}
    </dl>
  );
}

/** A body that runs nobody knows how often still says what one run takes. */
function unknownWork(part: OpenedGraph, op: number): string {
  const held = part.bodies.get(op);
  const [body] = held?.bodies ?? [];
  if (held === undefined || body === undefined || !Number.isNaN(held.runs) || !Number.isFinite(body.totals.macs)) {
    return "unknown (shapes)";
  }
  return `${formatMacs(body.totals.macs)} per iteration`;
}

interface TensorsProps {
  readonly title: string;
  readonly part: OpenedGraph;
  readonly tensors: ArrayLike<number>;
  /** The model, where types of its tensors can be stated. */
  readonly model?: OpenedModel;
}

/** Tensors by name, type and size. */
export function TensorList({ title, part, tensors, model }: TensorsProps) {
  const { graph } = part;
  return (
    <>
      <h3>{title}</h3>
      {tensors.length === 0 ? <p className="inspector-hint">nothing</p> : null}
      <ul className="tensor-list">
        {Array.from(tensors, (tensor) => (
          <li key={tensor}>
            {model === undefined ? (
              <span className="tensor-name">{item(graph.tensorNames, tensor)}</span>
            ) : (
              <TensorName graph={graph} tensor={tensor} />
            )}
            <span className="tensor-type">
              {model !== undefined && model.given !== null ? "" : `${typeText(item(graph.tensorTypes, tensor))} · `}
              {formatMemory(at(graph.tensorBytes, tensor))}
            </span>
            {model === undefined ? null : <StateType model={model} tensor={item(graph.tensorNames, tensor)} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What an op reads and writes. */
export function OpTensors({
  part,
  op,
  model,
}: {
  readonly part: OpenedGraph;
  readonly op: number;
  readonly model?: OpenedModel;
}) {
  const stating = model === undefined ? {} : { model };
  return (
    <>
      <TensorList title="Reads" part={part} tensors={row(part.graph.opInputs, op)} {...stating} />
      <TensorList title="Writes" part={part} tensors={row(part.graph.opOutputs, op)} {...stating} />
    </>
  );
}
