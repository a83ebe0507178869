import { useId, useState } from "react";
import { runRefusal } from "../../core/graph/runnable.ts";
import { currentRecord } from "../../state/verification.ts";
import { Button } from "../shared/controls.tsx";
import { NumberField } from "../shared/number-fields.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { MeasurementTables } from "./measurement-tables.tsx";
import { VerificationTables } from "./verification-tables.tsx";
import { verdictSentence } from "./verification-text.ts";
import "./verify.css";

const LARGEST_SEED = 10_000;

/** Proof by running: the segments against the whole model, and their times against the prediction. */
export function VerifyPanel() {
  const store = useAppStore();
  const record = useApp(currentRecord);
  const refusal = useApp(({ model }) => (model === null ? null : runRefusal(model)));
  const [seed, setSeed] = useState(1);
  const [inputs, setInputs] = useState<readonly File[]>([]);
  if (refusal !== null) {
    return (
      <section className="inspector-section verify" aria-labelledby="verify-title">
        <h2 id="verify-title">Proven by running</h2>
        <p className="inspector-hint">{refusal}</p>
      </section>
    );
  }
  return (
    <section className="inspector-section verify" aria-labelledby="verify-title">
      <h2 id="verify-title">Proven by running</h2>
      <VerifyActivity />
      <div className="verify-buttons">
        <BusyButton
          title="Run the whole model and the segments of this plan in this browser, and compare every output"
          onClick={() => void store.getState().verifyPlan(seed, inputs)}
        >
          Verify segments
        </BusyButton>
        <BusyButton
          title="Profile the model in this browser, and compare what that predicts for each stage with a run of it"
          onClick={() => void store.getState().measurePlan()}
        >
          Measure stages here
        </BusyButton>
      </div>
      <details className="verify-inputs">
        <summary>
          Inputs: {inputs.length === 0 ? `made up from seed ${seed}` : inputs.map(({ name }) => name).join(", ")}
        </summary>
        <NumberField
          label="Seed"
          unit=""
          value={seed}
          min={1}
          max={LARGEST_SEED}
          onChange={(value) => setSeed(Math.round(value))}
        />
        <InputFiles onChoose={setInputs} />
      </details>
      {record?.verification == null ? (
        <p className="inspector-hint">
          Not run yet: no run has shown that the segments compute what the model computes.
        </p>
      ) : (
        <>
          <p className="verify-verdict" data-tone={record.verification.verdict === "different" ? "bad" : "good"}>
            {verdictSentence(record.verification)}
          </p>
          <VerificationTables verification={record.verification} />
        </>
      )}
      {record?.measurement == null ? null : <MeasurementTables measurement={record.measurement} />}
    </section>
  );
}

interface BusyButtonProps {
  readonly children: string;
  readonly title: string;
  readonly onClick: () => void;
}

function BusyButton({ children, title, onClick }: BusyButtonProps) {
  const busy = useApp((state) => state.verifying !== null);
  return (
    <Button disabled={busy} title={title} onClick={onClick}>
      {children}
    </Button>
  );
}

function InputFiles({ onChoose }: { readonly onChoose: (files: readonly File[]) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        Files (.npy, .pb), named after the inputs
      </label>
      <input
        id={id}
        type="file"
        multiple
        accept=".npy,.pb"
        onChange={(event) => onChoose([...(event.target.files ?? [])])}
      />
    </div>
  );
}

/** What runs now, how far it is, and a way to stop it. */
function VerifyActivity() {
  const activity = useApp((state) => state.verifying);
  if (activity === null) return null;
  return (
    <div className="verify-activity" role="status">
      <span className="device-line">{activity.label}</span>
      <progress max={1} aria-label="Progress" {...(activity.fraction === null ? {} : { value: activity.fraction })} />
      <Button kind="quiet" label="Cancel what runs" onClick={activity.cancel}>
        Cancel
      </Button>
    </div>
  );
}
