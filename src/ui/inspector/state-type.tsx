import { type FormEvent, useId, useState } from "react";
import type { OpenedModel } from "../../core/graph/opened-model.ts";
import type { ElementType } from "../../core/onnx/model.ts";
import { readShape } from "../../core/onnx/shapes/read-shape.ts";
import { Button, Select } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import "./state-type.css";

const TYPES: readonly ElementType[] = [
  "float",
  "float16",
  "bfloat16",
  "double",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
  "bool",
];

const options = TYPES.map((value) => ({ value, text: value === "float" ? "float32" : value }));

interface StateTypeProps {
  readonly model: OpenedModel;
  readonly tensor: string;
}

/**
 * Why the type of a tensor is not known, with a form to state it; what was stated can be changed or taken back. Nothing
 * for a tensor whose type the model tells.
 */
export function StateType({ model, tensor }: StateTypeProps) {
  const store = useAppStore();
  const reason = model.reasons.get(tensor);
  const given = model.givenTypes.get(tensor);
  const [element, setElement] = useState<ElementType>(given?.elementType ?? "float");
  const [text, setText] = useState(given?.shape?.join(", ") ?? "");
  const [error, setError] = useState<string | null>(null);
  const id = useId();
  if (reason === undefined && given === undefined) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const shape = readShape(text);
    setError(shape.ok ? null : shape.error);
    if (!shape.ok) return;
    void store.getState().stateType(tensor, { kind: "tensor", elementType: element, shape: shape.value });
  };
  return (
    <details className="state-type" data-testid="state-type" open={given === undefined ? undefined : true}>
      <summary>{given === undefined ? "Type not known: state it" : "Type stated by you"}</summary>
      {given === undefined ? <p className="inspector-hint">Not known because {reason}.</p> : null}
      <form onSubmit={submit}>
        <Select label="Element type" value={element} options={options} onChange={setElement} />
        <div className="field">
          <label htmlFor={id} className="field-label">
            Sizes
          </label>
          <span className="field-input state-type-sizes">
            <input
              id={id}
              type="text"
              value={text}
              placeholder="1, 3, 224, 224"
              aria-invalid={error !== null}
              onChange={(event) => setText(event.target.value)}
            />
          </span>
        </div>
        {error === null ? null : (
          <p className="state-type-error" role="alert">
            {error}
          </p>
        )}
        <div className="state-type-buttons">
          {given === undefined ? null : (
            <Button kind="quiet" onClick={() => void store.getState().stateType(tensor, null)}>
              Take it back
            </Button>
          )}
          <button type="submit" className="button button-plain">
            Use this type
          </button>
        </div>
      </form>
    </details>
  );
}
