import { item } from "../../core/columns.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { DeviceBadge } from "../shared/device-badge.tsx";
import type { PlanView } from "../shared/use-plan.ts";
import { encodingText } from "./encoding-text.ts";
import { typeText } from "./shape-text.ts";
import { TensorName } from "./tensor-name.tsx";

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
            <TensorName graph={view.graph} tensor={tensor} />
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
