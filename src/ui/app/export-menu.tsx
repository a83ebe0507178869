import { EXPORTERS } from "../../core/export/exporters.ts";
import { exportText } from "../../state/documents.ts";
import { Menu, type MenuItem } from "../shared/menu.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

interface ExportMenuProps {
  readonly view: PlanView | null;
  readonly graphPng: () => Promise<Blob | null>;
  readonly graphSvg: () => Blob | null;
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
