import { lazy, Suspense, useState } from "react";
import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";

const RigEditor = lazy(() => import("./rig-editor.tsx"));

/** The button that opens the editor. */
export function RigEditorButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        kind="quiet"
        title="Devices and links as a graph to rewire; import and export"
        onClick={() => setOpen(true)}
      >
        Rewire…
      </Button>
      <Modal open={open} labelledBy="rig-editor-title" className="rig-editor" onClose={() => setOpen(false)}>
        <Suspense fallback={<h2 id="rig-editor-title">Devices and links</h2>}>
          <RigEditor onClose={() => setOpen(false)} />
        </Suspense>
      </Modal>
    </>
  );
}
