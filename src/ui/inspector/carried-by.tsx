import { item } from "../../core/columns.ts";
import { signed } from "../../core/predict/difference-parts.ts";
import { carriers, type Planned } from "../../core/predict/explain-figure.ts";
import { FIGURE_TEXTS } from "../shared/figures.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

interface CarriedByProps {
  readonly view: PlanView;
  readonly from: Planned;
  readonly to: Planned;
  readonly figure: "latency" | "energy";
}

/** The op and the tensor that carry the most of a difference. */
export function CarriedBy({ view, from, to, figure }: CarriedByProps) {
  const store = useAppStore();
  const { graph, problem } = view;
  const { ops, tensors } = carriers(problem, from, to, figure);
  const [op] = ops;
  const [tensor] = tensors;
  const { format } = FIGURE_TEXTS[figure];
  if (op === undefined && tensor === undefined) return null;
  return (
    <ul className="why-list" aria-label="The op and the tensor that carry the most of it">
      {op === undefined ? null : (
        <li>
          <span className="tensor-type">most by one op</span>
          <span />
          <button type="button" className="link" onClick={() => store.getState().select({ kind: "op", op: op.op })}>
            {item(graph.opNames, op.op)}
          </button>
          <span className="tensor-type">{signed(op.amount, format)}</span>
        </li>
      )}
      {tensor === undefined ? null : (
        <li>
          <span className="tensor-type">most by one tensor</span>
          <span />
          <button
            type="button"
            className="link"
            onClick={() => store.getState().select({ kind: "tensor", tensor: tensor.tensor })}
          >
            {item(graph.tensorNames, tensor.tensor)}
          </button>
          <span className="tensor-type">{signed(tensor.amount, format)}</span>
        </li>
      )}
    </ul>
  );
}
