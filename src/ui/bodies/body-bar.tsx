import { at, item } from "../../core/columns.ts";
import type { BodyEnd } from "../../core/graph/opened-model.ts";
import { formatMemory } from "../../core/units.ts";
import type { EnteredBody } from "../../state/inside.ts";
import { typeText } from "../inspector/shape-text.ts";
import { DeviceBadge } from "../shared/device-badge.tsx";
import type { PlanView } from "../shared/use-plan.ts";
import { runsText, totalsText } from "./held-bodies.tsx";
import "./bodies.css";

/** In the place of the strip: what a body is, why no split passes through it, and what comes in and goes out. */
export function BodyBar({ view, along }: { readonly view: PlanView; readonly along: readonly EnteredBody[] }) {
  const [outermost] = along;
  const innermost = along.at(-1);
  if (outermost === undefined || innermost === undefined) return null;
  const stage = at(view.plan.stageOf, outermost.op);
  const device = view.setting.rig.devices.findIndex(({ id }) => id === view.plan.devices[stage]);
  const { entered, around, op, held } = innermost;
  const type = item(around.graph.opTypes, op);
  const of = (...kinds: readonly BodyEnd["kind"][]) => entered.ends.filter(({ kind }) => kinds.includes(kind));
  return (
    <section className="body-bar" aria-label="Body" data-testid="body-bar">
      <div className="body-facts">
        <p>
          <strong>{entered.attribute}</strong> {totalsText(entered.totals)}
        </p>
        <p>{runsText(type, held.runs)}</p>
        <p>
          No split passes through here: {type} is one op, and all of it runs on{" "}
          {device < 0 ? null : <DeviceBadge index={device} />} {view.setting.rig.devices[device]?.name ?? "one device"},
          stage {stage + 1}.
        </p>
      </div>
      <Ends title="Comes in" ends={of("input")} />
      <Ends title="Captured from outside" ends={of("captured", "weight")} />
      <Ends title="Goes out" ends={of("output")} />
    </section>
  );
}

function Ends({ title, ends }: { readonly title: string; readonly ends: readonly BodyEnd[] }) {
  return (
    <div className="body-ends">
      <h3>{title}</h3>
      {ends.length === 0 ? <p className="inspector-hint">nothing</p> : null}
      <ul className="tensor-list">
        {ends.map(({ name, kind, role, type, bytes }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat, places do not
          <li key={place}>
            <span className="tensor-name">{name === "" ? "(no name)" : name}</span>
            <span className="tensor-type">
              {[kind === "weight" ? "weight" : role, typeText(type), formatMemory(bytes)]
                .filter((text) => text !== "")
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
