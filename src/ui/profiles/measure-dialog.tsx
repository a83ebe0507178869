import { useState } from "react";
import { item } from "../../core/columns.ts";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { type CommandModel, type ProfilingCommand, profilingCommands } from "../../core/profile/commands.ts";
import { sampleFile } from "../../state/sample-file.ts";
import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./profiles.css";

/** What commands have to say of the model that is open. */
function commandModel({ fileName, graph, bindings }: OpenedModel): CommandModel {
  return {
    fileName,
    bindings,
    inputs: graph.inputs.map((tensor) => {
      const { shape } = item(graph.tensorTypes, tensor);
      const dims = shape?.map((size) => (typeof size === "number" ? size : null));
      return { name: item(graph.tensorNames, tensor), dims: dims ?? [null] };
    }),
  };
}

/** Opens the commands that profile the model on another machine. */
export function MeasureButton({ model }: { readonly model: OpenedModel }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        kind="quiet"
        title="Commands that profile this model on a device, to copy and run there"
        onClick={() => setOpen(true)}
      >
        Measure a device…
      </Button>
      <Modal open={open} labelledBy="measure-title" className="wide-dialog" onClose={() => setOpen(false)}>
        <h2 id="measure-title">Measure a device</h2>
        <p>Run one of these on the device, then drop the file that it writes on the device's card.</p>
        <SaveSample fileName={model.fileName} />
        <div className="import-files">
          {profilingCommands(commandModel(model)).map((command) => (
            <Command key={command.id} command={command} />
          ))}
        </div>
        <div className="dialog-buttons">
          <Button onClick={() => setOpen(false)}>Close</Button>
        </div>
      </Modal>
    </>
  );
}

/** Saves the file that the commands name, where the model on screen came with the app and is no file yet. */
function SaveSample({ fileName }: { readonly fileName: string }) {
  const store = useAppStore();
  const source = useApp((state) => state.source);
  const [saving, setSaving] = useState(false);
  if (source?.kind !== "sample") return null;
  const save = async () => {
    setSaving(true);
    const file = await sampleFile(source.id, document.baseURI);
    setSaving(false);
    if (file.ok) saveBlob(fileName, file.value);
    else store.getState().notify("error", file.error);
  };
  return (
    <p>
      The commands read <code>{fileName}</code>, a sample that came with this app.{" "}
      <Button disabled={saving} onClick={() => void save()}>
        Save {fileName}
      </Button>
    </p>
  );
}

function Command({ command: { title, note, text, writes } }: { readonly command: ProfilingCommand }) {
  const store = useAppStore();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      store.getState().notify("warning", "The browser does not let this page copy; select the text instead.");
    }
  };
  return (
    <section className="import-file" aria-label={title}>
      <div className="import-head">
        <p className="import-name">
          <strong>{title}</strong>
        </p>
        <Button label={`Copy the command for ${title}`} onClick={() => void copy()}>
          <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
        </Button>
      </div>
      <p>{note}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="command" tabIndex={0}>
        {text}
      </pre>
      <p>
        Writes <code>{writes}</code>
      </p>
    </section>
  );
}
