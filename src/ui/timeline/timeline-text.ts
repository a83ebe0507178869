import { item } from "../../core/columns.ts";
import type { Activity, Lane } from "../../core/predict/timeline.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** A lane in words: a device, or a link with the way the bytes go. */
export function laneName(lane: Lane, { setting }: PlanView): string {
  const { devices, links } = setting.rig;
  if (lane.kind === "device") return item(devices, lane.device).name;
  const { name, a, b } = item(links, lane.link);
  const nameOf = (id: string) => devices.find((device) => device.id === id)?.name ?? id;
  return `${name} to ${nameOf(lane.direction === "aToB" ? b : a)}`;
}

/** What an activity does: "stage 2, 34 ops", "the input, 150 kB". */
export function activityText({ work }: Activity, { prediction }: PlanView): string {
  if (work.kind === "stage") {
    const { opCount } = item(prediction.stages, work.stage);
    return `stage ${work.stage + 1}, ${opCount} ${opCount === 1 ? "op" : "ops"}`;
  }
  const { kind, bytes, tensors } = item(prediction.transfers, work.transfer);
  const what = { input: "the input", return: "the output", cut: `${tensors.length} cut tensors` }[kind];
  return `${kind === "cut" && tensors.length === 1 ? "the cut tensor" : what}, ${formatTraffic(bytes)}`;
}

/** The whole sentence for the activity under the pointer or the keyboard. */
export function activitySentence(activity: Activity, lane: Lane, view: PlanView): string {
  const { frame, start, busyUntil, end, ready } = activity;
  const waited = start - ready > 1e-12 ? `, after waiting ${formatSeconds(start - ready)} for its turn` : "";
  const arrival = end > busyUntil ? `; it arrives at ${formatSeconds(end)}` : "";
  return (
    `Frame ${frame + 1} on ${laneName(lane, view)}: ${activityText(activity, view)}, ` +
    `from ${formatSeconds(start)} to ${formatSeconds(busyUntil)} (${formatSeconds(busyUntil - start)})${waited}${arrival}.`
  );
}
