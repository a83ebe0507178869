import { useState } from "react";
import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./export-dialog.css";

interface CutDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Takes a split that was found elsewhere: tensors to cut at, or PipeEdge's layers. */
export function CutDialog({ open, onClose }: CutDialogProps) {
  return (
    <Modal open={open} labelledBy="cut-title" className="wide-dialog" onClose={onClose}>
      <CutForm onClose={onClose} />
    </Modal>
  );
}

/** Tensors offered as examples: those that alone part the model. */
const MOST_OFFERED = 3;

function CutForm({ onClose }: { readonly onClose: () => void }) {
  const store = useAppStore();
  const model = useApp((state) => state.model);
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const middle = Math.max(0, Math.floor(((model?.cuts.length ?? 0) - MOST_OFFERED) / 2));
  const examples =
    model?.cuts.slice(middle, middle + MOST_OFFERED).map((tensor) => model.graph.tensorNames[tensor] ?? "") ?? [];
  const cut = async () => {
    const sentence = await store.getState().cutAt(text);
    setFault(sentence);
    if (sentence === null) onClose();
  };
  return (
    <>
      <h2 id="cut-title">Cut at tensors</h2>
      <p>
        Ops behind a cut run in the next stage, on the next device of the rig. Tensors on parallel paths make one cut
        together. PipeEdge's layers (1,24,25,48) are taken too. Files can be dropped on the page: such a text, or a
        mapping.json of AutoDiCE.
      </p>
      <label className="cut-names">
        Tensors, with commas or line ends between
        <textarea
          rows={4}
          value={text}
          placeholder={examples.join("\n")}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : "cut-fault"}
          onChange={(event) => {
            setText(event.target.value);
            setFault(null);
          }}
        />
      </label>
      {fault === null ? null : (
        <p className="dialog-error" id="cut-fault" role="alert">
          {fault}
        </p>
      )}
      <div className="dialog-buttons">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" disabled={text.trim() === ""} onClick={() => void cut()}>
          Cut
        </Button>
      </div>
    </>
  );
}
