import { useCallback, useRef, useState } from "react";
import type { Activity } from "../../state/state.ts";
import { HelpDialog } from "../help/help-dialog.tsx";
import { isFirstVisit, Tour, TourOffer } from "../help/tour.tsx";
import { Inspector } from "../inspector/inspector.tsx";
import { ImportDialog } from "../profiles/import-dialog.tsx";
import { ReadingStatus } from "../profiles/reading-status.tsx";
import { WaitingNotice } from "../projects/waiting-notice.tsx";
import { RigPanel } from "../rig/rig-panel.tsx";
import { ScenariosDialog } from "../scenarios/scenarios-dialog.tsx";
import { Drawer } from "../schemes/drawer.tsx";
import { Button } from "../shared/controls.tsx";
import { Notices } from "../shared/notices.tsx";
import { useApp } from "../shared/use-app.ts";
import { useCommittedPlan } from "../shared/use-plan.ts";
import { DimensionDialog } from "./dimension-dialog.tsx";
import { DropZone } from "./drop-zone.tsx";
import { ProblemDialog } from "./problem-dialog.tsx";
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
  const [help, setHelp] = useState(false);
  const [tour, setTour] = useState<"offered" | "running" | "over">(() => (isFirstVisit() ? "offered" : "over"));
  const [gallery, setGallery] = useState(false);
  const openGallery = useCallback(() => setGallery(true), []);
  const openHelp = useCallback(() => setHelp(true), []);
  useShortcuts(stage, openHelp);
  const graphPng = useCallback(async () => (await stage.current?.png()) ?? null, []);
  const graphSvg = useCallback(() => stage.current?.svg() ?? null, []);
  return (
    <DropZone>
      <div className="app">
        <TopBar view={view} graphPng={graphPng} graphSvg={graphSvg} onHelp={openHelp} onScenarios={openGallery} />
        <RigPanel view={view} />
        <main className="app-main">
          {view === null ? <EmptyStage opening={opening} onScenarios={openGallery} /> : null}
          {view === null ? null : <Stage ref={stage} />}
          {view === null || opening === null ? null : <OpeningBar opening={opening} />}
        </main>
        {view === null ? <aside className="inspector" /> : <Inspector />}
        <Drawer />
        <Notices>
          <WaitingNotice />
        </Notices>
        <ReadingStatus />
        <DimensionDialog />
        <ProblemDialog />
        <ImportDialog />
        <ScenariosDialog open={gallery} onClose={() => setGallery(false)} />
        <HelpDialog
          open={help}
          onClose={() => setHelp(false)}
          onTour={() => {
            setHelp(false);
            setTour("running");
          }}
        />
        {tour === "offered" && view !== null ? (
          <TourOffer
            onStart={() => setTour("running")}
            onScenarios={() => {
              setTour("over");
              openGallery();
            }}
            onSkip={() => setTour("over")}
          />
        ) : null}
        {tour === "running" && view !== null ? <Tour onEnd={() => setTour("over")} /> : null}
      </div>
    </DropZone>
  );
}

interface EmptyStageProps {
  readonly opening: Activity | null;
  readonly onScenarios: () => void;
}

function EmptyStage({ opening, onScenarios }: EmptyStageProps) {
  return (
    <div className="empty" role="status">
      <h1>{opening?.label ?? "Open an ONNX model to split it"}</h1>
      <p>
        {opening === null
          ? "Drop a file here, or choose a sample from the menu above. Nothing leaves this computer."
          : "This takes a moment the first time."}
      </p>
      {opening === null ? (
        <Button onClick={onScenarios}>See scenarios…</Button>
      ) : (
        <Button onClick={opening.cancel}>Cancel</Button>
      )}
    </div>
  );
}

/** Another model is on its way while the present one stays on screen. */
function OpeningBar({ opening }: { readonly opening: Activity }) {
  return (
    <div className="opening" role="status">
      {opening.label}…
      <Button kind="quiet" onClick={opening.cancel}>
        Cancel
      </Button>
    </div>
  );
}
