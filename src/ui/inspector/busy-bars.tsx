import { item } from "../../core/columns.ts";
import type { Prediction } from "../../core/predict/prediction.ts";
import { formatSeconds } from "../../core/units.ts";
import type { SchemeRow } from "../schemes/scheme-rows.ts";
import { deviceColor } from "../shared/device-color.ts";
import type { PlanView } from "../shared/use-plan.ts";

interface Busy {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly seconds: number;
}

/** Busy time per frame of each device and link that takes part, in the rig's order. */
function busyOf(view: PlanView, prediction: Prediction): readonly Busy[] {
  const { devices, links } = view.setting.rig;
  const computing = prediction.devices
    .filter((entry) => entry.computeSeconds > 0)
    .map((entry) => ({
      key: `device ${entry.device}`,
      name: item(devices, entry.device).name,
      color: deviceColor(entry.device),
      seconds: entry.computeSeconds,
    }));
  const carrying = prediction.links.map((entry) => ({
    key: `link ${entry.link} ${entry.direction}`,
    name: item(links, entry.link).name,
    color: "var(--accent)",
    seconds: entry.seconds,
  }));
  return [...computing, ...carrying];
}

/** A stream runs at the pace of its busiest part: the parts of this plan, then the busiest of the other. */
export function BusyBars({ view, rival }: { readonly view: PlanView; readonly rival: SchemeRow }) {
  const mine = busyOf(view, view.prediction);
  const limit = [...busyOf(view, rival.prediction)].sort((a, b) => b.seconds - a.seconds)[0];
  const longest = Math.max(rival.prediction.periodSeconds, view.prediction.periodSeconds);
  return (
    <>
      <p className="inspector-hint">The busiest part sets the time per frame:</p>
      <ul className="busy">
        {mine.map((entry) => (
          <Bar key={entry.key} entry={entry} longest={longest} limit={entry.seconds >= view.prediction.periodSeconds} />
        ))}
      </ul>
      {limit === undefined ? null : (
        <>
          <p className="inspector-hint">{rival.name}:</p>
          <ul className="busy">
            <Bar entry={limit} longest={longest} limit />
          </ul>
        </>
      )}
    </>
  );
}

function Bar({ entry, longest, limit }: { readonly entry: Busy; readonly longest: number; readonly limit: boolean }) {
  return (
    <li data-limit={limit}>
      <span>{entry.name}</span>
      <span>{formatSeconds(entry.seconds)}</span>
      <span className="busy-track">
        <span style={{ width: `${(100 * entry.seconds) / longest}%`, background: entry.color }} />
      </span>
    </li>
  );
}
