import { item } from "../../core/columns.ts";
import type { Problem } from "../../core/plan/problem.ts";
import { OUTSIDE } from "../../core/plan/problem-columns.ts";
import type { Link } from "../../core/rig/rig.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { LinkCard } from "./link-card.tsx";

const DELIVERY: Readonly<Record<Problem["delivery"], string>> = {
  relayed: "Tensors are sent from stage to stage.",
  direct: "Each tensor is sent straight to every device that reads it.",
  port: "Each tensor leaves its device once and enters each reader's once, at the rates of their ports.",
};

/** What a problem file decides, where a model leaves the choice: ends, delivery, overlap. */
export function ProblemTerms({ view }: { readonly view: PlanView }) {
  const { problem, setting } = view;
  const { devices } = setting.rig;
  const nameOf = (device: number) => (item(problem.devices, device).id === OUTSIDE ? null : item(devices, device).name);
  const source = nameOf(problem.source);
  const sink = nameOf(problem.sink);
  return (
    <>
      <h2 className="panel-title">As the problem file says</h2>
      <ul className="rig-terms">
        <li>{source === null ? "Inputs are everywhere at no cost." : `Inputs are born on ${source}.`}</li>
        <li>{sink === null ? "Outputs may stay where they are." : `Outputs are needed on ${sink}.`}</li>
        <li>{DELIVERY[problem.delivery]}</li>
        <li>
          {problem.overlap ? "A device computes while it sends and receives." : "A device computes or sends, in turn."}
        </li>
        <li>
          Op times, devices and links come from the file. Load, memory and links can be edited above; devices cannot be
          added, removed or profiled here.
        </li>
      </ul>
    </>
  );
}

/** Links that lie between no two neighbours of the list of devices. */
export function OtherLinks({ links }: { readonly links: readonly Link[] }) {
  if (links.length === 0) return null;
  return (
    <details className="rig-others">
      <summary>
        {links.length} more {links.length === 1 ? "link" : "links"}
      </summary>
      {links.map((link) => (
        <LinkCard key={link.id} link={link} oneWay />
      ))}
    </details>
  );
}
