import { useRef, useState } from "react";
import { totalsText } from "../../core/graph/totals-text.ts";
import { SAMPLES } from "../../core/testing/samples/catalogue-entries.ts";
import { ProjectsDialog } from "../projects/projects-dialog.tsx";
import { Menu, type MenuItem } from "../shared/menu.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { CutDialog } from "./cut-dialog.tsx";
import { chosenFolder } from "./folder-files.ts";

/** The open model's name and size; opens files and samples. */
export function ModelMenu({ onScenarios }: { readonly onScenarios: () => void }) {
  const store = useAppStore();
  const model = useApp((state) => state.model);
  const source = useApp((state) => state.source);
  const opening = useApp((state) => state.opening);
  const chooser = useRef<HTMLInputElement>(null);
  const folderChooser = useRef<HTMLInputElement>(null);
  const [cutting, setCutting] = useState(false);
  const [listing, setListing] = useState(false);
  const sample = source?.kind === "sample" ? SAMPLES.find((entry) => entry.id === source.id) : undefined;
  const items: MenuItem[] = [
    {
      key: "open",
      text: "Open a file…",
      detail: "A model, a placement problem, a plan or a rig; Ctrl+O, or drop it anywhere. It stays on this computer",
      onChoose: () => chooser.current?.click(),
    },
    {
      key: "folder",
      text: "Open a folder…",
      detail: "A model together with the files that hold its weights",
      onChoose: () => folderChooser.current?.click(),
    },
    {
      key: "projects",
      text: "Projects…",
      detail: "Your work so far, kept in this browser only",
      onChoose: () => setListing(true),
    },
    {
      key: "scenarios",
      text: "Scenarios…",
      detail: "Ready-made cases: when a split wins, when it does not",
      onChoose: onScenarios,
    },
    ...SAMPLES.map((entry) => ({
      key: entry.id,
      text: entry.title,
      detail: `Sample · ${entry.weights}`,
      onChoose: () => void store.getState().openSample(entry.id),
    })),
  ];
  if (model !== null && model.openDimensions.length > 0) {
    items.splice(1, 0, {
      key: "dimensions",
      text: "Change dimensions…",
      detail: [...model.bindings].map(([name, size]) => `${name} = ${size}`).join(", "),
      onChoose: () => store.getState().askDimensions(true),
    });
  }
  if (model !== null) {
    items.splice(1, 0, {
      key: "cut",
      text: "Cut at tensors…",
      detail: "A split that was found elsewhere",
      onChoose: () => setCutting(true),
    });
  }
  const name = sample?.title ?? model?.fileName ?? "Splitscope";
  const detail =
    opening !== null
      ? opening.label
      : model === null
        ? "Open a model"
        : [...totalsText(model), ...(sample === undefined ? [] : [sample.weights])].join(" · ");
  return (
    <>
      <Menu className="model-title" items={items}>
        <span className="model-name">
          <span className="visually-hidden">Model: </span>
          {name} <span aria-hidden="true">▾</span>
        </span>
        <span className="model-detail" role="status">
          {detail}
        </span>
      </Menu>
      <ProjectsDialog open={listing} onClose={() => setListing(false)} />
      <CutDialog open={cutting} onClose={() => setCutting(false)} />
      <input
        ref={(input) => {
          folderChooser.current = input;
          if (input !== null) input.webkitdirectory = true;
        }}
        type="file"
        hidden
        data-testid="model-folder"
        onChange={(event) => {
          const { files } = event.target;
          const found = files === null ? [] : chosenFolder(files);
          event.target.value = "";
          if (found.length > 0) void store.getState().openFolder(found);
        }}
      />
      <input
        ref={chooser}
        id="model-file"
        type="file"
        multiple
        hidden
        accept=".onnx,.data,.bin,.pb,.json,.txt,.yml,.yaml"
        data-testid="model-file"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          if (files.length > 0) void store.getState().openDropped(files);
        }}
      />
    </>
  );
}
