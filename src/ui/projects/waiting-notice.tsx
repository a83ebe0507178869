import type { Waiting } from "../../state/state.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./projects.css";

function sentenceFor(waiting: Waiting): string {
  if (waiting.kind === "link") {
    const { name, sha256 } = waiting.shared.model;
    return `The link holds a plan for ${name} (SHA-256 ${sha256.slice(0, 12)}…). Open that file to see it.`;
  }
  const { name, model } = waiting.project;
  const digest = model.sha256 === null ? "" : ` (SHA-256 ${model.sha256.slice(0, 12)}…)`;
  return `The file of the model is not kept in this browser: open ${model.fileName}${digest} again to go on with "${name}".`;
}

/** What is shown once the file of its model has been opened. */
export function WaitingNotice() {
  const store = useAppStore();
  const waiting = useApp((state) => state.waiting);
  if (waiting === null) return null;
  return (
    <section className="notice waiting" data-tone="info" aria-label="Waiting for a file">
      <p>{sentenceFor(waiting)}</p>
      <span className="waiting-buttons">
        <Button kind="primary" onClick={() => document.getElementById("model-file")?.click()}>
          Open the file…
        </Button>
        <Button kind="quiet" onClick={() => store.getState().dismissWaiting()}>
          Not now
        </Button>
      </span>
    </section>
  );
}
