import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./profiles.css";

/** Measures the model in this browser, which becomes a device; says how far it is, and stops at once. */
export function ProfileBrowser() {
  const store = useAppStore();
  const profiling = useApp((state) => state.profiling);
  if (profiling === null) {
    return (
      <Button
        kind="quiet"
        title="Run the model in this browser and add it as a device, with the measured latencies"
        onClick={() => void store.getState().profileBrowser()}
      >
        Profile this browser
      </Button>
    );
  }
  return (
    <div className="profiling" role="status">
      <span className="device-line">{profiling.label}</span>
      <progress
        max={1}
        aria-label="Profiling"
        {...(profiling.fraction === null ? {} : { value: profiling.fraction })}
      />
      <Button kind="quiet" label="Cancel profiling" onClick={profiling.cancel}>
        Cancel
      </Button>
    </div>
  );
}
