import { runRefusal } from "../../core/graph/runnable.ts";
import { currentRecord } from "../../state/verification.ts";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import { InputChoice, useInputChoice } from "./input-choice.tsx";
import { MeasurementTables } from "./measurement-tables.tsx";
import { VerificationTables } from "./verification-tables.tsx";
import { verdictText } from "./verification-text.ts";
import "./verify.css";

/** Proof by running: the segments against the whole model, and their times against the prediction. */
export function VerifyPanel() {
  const store = useAppStore();
  const record = useApp(currentRecord);
  const refusal = useApp(({ model }) => (model === null ? null : runRefusal(model)));
  const choice = useInputChoice();
  const verdict = record?.verification == null ? null : verdictText(record.verification);
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
          disabled={choice.seed === null}
          onClick={() => {
            if (choice.seed !== null) void store.getState().verifyPlan(choice.seed, choice.files);
          }}
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
      <InputChoice choice={choice} />
      {record?.verification == null || verdict === null ? (
        <p className="inspector-hint">
          Not run yet: no run has shown that the segments compute what the model computes.
        </p>
      ) : (
        <>
          <p className="verify-verdict" data-tone={verdict.tone}>
            {verdict.sentence}
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
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function BusyButton({ children, title, disabled = false, onClick }: BusyButtonProps) {
  const busy = useApp((state) => state.verifying !== null);
  return (
    <Button disabled={busy || disabled} title={title} onClick={onClick}>
      {children}
    </Button>
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
