import { Fragment, useState } from "react";
import { at } from "../../core/columns.ts";
import type { WireFormat } from "../../core/plan/build-problem.ts";
import { DEVICE_PRESETS } from "../../core/rig/presets.ts";
import type { Device, Link } from "../../core/rig/rig.ts";
import { formatTraffic } from "../../core/units.ts";
import { GoalsPanel } from "../goals/goals-panel.tsx";
import { MeasureButton } from "../profiles/measure-dialog.tsx";
import { ProfileBrowser } from "../profiles/profile-browser.tsx";
import { RigEditorButton } from "../rig-graph/rig-editor-button.tsx";
import { Select } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { DeviceCard } from "./device-card.tsx";
import { LibraryDialog } from "./library-dialog.tsx";
import { LinkCard } from "./link-card.tsx";
import { OtherLinks, ProblemTerms } from "./problem-terms.tsx";
import "./rig.css";

const WIRE: readonly { readonly value: WireFormat; readonly text: string }[] = [
  { value: "as-stored", text: "as the model has it" },
  { value: "f16", text: "float 16" },
  { value: "u8", text: "8 bit" },
];

/** Devices and links from the source on, the input and output ends, and how tensors are sent. */
export function RigPanel({ view }: { readonly view: PlanView | null }) {
  const { rig } = useApp((state) => state.session.setting);
  const isProblem = rig.ofProblem === true;
  return (
    <aside className="rig" aria-label="Devices and links">
      {view === null ? null : <GoalsPanel view={view} />}
      <div className="rig-head">
        <h2 className="panel-title">Devices</h2>
        {isProblem ? null : <RigEditorButton />}
      </div>
      {rig.devices.map((device, index) => {
        const next = rig.devices[index + 1];
        const links = next === undefined ? [] : rig.links.filter((link) => joins(link, device, next));
        return (
          <Fragment key={device.id}>
            <DeviceCard device={device} index={index} view={view} />
            {links.map((link) => (
              <LinkCard key={link.id} link={link} oneWay={isProblem} />
            ))}
          </Fragment>
        );
      })}
      {isProblem ? (
        <>
          <OtherLinks links={rig.links.filter((link) => !isBetweenNeighbours(link, rig.devices))} />
          {view === null ? null : <ProblemTerms view={view} />}
        </>
      ) : (
        <>
          <AddDevice />
          {view === null ? null : (
            <div className="device-buttons">
              <ProfileBrowser />
              <MeasureButton model={view.model} />
            </div>
          )}
          <RigEnds view={view} />
        </>
      )}
    </aside>
  );
}

function joins({ a, b }: Link, one: Device, other: Device): boolean {
  return (a === one.id && b === other.id) || (a === other.id && b === one.id);
}

function isBetweenNeighbours(link: Link, devices: readonly Device[]): boolean {
  return devices.some((device, index) => {
    const next = devices[index + 1];
    return next !== undefined && joins(link, device, next);
  });
}

/** Where the input is born and the output needed, and how tensors are sent. */
function RigEnds({ view }: { readonly view: PlanView | null }) {
  const store = useAppStore();
  const { rig, encoding } = useApp((state) => state.session.setting);
  const choices = rig.devices.map((device) => ({ value: device.id, text: device.name }));
  return (
    <>
      <h2 className="panel-title">Input and output</h2>
      <div className="rig-ends">
        <Select
          label="Input is born on"
          value={rig.source}
          options={choices}
          onChange={(id) => store.getState().setSource(id)}
        />
        <Select
          label="Output is needed on"
          value={rig.sink}
          options={choices}
          onChange={(id) => store.getState().setSink(id)}
        />
        <Select
          label="Input sent"
          value={encoding.input}
          options={WIRE}
          onChange={(input) => store.getState().setEncoding({ ...encoding, input })}
        />
        {view === null ? null : <p className="device-line">{inputText(view)}</p>}
        <Select
          label="Cut tensors sent"
          value={encoding.cut}
          options={WIRE}
          onChange={(cut) => store.getState().setEncoding({ ...encoding, cut })}
        />
      </div>
    </>
  );
}

/** What one inference's input weighs on the wire: it decides many splits. */
function inputText({ graph, problem }: PlanView): string {
  const bytes = graph.inputs.reduce((sum, tensor) => sum + at(problem.tensorWireBytes, tensor), 0);
  return `${formatTraffic(bytes)} of input per inference`;
}

const MORE = "more";

function AddDevice() {
  const store = useAppStore();
  const count = useApp((state) => state.session.setting.rig.devices.length);
  const [preset, setPreset] = useState(DEVICE_PRESETS[0]?.id ?? "");
  const [searching, setSearching] = useState(false);
  return (
    <div className="rig-add">
      <Select
        label="Device to add"
        hideLabel
        value={preset}
        options={[
          ...DEVICE_PRESETS.map((entry) => ({ value: entry.id, text: entry.name })),
          { value: MORE, text: "More devices…" },
        ]}
        onChange={(id) => {
          if (id === MORE) setSearching(true);
          else setPreset(id);
        }}
      />
      <button type="button" className="button" onClick={() => store.getState().addDevice(preset, count)}>
        Add
      </button>
      <LibraryDialog
        open={searching}
        onClose={() => setSearching(false)}
        onChoose={(device) => {
          setSearching(false);
          store.getState().addLibraryDevice(device.preset, count);
        }}
      />
    </div>
  );
}
