import { useState } from "react";
import type { ExportSubject } from "../../core/export/export-subject.ts";
import { type Exporter, exportRefusal, needRefusal } from "../../core/export/exporter.ts";
import { EXPORTERS } from "../../core/export/exporters.ts";
import type { WeightPlace } from "../../core/onnx/segments/external-layout.ts";
import { exportSubject } from "../../state/documents.ts";
import { Button, Segmented } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./export-dialog.css";

interface ExportDialogProps {
  /** What is about to be saved; null while the dialog is closed. */
  readonly exporter: Exporter | null;
  readonly onSave: (exporter: Exporter, weights: WeightPlace) => void;
  readonly onClose: () => void;
}

const WEIGHTS: readonly { readonly value: WeightPlace; readonly text: string }[] = [
  { value: "inline", text: "In each model" },
  { value: "apart", text: "In a .data file beside it" },
];

const hasWeights = (exporter: Exporter): boolean => exporter.kind === "folder" && exporter.holdsModels;

/** Whether there is something to say or to choose before an export is saved; a ZIP may have to wait for what runs. */
export function asksBeforeSaving(exporter: Exporter, subject: ExportSubject): boolean {
  return exporter.kind === "folder" || exportRefusal(exporter, subject) !== null || exporter.limits(subject).length > 0;
}

/** Before a plan is saved for another program: what of it that program cannot express, and how to run it there. */
export function ExportDialog({ exporter, onSave, onClose }: ExportDialogProps) {
  const store = useAppStore();
  const [weights, setWeights] = useState<WeightPlace>("inline");
  const isBusy = useApp((state) => state.verifying !== null);
  const subject = exporter === null ? null : exportSubject(store.getState());
  const refusal = exporter === null || !subject?.ok ? null : exportRefusal(exporter, subject.value);
  const waits = isBusy && exporter?.kind === "folder";
  return (
    <Modal open={exporter !== null} labelledBy="export-title" className="wide-dialog" onClose={onClose}>
      {exporter === null || subject === null || !subject.ok ? null : (
        <>
          <h2 id="export-title">{exporter.label}</h2>
          {refusal === null ? null : (
            <p className="dialog-error" role="alert">
              This plan cannot be exported this way: {refusal}
            </p>
          )}
          {refusal === null ? <Limits sentences={exporter.limits(subject.value)} /> : null}
          {refusal === null && hasWeights(exporter) ? (
            <section className="export-section">
              <h3>Weights</h3>
              <Segmented label="Weights" value={weights} options={WEIGHTS} onChange={setWeights} />
              <p className="export-note">
                A file of ONNX external data can be mapped into memory. A model that would have 2 GiB or more gets one
                in any case.
              </p>
            </section>
          ) : null}
          {refusal === null ? <HowToRun exporter={exporter} subject={subject.value} /> : null}
          {waits && refusal === null ? (
            <p role="status">
              The plan is being verified, measured or exported: save once that has ended or was cancelled.
            </p>
          ) : null}
          <div className="dialog-buttons">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              kind="primary"
              disabled={refusal !== null || waits}
              onClick={() => {
                onClose();
                onSave(exporter, weights);
              }}
            >
              {exporter.kind === "folder" ? "Save ZIP" : "Save"}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}

function Limits({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <section className="export-section">
      <h3>What of the plan it does not express</h3>
      <ul className="export-limits">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

/** Lines of the text that are seen without scrolling. */
const MOST_ROWS = 14;

function HowToRun({ exporter, subject }: { readonly exporter: Exporter; readonly subject: ExportSubject }) {
  const text = exporter.howToRun(subject).trimEnd();
  const rows = Math.min(MOST_ROWS, text.split("\n").length + 1);
  return (
    <section className="export-section">
      <h3>How to run it</h3>
      <textarea className="export-how" readOnly aria-label={`How to run ${exporter.label}`} value={text} rows={rows} />
    </section>
  );
}

interface HowToDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** How to run each of the exports, for this plan. */
export function HowToDialog({ open, onClose }: HowToDialogProps) {
  const store = useAppStore();
  const subject = open ? exportSubject(store.getState()) : null;
  return (
    <Modal open={open} labelledBy="how-to-title" className="wide-dialog" onClose={onClose}>
      <h2 id="how-to-title">How to run the exports</h2>
      {subject?.ok === true
        ? EXPORTERS.filter((exporter) => needRefusal(exporter, subject.value) === null).map((exporter) => {
            const refusal = exportRefusal(exporter, subject.value);
            return (
              <details key={exporter.id} className="export-details">
                <summary>{exporter.label}</summary>
                {refusal === null ? (
                  <HowToRun exporter={exporter} subject={subject.value} />
                ) : (
                  <p className="dialog-error">This plan cannot be exported this way: {refusal}</p>
                )}
              </details>
            );
          })
        : null}
      <div className="dialog-buttons">
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
