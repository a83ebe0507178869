import { type ReactNode, useState } from "react";
import { useAppStore } from "../shared/use-app.ts";
import { droppedFolders } from "./folder-files.ts";

/** Files dropped anywhere are opened as what they are; device cards take theirs before this sees them. */
export function DropZone({ children }: { readonly children: ReactNode }) {
  const store = useAppStore();
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has the file chooser as its keyboard equal
    <div
      className="drop-zone"
      onDragOver={(event) => {
        event.preventDefault();
        if (event.dataTransfer.types.includes("Files")) setOver(true);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const folders = droppedFolders(event.dataTransfer);
        if (folders !== null) {
          void folders.then(store.getState().openFolder, (reason: unknown) =>
            store.getState().notify("error", `The folder cannot be read: ${String(reason)}`),
          );
          return;
        }
        const files = [...event.dataTransfer.files];
        if (files.length > 0) void store.getState().openDropped(files);
      }}
    >
      {children}
      {over ? (
        <div className="drop-hint">Drop a model, a scenario, a placement problem, a plan, a rig or device profiles</div>
      ) : null}
    </div>
  );
}
