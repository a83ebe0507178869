import { useState } from "react";
import { Button, Select } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";

/** Asks for one of the models that the files of a placement problem hold. */
export function ProblemDialog() {
  const store = useAppStore();
  const choice = useApp((state) => state.problemChoice);
  const [model, setModel] = useState("");
  const close = () => void store.getState().chooseProblem(null);
  const models = choice?.models ?? [];
  const chosen = models.includes(model) ? model : (models[0] ?? "");
  return (
    <Modal open={choice !== null} labelledBy="problem-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void store.getState().chooseProblem(chosen);
        }}
      >
        <h2 id="problem-title">Which model?</h2>
        <p>
          {choice?.files.map(({ name }) => name).join(", ")} hold the layers and times of {models.length} models. Each
          of them is a placement problem of its own.
        </p>
        <Select
          label="Model"
          value={chosen}
          options={models.map((name) => ({ value: name, text: name }))}
          onChange={setModel}
        />
        <div className="dialog-buttons">
          <Button onClick={close}>Cancel</Button>
          <button type="submit" className="button button-primary">
            Open
          </button>
        </div>
      </form>
    </Modal>
  );
}
