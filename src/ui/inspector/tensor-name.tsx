import { item } from "../../core/columns.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { useAppStore } from "../shared/use-app.ts";

/** A tensor of the network by name; pressing it shows what it is. */
export function TensorName({ graph, tensor }: { readonly graph: Graph; readonly tensor: number }) {
  const store = useAppStore();
  return (
    <button
      type="button"
      className="link tensor-name"
      onClick={() => store.getState().select({ kind: "tensor", tensor })}
    >
      {item(graph.tensorNames, tensor)}
    </button>
  );
}
