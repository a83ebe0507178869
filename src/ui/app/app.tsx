import { useCallback, useRef } from "react";
import { Inspector } from "../inspector/inspector.tsx";
import { ImportDialog } from "../profiles/import-dialog.tsx";
import { ReadingStatus } from "../profiles/reading-status.tsx";
import { RigPanel } from "../rig/rig-panel.tsx";
import { Drawer } from "../schemes/drawer.tsx";
import { Notices } from "../shared/notices.tsx";
import { useApp } from "../shared/use-app.ts";
import { useCommittedPlan } from "../shared/use-plan.ts";
import { DimensionDialog } from "./dimension-dialog.tsx";
import { DropZone } from "./drop-zone.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { Stage, type StageHandle } from "./stage.tsx";
import { TopBar } from "./top-bar.tsx";
import "./theme.css";
import "./app.css";
import "./dialog.css";

/** The whole screen: figures on top, rig left, network and strip in the middle, inspector right, comparisons below. */
export function App() {
  // Of the last finished step: what follows a drag asks for the live plan by itself, so that the rest stands still.
  const view = useCommittedPlan();
  const stage = useRef<StageHandle>(null);
  const opening = useApp((state) => state.opening);
  useShortcuts(stage);
  const graphPng = useCallback(async () => (await stage.current?.png()) ?? null, []);
  return (
    <DropZone>
      <div className="app">
        <TopBar view={view} graphPng={graphPng} />
        <RigPanel view={view} />
        <main className="app-main">
          {view === null ? <EmptyStage label={opening?.label ?? null} /> : null}
          {view === null ? null : <Stage ref={stage} />}
        </main>
        {view === null ? <aside className="inspector" /> : <Inspector />}
        <Drawer />
        <Notices />
        <ReadingStatus />
        <DimensionDialog />
        <ImportDialog />
      </div>
    </DropZone>
  );
}

function EmptyStage({ label }: { readonly label: string | null }) {
  return (
    <div className="empty" role="status">
      <h1>{label ?? "Open an ONNX model to split it"}</h1>
      <p>
        {label === null
          ? "Drop a file here, or choose a sample from the menu above. Nothing leaves this computer."
          : "This takes a moment the first time."}
      </p>
    </div>
  );
}
