import { useEffect, useState } from "react";
import { item } from "../../core/columns.ts";
import { axisValue, type MapPoint } from "../../core/solve/crossover-map.ts";
import { bytesPerSecond, seconds } from "../../core/units.ts";
import type { MapStudy } from "../../state/state.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import { Select } from "../shared/controls.tsx";
import { deviceLetter } from "../shared/device-color.ts";
import { objectiveFormat } from "../shared/figures.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { useThemeColors } from "../shared/use-theme-colors.ts";
import { axisText, holdsUnder, type MapSubject, mapRequest, presentValue } from "./map-axes.ts";
import { regionColor } from "./region-colors.ts";
import { RegionMap } from "./region-map.tsx";
import { StudyStatus } from "./study-status.tsx";
import "./studies.css";

/** Which plan is the best over the bandwidth of a link and something else; no split is among them always. */
export default function MapPanel({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const study = useApp((state) => state.studies.map);
  const objective = useApp((state) => state.objective);
  const theme = useThemeColors();
  const arrivals = useApp((state) => state.arrivalsPerSecond);
  const { rig } = view.setting;
  const [link, setLink] = useState(0);
  const [subjectKey, setSubjectKey] = useState(objective === "period" ? "load 0" : "latency");
  const chosen = rig.links[link] ?? rig.links[0];
  const subject = subjectOf(subjectKey, link);
  const { periodSeconds } = view.prediction;
  const wanted = mapRequest(view.setting, objective, link, subject, periodSeconds);
  const shown =
    study !== null &&
    study.request.x.subject === link &&
    study.request.y.kind === wanted.y.kind &&
    study.request.y.subject === wanted.y.subject &&
    holdsUnder(study, view.setting, objective)
      ? study
      : null;
  useEffect(() => {
    if (shown !== null || chosen === undefined) return;
    void store
      .getState()
      .studyMap(mapRequest(view.setting, objective, link, subjectOf(subjectKey, link), periodSeconds), chosen.aToB);
  }, [store, shown, chosen, view.setting, objective, link, subjectKey, periodSeconds]);
  if (chosen === undefined) return <p className="drawer-wait">The rig has no link whose bandwidth could vary.</p>;

  const subjects = [
    { value: "latency", text: "its one-way latency" },
    ...rig.devices.map((device, index) => ({ value: `load ${index}`, text: `load of ${device.name}` })),
    { value: "arrivals", text: "frames per second" },
  ];
  const controls = (
    <>
      <Select
        label="Bandwidth of"
        value={chosen.id}
        options={rig.links.map((entry) => ({ value: entry.id, text: entry.name }))}
        onChange={(id) => setLink(rig.links.findIndex((entry) => entry.id === id))}
      />
      <Select label="against" value={subjectKey} options={subjects} onChange={setSubjectKey} />
      <StudyStatus />
    </>
  );
  const title = `Best plan over the bandwidth of ${chosen.name} and ${subjects.find(({ value }) => value === subjectKey)?.text ?? ""}`;
  if (shown === null) {
    return (
      <figure className="chart" aria-label={title}>
        <div className="chart-head">{controls}</div>
      </figure>
    );
  }
  const moveTo = (point: MapPoint) => {
    const { updateDevice, updateLink, setArrivals } = store.getState();
    const bandwidth = axisValue(shown.request.x, point.x) * shown.bandwidth;
    const ratio = chosen.bToA / chosen.aToB;
    const change = { aToB: bytesPerSecond(bandwidth), bToA: bytesPerSecond(bandwidth * ratio) };
    const value = axisValue(shown.request.y, point.y);
    const { kind } = shown.request.y;
    updateLink(chosen.id, kind === "latency" ? { ...change, latency: seconds(value) } : change);
    if (kind === "arrivals") setArrivals(value);
    const device = rig.devices[shown.request.y.subject];
    const drawnLoad = shown.setting.rig.devices[shown.request.y.subject]?.loadFactor ?? 1;
    if (kind === "load" && device !== undefined) updateDevice(device.id, { loadFactor: value * drawnLoad });
  };
  const rate = arrivals ?? 1 / periodSeconds;
  const here = {
    x: presentValue(shown.request.x, shown, view.setting, rate),
    y: presentValue(shown.request.y, shown, view.setting, rate),
  };
  const names = regionNames(shown, view);
  const used = [...new Set(shown.map.winners)].sort((a, b) => a - b);
  const legend = used.map((index) => ({ name: names(index), color: regionColor(shown.map.plans, index, theme) }));
  const xText = axisText(shown.request.x, shown);
  const yText = axisText(shown.request.y, shown);
  const table = () => ({
    columns: [
      yText === xText ? "" : "Vertical",
      ...columnShares(shown).map((share) => xText(axisValue(shown.request.x, share))),
    ],
    rows: rowShares(shown).map((row) => [
      yText(axisValue(shown.request.y, row / (shown.map.rows - 1))),
      ...columnShares(shown).map((share) => {
        const index = row * shown.map.columns + Math.round(share * (shown.map.columns - 1));
        const winner = shown.map.winners[index] ?? -1;
        const value = shown.map.values[winner]?.[index] ?? Number.POSITIVE_INFINITY;
        return winner < 0 ? names(winner) : `${names(winner)}, ${objectiveFormat(objective)(value)}`;
      }),
    ]),
  });
  return (
    <ChartFrame title={title} fileName="crossover-map" controls={controls} legend={legend} table={table}>
      <RegionMap study={shown} here={here} names={names} xText={xText} yText={yText} onMove={moveTo} />
    </ChartFrame>
  );
}

const columnShares = ({ map }: MapStudy): readonly number[] =>
  [0, 8, 16, 24, 32].map((column) => column / (map.columns - 1));
const rowShares = ({ map }: MapStudy): readonly number[] => [0, 6, 12, 18, 24].filter((row) => row < map.rows);

function subjectOf(key: string, link: number): MapSubject {
  if (key === "arrivals") return { kind: "arrivals" };
  return key.startsWith("load ") ? { kind: "load", device: Number(key.slice(5)) } : { kind: "latency", link };
}

/** What a region is called: a device alone, or the devices of a split with the ops on each. */
function regionNames({ map, request }: MapStudy, view: PlanView): (index: number) => string {
  const isLimited = Object.keys(request.limits).length > 0;
  const noPlan = isLimited
    ? "no plan keeps to the limits"
    : request.y.kind === "arrivals"
      ? "no plan keeps up"
      : "no plan can run";
  return (index) => {
    const entry = map.plans[index];
    if (entry === undefined) return noPlan;
    const { plan, wholeOn } = entry;
    if (wholeOn !== null) return `All on ${item(view.setting.rig.devices, wholeOn).name}`;
    const counts = plan.stages.map((device, stage) => {
      const count = plan.stageOf.reduce((sum, of) => sum + (of === stage ? 1 : 0), 0);
      return count === 0 ? "" : `${deviceLetter(device)} ${count}`;
    });
    return `Split ${counts.filter((text) => text !== "").join(" + ")} ops`;
  };
}
