import { useEffect, useRef, useState } from "react";
import { DEVICE_PRESETS, deviceFromPreset, LINK_PRESETS } from "../../core/rig/presets.ts";
import { RIG_SHAPES, rewired, rigFaults, withLink } from "../../core/rig/rewire.ts";
import type { Rig } from "../../core/rig/rig.ts";
import { uniqueId } from "../../core/rig/rig-edit.ts";
import { readRig, writeRig } from "../../core/rig/schema.ts";
import { Button, Select } from "../shared/controls.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { RigLists } from "./rig-lists.tsx";
import { type RigPart, RigPicture } from "./rig-picture.tsx";
import "./rig-graph.css";

const NOWHERE = "A link needs a device at both ends: let go on a device.";

/** A rig that may be wrong while it is worked on; it is taken over as one step once nothing is wrong with it. */
export default function RigEditor({ onClose }: { readonly onClose: () => void }) {
  const store = useAppStore();
  const present = useApp((state) => state.session.setting.rig);
  const [rig, setRig] = useState<Rig>(present);
  const [selected, setSelected] = useState<RigPart>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [kind, setKind] = useState("ethernet-1g");
  const chooser = useRef<HTMLInputElement>(null);
  const faults = rigFaults(rig);
  const isWrong = faults.some(({ tone }) => tone === "error");
  const change = (next: Rig) => {
    setRig(next);
    setMessage(null);
  };
  const remove = (part: NonNullable<RigPart>) => {
    setSelected(null);
    if (part.kind === "link") change({ ...rig, links: rig.links.filter(({ id }) => id !== part.id) });
    else if (rig.devices.length > 1) change(withoutDevice(rig, part.id));
    else setMessage("A rig needs at least one device.");
  };
  const removeSelected = useRef(() => {});
  removeSelected.current = () => {
    if (selected !== null) remove(selected);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Delete" && !(event.target instanceof HTMLInputElement)) removeSelected.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const join = (a: string, b: string) => {
    const next = withLink(rig, kind, a, b);
    change(next);
    setSelected({ kind: "link", id: next.links.at(-1)?.id ?? "" });
  };
  const neighbour = selected?.kind === "device" ? selected.id : (rig.devices.at(-1)?.id ?? rig.source);
  const addDevice = (preset: string) => {
    const taken = rig.devices.map(({ id }) => id);
    const device = deviceFromPreset(preset, uniqueId(preset, taken));
    change(withLink({ ...rig, devices: [...rig.devices, device] }, kind, neighbour, device.id));
    setSelected({ kind: "device", id: device.id });
  };
  const open = async (file: File) => {
    const read = readRig(await file.text(), file.name);
    if (read.ok) change(read.value);
    else setMessage(read.error);
  };
  const parts = selected?.kind === "device" ? rig.devices : rig.links;
  const source = parts.find(({ id }) => id === selected?.id);
  return (
    <>
      <h2 id="rig-editor-title">Devices and links</h2>
      <div className="rig-editor-body">
        <div className="rig-editor-left">
          <RigPicture
            rig={rig}
            faults={faults}
            selected={selected}
            onSelect={setSelected}
            onJoin={join}
            onMiss={() => setMessage(NOWHERE)}
          />
          <p className="rig-hint">
            {source === undefined
              ? "Drag from one device to another to join them. Click a device or a link to select it; Delete removes it."
              : `${source.name}: ${source.source}`}
          </p>
          <div className="rig-tools">
            <Select
              label="New links"
              value={kind}
              options={LINK_PRESETS.map(({ id, name }) => ({ value: id, text: name }))}
              onChange={setKind}
            />
            <fieldset className="rig-shapes">
              <legend className="visually-hidden">Join all devices as</legend>
              {RIG_SHAPES.map((shape) => (
                <Button
                  key={shape}
                  title={`Join all devices as a ${shape}${shape === "star" ? " around the selected one" : ""}`}
                  onClick={() => change(rewired(rig, shape, shape === "star" ? neighbour : rig.source, kind))}
                >
                  {shape === "chain" ? "Chain" : shape === "star" ? "Star" : "Mesh"}
                </Button>
              ))}
            </fieldset>
            <Select
              label="Add device"
              hideLabel
              value=""
              options={[
                { value: "", text: "Add a device…" },
                ...DEVICE_PRESETS.map(({ id, name }) => ({ value: id, text: name })),
              ]}
              onChange={(preset) => {
                if (preset !== "") addDevice(preset);
              }}
            />
            <Button
              disabled={rig.devices.length < 2}
              title="A link from the selected device; its ends can be chosen in the list"
              onClick={() => {
                const near = new Set(
                  rig.links.flatMap(({ a, b }) => (a === neighbour ? [b] : b === neighbour ? [a] : [])),
                );
                const others = rig.devices.filter(({ id }) => id !== neighbour);
                const other = others.find(({ id }) => !near.has(id)) ?? others[0];
                if (other !== undefined) join(neighbour, other.id);
              }}
            >
              Add link
            </Button>
          </div>
        </div>
        <RigLists
          rig={rig}
          faults={faults}
          selected={selected}
          onSelect={setSelected}
          onChange={change}
          onRemove={remove}
        />
      </div>
      <div className="rig-messages" role="status">
        {message === null ? null : <p className="rig-fault">{message}</p>}
        {faults
          .filter(({ at }) => at === null)
          .map(({ sentence }) => (
            <p key={sentence} className="rig-fault">
              {sentence}
            </p>
          ))}
        {message === null && isWrong ? (
          <p className="rig-fault">This rig cannot be used yet: see the sentences beside its parts.</p>
        ) : null}
      </div>
      <div className="dialog-buttons rig-editor-buttons">
        <Button onClick={() => chooser.current?.click()}>Import…</Button>
        <Button
          disabled={isWrong}
          onClick={() => saveBlob("rig.json", new Blob([writeRig(rig)], { type: "application/json" }))}
        >
          Export
        </Button>
        <input
          ref={chooser}
          type="file"
          accept=".json,application/json"
          hidden
          data-testid="rig-file"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            event.target.value = "";
            if (file !== undefined) void open(file);
          }}
        />
        <span className="rig-editor-gap" />
        <Button onClick={onClose}>Cancel</Button>
        <Button
          kind="primary"
          disabled={isWrong}
          onClick={() => {
            if (rig !== present) store.getState().replaceRig(rig, "Rewire devices");
            onClose();
          }}
        >
          Use this rig
        </Button>
      </div>
    </>
  );
}

/** Its links go with it; input and output go to the first device that is left. */
function withoutDevice(rig: Rig, id: string): Rig {
  const devices = rig.devices.filter((device) => device.id !== id);
  const heir = devices[0]?.id ?? id;
  return {
    devices,
    links: rig.links.filter(({ a, b }) => a !== id && b !== id),
    source: rig.source === id ? heir : rig.source,
    sink: rig.sink === id ? heir : rig.sink,
  };
}
