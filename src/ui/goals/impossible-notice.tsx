import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";

/** Why no plan keeps to everything, and what could be given up, one click each. Gone once anything is changed. */
export function ImpossibleNotice() {
  const store = useAppStore();
  const impossible = useApp((state) => state.impossible);
  const setting = useApp((state) => state.session.setting);
  if (impossible === null || impossible.setting !== setting) return null;
  const { sentence, ways } = impossible;
  return (
    <div className="goals-impossible" role="status">
      <p>{sentence}</p>
      {ways === null ? <p className="goals-hint">Looking for what could be given up…</p> : null}
      {ways?.map((way) => (
        <Button key={way.text} onClick={() => void store.getState().relax(way)}>
          {way.text}
        </Button>
      ))}
    </div>
  );
}
