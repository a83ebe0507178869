import type { OpBodies } from "../../core/graph/opened-model.ts";
import { formatCount, formatMacs, formatMemory } from "../../core/units.ts";
import type { BodyStep } from "../../state/state.ts";
import { Button } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import "./bodies.css";

interface HeldBodiesProps {
  readonly held: OpBodies;
  /** The bodies around the op, outermost first; none for an op of the network. */
  readonly around: readonly BodyStep[];
  /** The op that holds them, in the innermost of those. */
  readonly op: number;
  readonly type: string;
}

/** What an op of control flow holds, each with a way in. */
export function HeldBodies({ held, around, op, type }: HeldBodiesProps) {
  const store = useAppStore();
  return (
    <>
      <h3>Holds</h3>
      <p className="inspector-hint">{runsText(type, held.runs)} No split passes through it.</p>
      <ul className="held-bodies">
        {held.bodies.map(({ attribute, totals }, body) => (
          <li key={attribute}>
            <span className="tensor-name">{attribute}</span>
            <span className="tensor-type">{totalsText(totals)}</span>
            <Button
              label={`Look inside ${attribute}`}
              onClick={() => store.getState().lookInto([...around.map(stepOf), { op, body }])}
            >
              Look inside
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A step alone, whatever else is known of it. */
export const stepOf = ({ op, body }: BodyStep): BodyStep => ({ op, body });

/** How often what an op holds runs, as a sentence. */
export function runsText(type: string, runs: number): string {
  if (type === "If") return "One of its branches runs; its work is that of the larger one.";
  if (!Number.isFinite(runs)) return "How often its body runs depends on the data: figures are per iteration.";
  return `Its body runs ${formatCount(runs)} ${runs === 1 ? "time" : "times"} per inference.`;
}

/** Ops, work and weights of one run. */
export function totalsText({ ops, macs, weightBytes }: OpBodies["bodies"][number]["totals"]): string {
  const work = Number.isFinite(macs) ? formatMacs(macs) : "work unknown";
  return `${ops} ${ops === 1 ? "op" : "ops"} · ${work} · ${formatMemory(weightBytes)} weights`;
}
