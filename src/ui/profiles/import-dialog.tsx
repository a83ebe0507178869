import { lazy, Suspense } from "react";
import { Modal } from "../shared/modal.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./profiles.css";

const ImportForm = lazy(() => import("./import-form.tsx"));

/** Files that were read, to be looked over: what each is, whose it is, what it covers. Escape leaves all as it was. */
export function ImportDialog() {
  const store = useAppStore();
  const open = useApp((state) => state.profileImport !== null);
  return (
    <Modal
      open={open}
      labelledBy="import-title"
      className="wide-dialog"
      onClose={() => store.getState().cancelImport()}
    >
      <Suspense fallback={<h2 id="import-title">Import</h2>}>
        <ImportForm />
      </Suspense>
    </Modal>
  );
}
