import type { FolderExporter } from "../../core/export/exporter.ts";
import { EXPORTERS } from "../../core/export/exporters.ts";
import { exportSubject, exportText } from "../../state/documents.ts";
import type { AppStore } from "../../state/store.ts";
import { Menu, type MenuItem } from "../shared/menu.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { chooseSaveTarget, discardEmpty } from "../shared/save-stream.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

interface ExportMenuProps {
  readonly view: PlanView | null;
  readonly graphPng: () => Promise<Blob | null>;
  readonly graphSvg: () => Blob | null;
}

/** Streams the files of an export into a file or a download; says before what of the plan they leave out. */
async function saveZip(store: AppStore, exporter: FolderExporter, name: string): Promise<void> {
  const target = await chooseSaveTarget(name);
  if (target === null) return;
  const { notify, exportZip } = store.getState();
  const subject = exportSubject(store.getState());
  if (subject.ok) for (const limit of exporter.limits(subject.value)) notify("warning", limit);
  const blob = await exportZip(exporter, target.kind === "file" ? target.file : null);
  if (blob !== null) saveBlob(name, blob);
  if (target.kind === "file") await discardEmpty(target.file);
}

/** What can be taken along: the plan, the table of ops, the picture. */
export function ExportMenu({ view, graphPng, graphSvg }: ExportMenuProps) {
  const store = useAppStore();
  const base = view === null ? "model" : view.model.fileName.replace(/\.onnx$/i, "");
  const items: readonly MenuItem[] = [
    ...EXPORTERS.flatMap((exporter) => (exporter.kind === "file" ? [exporter] : [])).map((exporter) => ({
      key: exporter.id,
      text: exporter.label,
      detail: exporter.detail,
      disabled: view === null,
      onChoose: async () => {
        await store.getState().digestKnown();
        const text = exportText(store.getState(), exporter);
        if (text.ok) saveBlob(`${base}${exporter.suffix}`, new Blob([text.value], { type: exporter.mimeType }));
        else store.getState().notify("error", text.error);
      },
    })),
    ...EXPORTERS.flatMap((exporter) => (exporter.kind === "folder" ? [exporter] : [])).map((exporter) => ({
      key: exporter.id,
      text: `${exporter.label}, ZIP`,
      detail: exporter.detail,
      disabled: view === null,
      onChoose: () => saveZip(store, exporter, `${base}${exporter.suffix}.zip`),
    })),
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
  ];
  return (
    <Menu label="Export" className="button" side="right" items={items}>
      Export ▾
    </Menu>
  );
}
