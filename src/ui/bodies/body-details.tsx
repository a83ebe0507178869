import { item } from "../../core/columns.ts";
import type { EnteredBody } from "../../state/inside.ts";
import { OpFacts, OpTensors } from "../inspector/op-facts.tsx";
import { useApp } from "../shared/use-app.ts";
import { isEnd } from "./body-looks.ts";
import { HeldBodies } from "./held-bodies.tsx";

/** The op that is selected inside a body; nothing where none is. */
export function BodyDetails({ along }: { readonly along: readonly EnteredBody[] }) {
  const selected = useApp((state) => state.inside.selected);
  const last = along.at(-1);
  const inside = last?.entered.inside ?? null;
  if (last === undefined || inside === null || selected === null || selected >= inside.graph.opCount) return null;
  const type = item(inside.graph.opTypes, selected);
  const name = item(inside.graph.opNames, selected);
  if (isEnd(last.entered, inside, selected)) return <EndDetails last={last} type={type} name={name} />;
  const held = inside.bodies.get(selected);
  return (
    <section className="inspector-section" data-testid="body-op-details">
      <h2>{type}</h2>
      <p className="tensor-name">{name}</p>
      <OpFacts part={inside} op={selected} />
      {held === undefined ? null : <HeldBodies held={held} around={along} op={selected} type={type} />}
      <OpTensors part={inside} op={selected} />
      <p className="inspector-hint">
        Part of {item(last.around.graph.opTypes, last.op)} {item(last.around.graph.opNames, last.op)}: it has no latency
        of its own, and no split passes beside it.
      </p>
    </section>
  );
}

function EndDetails({
  last,
  type,
  name,
}: {
  readonly last: EnteredBody;
  readonly type: string;
  readonly name: string;
}) {
  const kind = type.toLowerCase();
  const end = last.entered.ends.find((candidate) => candidate.kind === kind && candidate.name === name);
  return (
    <section className="inspector-section" data-testid="body-op-details">
      <h2>{type}</h2>
      <p className="tensor-name">{name}</p>
      <p className="inspector-hint">{endText(last, type, end?.role ?? "")}</p>
    </section>
  );
}

function endText({ entered, around, op }: EnteredBody, type: string, role: string): string {
  const owner = `${item(around.graph.opTypes, op)} ${item(around.graph.opNames, op)}`;
  const as = role === "" ? "" : ` as its ${role}`;
  if (type === "Input") return `${owner} gives this to ${entered.attribute}${as}.`;
  if (type === "Output") return `${entered.attribute} gives this to ${owner}${as}.`;
  return `${entered.attribute} takes this from the graph around ${owner}.`;
}
