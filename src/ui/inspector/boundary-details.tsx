import { item } from "../../core/columns.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { DeviceBadge } from "../shared/device-badge.tsx";
import type { PlanView } from "../shared/use-plan.ts";
import { typeText } from "./shape-text.ts";

interface BoundaryDetailsProps {
  readonly view: PlanView;
  readonly boundary: number;
  readonly heading?: boolean;
}

/** The tensors that cross one split, by name, type and size on the wire. */
export function BoundaryDetails({ view, boundary, heading = false }: BoundaryDetailsProps) {
  const transfer = view.prediction.transfers.find((entry) => entry.kind !== "return" && entry.fromStage === boundary);
  if (transfer === undefined) return null;
  const { devices } = view.setting.rig;
  const from = item(devices, transfer.fromDevice);
  const to = item(devices, transfer.toDevice);
  return (
    <section className={heading ? "inspector-section" : "crossing"} data-testid={`boundary-${boundary}`}>
      {heading ? <h2>Split {boundary + 1}</h2> : null}
      <p className="crossing-head">
        <DeviceBadge index={transfer.fromDevice} />
        <span className="crossing-arrow">→</span>
        <DeviceBadge index={transfer.toDevice} />
        <strong>{formatTraffic(transfer.bytes)}</strong>
        <span>{formatSeconds(transfer.seconds)}</span>
      </p>
      {heading ? (
        <p className="inspector-hint">
          From {from.name} to {to.name}.
        </p>
      ) : null}
      <ul className="tensor-list" aria-label="Tensors that cross">
        {transfer.tensors.map((tensor) => (
          <li key={tensor}>
            <span className="tensor-name">{item(view.graph.tensorNames, tensor)}</span>
            <span className="tensor-type">
              {[
                ...(view.model.given === null ? [typeText(item(view.graph.tensorTypes, tensor))] : []),
                formatTraffic(view.problem.tensorWireBytes[tensor] ?? Number.NaN),
                ...(view.model.given === null ? [encodingText(view, tensor)] : []),
              ].join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How a tensor is sent, in words. */
function encodingText({ graph, problem, setting }: PlanView, tensor: number): string {
  const stored = graph.tensorBytes[tensor] ?? Number.NaN;
  const sent = problem.tensorWireBytes[tensor] ?? Number.NaN;
  const { inputBytesOverride, input, cut } = setting.encoding;
  const isInput = graph.inputs.includes(tensor);
  if (isInput && inputBytesOverride !== null) return "source-coded";
  // Only floats that are wider shrink: what is as large as before is sent as it is.
  if (!(sent < stored)) return "sent as stored";
  return (isInput ? input : cut) === "f16" ? "sent as float 16" : "sent as 8 bit";
}
