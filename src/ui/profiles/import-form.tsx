import { settingWith } from "../../state/profile-import.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { ImportFile } from "./import-file.tsx";

/** The files of an import, what is to be done with each, and whether all can be taken in. */
export default function ImportForm() {
  const store = useAppStore();
  const items = useApp((state) => state.profileImport);
  const model = useApp((state) => state.model);
  const setting = useApp((state) => state.session.setting);
  if (items === null || model === null) return null;
  const [first] = items;
  const isReview = first !== undefined && first.matched !== null;
  const result = settingWith(setting, items, model);
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        store.getState().applyImport();
      }}
    >
      <h2 id="import-title">
        {isReview
          ? `What ${first.file.fileName} covers`
          : items.length === 1
            ? "Import a profile"
            : `Import ${items.length} files`}
      </h2>
      <div className="import-files">
        {items.map((item) => (
          <ImportFile key={item.id} item={item} model={model} devices={setting.rig.devices} />
        ))}
      </div>
      <div className="dialog-buttons">
        {result.ok ? null : (
          <p className="import-missing" role="status">
            {result.error}
          </p>
        )}
        <Button onClick={() => store.getState().cancelImport()}>Cancel</Button>
        <button type="submit" className="button button-primary" disabled={!result.ok}>
          Apply
        </button>
      </div>
    </form>
  );
}
