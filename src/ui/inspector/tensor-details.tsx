import { at, item, row } from "../../core/columns.ts";
import { ancestors } from "../../core/graph/closure.ts";
import { type CutPlace, cutAround, cutBehind } from "../../core/graph/module-ends.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { formatMemory, formatTraffic } from "../../core/units.ts";
import { memo } from "../../state/memo.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { CutText } from "./cut-here.tsx";
import { encodingText } from "./encoding-text.ts";
import { Fact } from "./op-facts.tsx";
import { typeText } from "./shape-text.ts";
import { StateType } from "./state-type.tsx";

/** Readers listed at most; the rest is counted. */
const LISTED = 12;

const cutAt = memo(({ graph, cuts }: OpenedModel, tensor: number): CutPlace => {
  const producer = at(graph.tensorProducer, tensor);
  return producer < 0 ? cutBehind(graph, cuts, 0) : cutAround(graph, cuts, ancestors(graph, producer));
}, 2);

/** One tensor: its type and size, who writes and reads it, and what a cut behind its writer carries. */
export function TensorDetails({ view, tensor }: { readonly view: PlanView; readonly tensor: number }) {
  const { graph, model, problem } = view;
  const name = item(graph.tensorNames, tensor);
  const producer = at(graph.tensorProducer, tensor);
  const readers = [...row(graph.tensorConsumers, tensor)];
  const crossed = view.prediction.transfers
    .filter(({ kind, tensors }) => kind !== "return" && tensors.includes(tensor))
    .map(({ fromStage }) => `split ${fromStage + 1}`);
  const isProblem = model.given !== null;
  const sent = problem.tensorWireBytes[tensor] ?? Number.NaN;
  return (
    <section className="inspector-section" data-testid="tensor-details">
      <h2>Tensor</h2>
      <p className="tensor-name">{name}</p>
      <dl className="facts">
        {isProblem ? null : <Fact name="Type" value={typeText(item(graph.tensorTypes, tensor))} />}
        <Fact name="In memory" value={formatMemory(at(graph.tensorBytes, tensor))} />
        <Fact
          name="On a link"
          value={isProblem ? formatTraffic(sent) : `${formatTraffic(sent)}, ${encodingText(view, tensor)}`}
        />
        <Fact name="Crosses" value={crossed.length === 0 ? "no split" : crossed.join(", ")} />
      </dl>
      <StateType model={model} tensor={name} />
      <h3>Written by</h3>
      {producer < 0 ? (
        <p className="inspector-hint">nobody: it is an input</p>
      ) : (
        <OpList view={view} ops={[producer]} />
      )}
      <h3>Read by</h3>
      {readers.length === 0 ? <p className="inspector-hint">no op</p> : <OpList view={view} ops={readers} />}
      {graph.outputs.includes(tensor) ? <p className="inspector-hint">It is an output of the network.</p> : null}
      <h3>{producer < 0 ? "A cut before everything" : "A cut behind its op"}</h3>
      <CutText graph={graph} cut={cutAt(model, tensor)} whole="Nothing is left to compute behind it." />
    </section>
  );
}

function OpList({ view, ops }: { readonly view: PlanView; readonly ops: readonly number[] }) {
  const store = useAppStore();
  return (
    <>
      <ul className="tensor-list">
        {ops.slice(0, LISTED).map((op) => (
          <li key={op}>
            <button
              type="button"
              className="link tensor-name"
              onClick={() => store.getState().select({ kind: "op", op })}
            >
              {item(view.graph.opNames, op)}
            </button>
            <span className="tensor-type">{item(view.graph.opTypes, op)}</span>
          </li>
        ))}
      </ul>
      {ops.length > LISTED ? <p className="inspector-hint">and {ops.length - LISTED} more</p> : null}
    </>
  );
}
