import { item } from "../../core/columns.ts";
import type { EnteredBody } from "../../state/inside.ts";
import { useAppStore } from "../shared/use-app.ts";
import { stepOf } from "./held-bodies.tsx";
import "./bodies.css";

/** The way from the network into the body on screen, each step a way back, and the other bodies of the same op. */
export function BodyPath({ along }: { readonly along: readonly EnteredBody[] }) {
  const store = useAppStore();
  const { lookOut, lookInto } = store.getState();
  return (
    <nav className="body-path" aria-label="Way into the body">
      <button type="button" title="Back to the network (Escape)" onClick={() => lookOut(0)}>
        Network
      </button>
      {along.map(({ around, op, body, held }, depth) => {
        const isLast = depth === along.length - 1;
        const name = `${item(around.graph.opTypes, op)} ${item(around.graph.opNames, op)}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its depth
          <span key={depth} className="body-step">
            <span aria-hidden="true">›</span>
            <span className="body-op" title={name}>
              {name}
            </span>
            <span aria-hidden="true">›</span>
            {held.bodies.map(({ attribute }, place) =>
              isLast || place === body ? (
                <button
                  key={attribute}
                  type="button"
                  aria-pressed={place === body}
                  onClick={() => lookInto([...along.slice(0, depth), { op, body: place }].map(stepOf))}
                >
                  {attribute}
                </button>
              ) : null,
            )}
          </span>
        );
      })}
    </nav>
  );
}
