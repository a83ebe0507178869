import { useEffect, useRef, useState } from "react";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { LARGEST_DIMENSION } from "../../core/onnx/shapes/open-dimensions.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./dialog.css";

/** Asks for the sizes of symbolic dimensions; shapes are inferred again with them. */
export function DimensionDialog() {
  const store = useAppStore();
  const asking = useApp((state) => state.askingDimensions);
  const model = useApp((state) => state.model);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (asking) dialog.current?.showModal();
    else dialog.current?.close();
  }, [asking]);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="dimension-title"
      onClose={() => store.getState().askDimensions(false)}
    >
      {asking && model !== null ? <DimensionForm model={model} /> : null}
    </dialog>
  );
}

function DimensionForm({ model }: { readonly model: OpenedModel }) {
  const store = useAppStore();
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(
    () =>
      new Map(
        model.openDimensions.map((dimension) => {
          const size = model.bindings.get(dimension.name) ?? dimension.suggested ?? dimension.usual[0];
          return [dimension.name, size === undefined ? "" : String(size)];
        }),
      ),
  );
  const sizes = [...texts].map(([name, text]) => [name, Number(text)] as const);
  const valid = sizes.every(([, size]) => Number.isInteger(size) && size >= 1 && size <= LARGEST_DIMENSION);
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        store.getState().askDimensions(false);
        void store.getState().bindDimensions(new Map(sizes));
      }}
    >
      <h2 id="dimension-title">Which sizes will the model run with?</h2>
      <p>{model.fileName} leaves these dimensions open. Tensor sizes and latencies follow from them.</p>
      {model.openDimensions.map((dimension) => {
        const text = texts.get(dimension.name) ?? "";
        const size = Number(text);
        const fine = Number.isInteger(size) && size >= 1 && size <= LARGEST_DIMENSION;
        return (
          <label key={dimension.name} className="dimension">
            <span>
              <strong>{dimension.name}</strong>
              <small>
                axis {dimension.axis} of {dimension.input}
              </small>
            </span>
            <input
              type="text"
              inputMode="numeric"
              value={text}
              aria-invalid={!fine}
              list={`usual-${dimension.name}`}
              onChange={(event) => setTexts(new Map(texts).set(dimension.name, event.target.value))}
            />
            <datalist id={`usual-${dimension.name}`}>
              {dimension.usual.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          </label>
        );
      })}
      {valid ? null : (
        <p className="dialog-error">
          Each size is a whole number from 1 to {LARGEST_DIMENSION.toLocaleString("en-US")}.
        </p>
      )}
      <div className="dialog-buttons">
        <Button onClick={() => store.getState().askDimensions(false)}>Leave as it is</Button>
        <button type="submit" className="button button-primary" disabled={!valid}>
          Infer shapes
        </button>
      </div>
    </form>
  );
}
