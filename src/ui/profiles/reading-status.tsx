import { Button } from "../shared/controls.tsx";
import { useApp } from "../shared/use-app.ts";
import "./profiles.css";

/** Says that files are being read, with a way to stop; short readings end before it shows. */
export function ReadingStatus() {
  const reading = useApp((state) => state.readingProfiles);
  if (reading === null) return null;
  return (
    <div className="reading-status" role="status">
      <span>{reading.label}</span>
      <progress max={1} {...(reading.fraction === null ? {} : { value: reading.fraction })} />
      <Button kind="quiet" onClick={reading.cancel}>
        Cancel
      </Button>
    </div>
  );
}
