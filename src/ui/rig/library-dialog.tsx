import { useEffect, useState } from "react";
import { deviceLibrary, type LibraryDevice } from "../../core/rig/presets/library.ts";
import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { foundDevices } from "./library-search.ts";

/** Longest list shown; the rest is counted. */
const SHOWN = 60;

interface LibraryDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onChoose: (device: LibraryDevice) => void;
}

/** Every device with published latencies, searched by name, chip and runtime. */
export function LibraryDialog({ open, onClose, onChoose }: LibraryDialogProps) {
  return (
    <Modal open={open} labelledBy="library-title" className="wide-dialog" onClose={onClose}>
      <Library onClose={onClose} onChoose={onChoose} />
    </Modal>
  );
}

function Library({ onClose, onChoose }: Omit<LibraryDialogProps, "open">) {
  const [devices, setDevices] = useState<readonly LibraryDevice[] | null>(null);
  const [query, setQuery] = useState("");
  useEffect(() => {
    let isWanted = true;
    void deviceLibrary().then((all) => {
      if (isWanted) setDevices(all);
    });
    return () => {
      isWanted = false;
    };
  }, []);
  const found = devices === null ? [] : foundDevices(devices, query);
  return (
    <>
      <h2 id="library-title">Devices with published latencies</h2>
      <p>
        Cost models fitted to the latencies that ncnn publishes, with their median error on models left out of the fit.
      </p>
      <input
        type="search"
        className="library-search"
        aria-label="Search devices"
        placeholder="Name, chip, threads or GPU"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <p className="visually-hidden" role="status">
        {found.length} devices
      </p>
      <ul className="library">
        {found.slice(0, SHOWN).map((device) => (
          <li key={device.preset.id}>
            <button type="button" title={device.preset.source} onClick={() => onChoose(device)}>
              <strong>{device.preset.name}</strong>
              <span className="library-runtime">{device.preset.runtime}</span>
              <span className="library-error">±{Math.round(100 * device.error)} %</span>
            </button>
          </li>
        ))}
        {found.length > SHOWN ? (
          <li className="library-rest">and {found.length - SHOWN} more: search for one</li>
        ) : null}
        {devices !== null && found.length === 0 ? (
          <li className="library-rest">No device has all these words.</li>
        ) : null}
      </ul>
      <div className="dialog-buttons">
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </>
  );
}
