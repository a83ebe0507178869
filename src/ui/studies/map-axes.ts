import type { AxisSpec, MapRequest } from "../../core/solve/crossover-map.ts";
import type { Objective } from "../../core/solve/solver.ts";
import { formatBandwidth, formatRate, formatSeconds } from "../../core/units.ts";
import type { MapStudy, Setting } from "../../state/state.ts";

/** What the vertical axis varies. */
export type MapSubject =
  | { readonly kind: "latency"; readonly link: number }
  | { readonly kind: "load"; readonly device: number }
  | { readonly kind: "arrivals" };

/** The horizontal axis spans a hundredth to a hundredfold of the link's present bandwidth. */
const SPAN = 100;
const LATENCIES = { from: 1e-4, to: 0.3 };
const LOADS = { from: 1, to: 16 };

export function mapRequest(
  setting: Setting,
  objective: Objective,
  link: number,
  subject: MapSubject,
  periodSeconds: number,
): MapRequest {
  const x: AxisSpec = { kind: "bandwidth", subject: link, from: 1 / SPAN, to: SPAN };
  return { objective, limits: setting.constraints.limits, x, y: verticalAxis(setting, subject, periodSeconds) };
}

function verticalAxis(setting: Setting, subject: MapSubject, periodSeconds: number): AxisSpec {
  switch (subject.kind) {
    case "latency":
      return { kind: "latency", subject: subject.link, ...LATENCIES };
    case "load": {
      const present = setting.rig.devices[subject.device]?.loadFactor ?? 1;
      return { kind: "load", subject: subject.device, from: LOADS.from / present, to: LOADS.to / present };
    }
    case "arrivals":
      return { kind: "arrivals", subject: 0, from: 0.1 / periodSeconds, to: 10 / periodSeconds };
  }
}

/** How values of an axis are written: absolute, as the cards of the rig show them. */
export function axisText(axis: AxisSpec, study: Pick<MapStudy, "bandwidth" | "setting">): (value: number) => string {
  switch (axis.kind) {
    case "bandwidth":
      return (value) => formatBandwidth(value * study.bandwidth);
    case "latency":
      return formatSeconds;
    case "load": {
      const present = study.setting.rig.devices[axis.subject]?.loadFactor ?? 1;
      return (value) => `load ${(value * present).toPrecision(2)}x`;
    }
    case "arrivals":
      return (value) => formatRate(1 / value);
  }
}

/** The place on an axis where the rig stands now. */
export function presentValue(
  axis: AxisSpec,
  study: Pick<MapStudy, "bandwidth" | "setting">,
  setting: Setting,
  arrivalsPerSecond: number,
): number {
  switch (axis.kind) {
    case "bandwidth":
      return (setting.rig.links[axis.subject]?.aToB ?? study.bandwidth) / study.bandwidth;
    case "latency":
      return setting.rig.links[axis.subject]?.latency ?? 0;
    case "load": {
      const before = study.setting.rig.devices[axis.subject]?.loadFactor ?? 1;
      return (setting.rig.devices[axis.subject]?.loadFactor ?? 1) / before;
    }
    case "arrivals":
      return arrivalsPerSecond;
  }
}

/** Whether a map drawn under one setting holds under another: they differ in what the axes vary at most. */
export function holdsUnder(study: MapStudy, setting: Setting, objective: Objective): boolean {
  if (study.request.objective !== objective) return false;
  const { rig: drawn, ...restDrawn } = study.setting;
  const { rig: now, ...restNow } = setting;
  const same = Object.entries(restDrawn).every(([key, value]) =>
    Object.entries(restNow).some(([k, v]) => k === key && v === value),
  );
  return same && withoutAxes(drawn, study.request) === withoutAxes(now, study.request);
}

/** A rig as text, less what the axes vary, names and sources. */
function withoutAxes(rig: Setting["rig"], { x, y }: MapRequest): string {
  const links = rig.links.map((link, index) => {
    const { name: _name, preset: _preset, source: _source, ...rest } = link;
    const scaled = x.subject === index ? { ...rest, aToB: 1, bToA: rest.bToA / rest.aToB } : rest;
    return y.kind === "latency" && y.subject === index ? { ...scaled, latency: 0 } : scaled;
  });
  const devices = rig.devices.map((device, index) => {
    const { name: _name, source: _source, ...rest } = device;
    return y.kind === "load" && y.subject === index ? { ...rest, loadFactor: 1 } : rest;
  });
  return JSON.stringify({ ...rig, links, devices });
}
