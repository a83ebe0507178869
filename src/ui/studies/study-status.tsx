import { Button } from "../shared/controls.tsx";
import { useApp } from "../shared/use-app.ts";

/** How far the study under way is, and the way to end it. */
export function StudyStatus() {
  const running = useApp((state) => state.studies.running);
  if (running === null) return null;
  return (
    <span className="study-status" role="status">
      {running.label}
      {running.fraction === null || running.fraction === 0 ? "…" : ` ${Math.round(running.fraction * 100)} %`}
      <Button kind="quiet" onClick={running.cancel}>
        Cancel
      </Button>
    </span>
  );
}
