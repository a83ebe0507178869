import { formatMemory, formatRatio, formatSeconds, formatTraffic } from "../../core/units.ts";
import { bestBaseline } from "../../state/derive.ts";
import { Button } from "../shared/controls.tsx";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { type PlanView, useLivePlan } from "../shared/use-plan.ts";
import { type SchemeRow, schemeRows, trafficOf } from "./scheme-rows.ts";

/** Every plan that is kept, beside each no-split baseline, under the present rig. */
export function SchemesTable({ view }: { readonly view: PlanView }) {
  const session = useApp((state) => state.session);
  const rows = schemeRows(view, session.schemes, session.proof);
  const bestPeriod = bestBaseline(view.baselines, (p) => p.periodSeconds)?.prediction.periodSeconds ?? Number.NaN;
  const bestLatency = bestBaseline(view.baselines, (p) => p.latencySeconds)?.prediction.latencySeconds ?? Number.NaN;
  return (
    <table className="schemes" data-testid="schemes">
      <caption className="visually-hidden">
        Plans compared with running the whole model on each device. Ratios are to the best no split.
      </caption>
      <thead>
        <tr>
          <th scope="col">Scheme</th>
          <th scope="col">Devices</th>
          <th scope="col" className="number">
            Per frame, streamed
          </th>
          <th scope="col" className="number">
            to no split
          </th>
          <th scope="col" className="number">
            Latency
          </th>
          <th scope="col" className="number">
            to no split
          </th>
          <th scope="col" className="number">
            Traffic
          </th>
          <th scope="col" className="number">
            Largest memory
          </th>
          <th scope="col">
            <span className="visually-hidden">Show or remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const props = { row, view, bestPeriod, bestLatency };
          return row.kind === "current" ? <CurrentRow key={row.key} {...props} /> : <Row key={row.key} {...props} />;
        })}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: SchemeRow;
  readonly view: PlanView;
  readonly bestPeriod: number;
  readonly bestLatency: number;
}

/** The plan on screen follows a drag; the other rows stand still. */
function CurrentRow({ row, ...rest }: RowProps) {
  const live = useLivePlan();
  const current = live === null ? row : { ...row, plan: live.plan, prediction: live.prediction };
  return <Row row={current} {...rest} />;
}

function Row({ row, view, bestPeriod, bestLatency }: RowProps) {
  const store = useAppStore();
  const { prediction, scheme } = row;
  const { devices } = view.setting.rig;
  const { loadPlan, removeScheme, renameScheme } = store.getState();
  const memory = Math.max(...prediction.devices.map((device) => device.memoryBytes));
  return (
    <tr data-kind={row.kind}>
      <th scope="row">
        {scheme === null ? (
          row.name
        ) : (
          <input
            className="scheme-name"
            aria-label={`Name of ${scheme.name}`}
            defaultValue={scheme.name}
            onBlur={(event) => {
              const name = event.target.value.trim();
              if (name !== "" && name !== scheme.name) renameScheme(scheme.id, name);
            }}
          />
        )}
      </th>
      <td>
        <span className="scheme-devices">
          {row.plan.devices.map((id) => {
            const index = devices.findIndex((device) => device.id === id);
            return <DeviceBadge key={id} index={index} />;
          })}
        </span>
      </td>
      <td className="number">{formatSeconds(prediction.periodSeconds)}</td>
      <td className="number" data-tone={prediction.periodSeconds < bestPeriod * 0.9995 ? "good" : "plain"}>
        {formatRatio(bestPeriod / prediction.periodSeconds)}
      </td>
      <td className="number">{formatSeconds(prediction.latencySeconds)}</td>
      <td className="number" data-tone={prediction.latencySeconds < bestLatency * 0.9995 ? "good" : "plain"}>
        {formatRatio(bestLatency / prediction.latencySeconds)}
      </td>
      <td className="number">{formatTraffic(trafficOf(prediction))}</td>
      <td className="number" data-tone={prediction.devices.every((device) => device.fits) ? "plain" : "bad"}>
        {formatMemory(memory)}
      </td>
      <td>
        {row.kind === "current" ? null : (
          <span className="scheme-buttons">
            <Button
              kind="quiet"
              label={`Show ${row.name}`}
              onClick={() => loadPlan(`Show ${row.name}`, row.plan, row.proof)}
            >
              Show
            </Button>
            {scheme === null ? null : (
              <Button kind="quiet" label={`Remove ${scheme.name}`} onClick={() => removeScheme(scheme.id)}>
                Remove
              </Button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}
