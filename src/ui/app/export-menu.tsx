import { useState } from "react";
import { type Exporter, type FolderExporter, needOf } from "../../core/export/exporter.ts";
import { EXPORTERS, MODEL_EXPORTERS } from "../../core/export/exporters.ts";
import type { WeightPlace } from "../../core/onnx/segments/external-layout.ts";
import { exportSubject, exportText } from "../../state/documents.ts";
import type { AppStore } from "../../state/store.ts";
import { copyLink } from "../projects/copy-link.ts";
import { Menu, type MenuItem } from "../shared/menu.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { chooseSaveTarget, discardEmpty } from "../shared/save-stream.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { asksBeforeSaving, ExportDialog, HowToDialog } from "./export-dialog.tsx";

interface ExportMenuProps {
  readonly view: PlanView | null;
  readonly graphPng: () => Promise<Blob | null>;
  readonly graphSvg: () => Blob | null;
}

const NEEDS_MODEL = "Needs a model; a placement problem has no operators and weights";

/** Streams the files of an export into a file or a download. */
async function saveZip(store: AppStore, exporter: FolderExporter, weights: WeightPlace, name: string): Promise<void> {
  const target = await chooseSaveTarget(name);
  if (target === null) return;
  const blob = await store.getState().exportZip(exporter, weights, target.kind === "file" ? target.file : null);
  if (blob !== null) saveBlob(name, blob);
  if (target.kind === "file") await discardEmpty(target.file);
}

/** What can be taken along: the plan, the table of ops, the picture. */
export default function ExportMenu({ view, graphPng, graphSvg }: ExportMenuProps) {
  const store = useAppStore();
  const base =
    view === null ? "model" : view.model.fileName.replace(/\.onnx$|(\.problem)?\.json$|\.txt$|\.ya?ml$/i, "");
  const isProblem = view !== null && view.model.given !== null;
  const [chosen, setChosen] = useState<Exporter | null>(null);
  const [explaining, setExplaining] = useState(false);
  const save = async (exporter: Exporter, weights: WeightPlace = "inline") => {
    if (exporter.kind === "folder") {
      await saveZip(store, exporter, weights, `${base}${exporter.suffix}.zip`);
      return;
    }
    await store.getState().digestKnown();
    const text = exportText(store.getState(), exporter);
    if (text.ok) saveBlob(`${base}${exporter.suffix}`, new Blob([text.value], { type: exporter.mimeType }));
    else store.getState().notify("error", text.error);
  };
  /**
   * What a target leaves out of the plan is said before it is saved, and where weights go is asked; what leaves nothing
   * to say is saved at once.
   */
  const choose = async (exporter: Exporter) => {
    const subject = exportSubject(store.getState());
    if (!subject.ok) store.getState().notify("error", subject.error);
    else if (asksBeforeSaving(exporter, subject.value)) setChosen(exporter);
    else await save(exporter);
  };
  const items: readonly MenuItem[] = [
    {
      key: "link",
      text: "Copy link",
      detail: "Rig and plan in the address itself; the model is named, not sent",
      disabled: view === null,
      onChoose: () => copyLink(store),
    },
    ...(isProblem ? EXPORTERS : MODEL_EXPORTERS).map((exporter) => {
      const isRefused = isProblem && needOf(exporter) === "model";
      return {
        key: exporter.id,
        text: exporter.kind === "folder" ? `${exporter.label}, ZIP` : exporter.label,
        detail: isRefused ? NEEDS_MODEL : exporter.detail,
        disabled: view === null || isRefused,
        onChoose: () => choose(exporter),
      };
    }),
    {
      key: "png",
      text: "Picture of the graph (PNG)",
      detail: "The whole network, at twice the screen's size",
      disabled: view === null,
      onChoose: async () => {
        const png = await graphPng();
        if (png !== null) saveBlob(`${base}.png`, png);
      },
    },
    {
      key: "svg",
      text: "Picture of the graph (SVG)",
      detail: "The whole network, sharp at any size",
      disabled: view === null,
      onChoose: () => {
        const svg = graphSvg();
        if (svg !== null) saveBlob(`${base}.svg`, svg);
      },
    },
    {
      key: "how-to",
      text: "How to run the exports…",
      detail: "The commands for each of them",
      disabled: view === null,
      onChoose: () => setExplaining(true),
    },
  ];
  return (
    <>
      <Menu label="Export" className="button" side="right" items={items}>
        Export ▾
      </Menu>
      <ExportDialog
        exporter={chosen}
        onSave={(exporter, weights) => void save(exporter, weights)}
        onClose={() => setChosen(null)}
      />
      <HowToDialog open={explaining} onClose={() => setExplaining(false)} />
    </>
  );
}
