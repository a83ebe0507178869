import { useEffect, useState } from "react";
import type { Scenario } from "../../core/export/scenario-document.ts";
import type { Result } from "../../core/result.ts";
import { fetchScenarios } from "../../state/scenarios.ts";
import { Button } from "../shared/controls.tsx";
import { objectiveName } from "../shared/figures.ts";
import { Modal } from "../shared/modal.tsx";
import { useAppStore } from "../shared/use-app.ts";
import "./scenarios.css";

interface ScenariosDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Ready-made questions, each with its answer one click away. */
export function ScenariosDialog({ open, onClose }: ScenariosDialogProps) {
  return (
    <Modal open={open} labelledBy="scenarios-title" className="wide-dialog scenarios-dialog" onClose={onClose}>
      <Gallery onClose={onClose} />
    </Modal>
  );
}

function Gallery({ onClose }: { readonly onClose: () => void }) {
  const store = useAppStore();
  const [scenarios, setScenarios] = useState<readonly Result<Scenario>[] | null>(null);
  useEffect(() => {
    let isWanted = true;
    void fetchScenarios(document.baseURI).then((found) => {
      if (isWanted) setScenarios(found);
    });
    return () => {
      isWanted = false;
    };
  }, []);
  return (
    <>
      <h2 id="scenarios-title">Scenarios</h2>
      <p>
        Each shows one reason to split a network, or not to. It opens as a project of its own, the best plan is looked
        for, and “Why” explains it; your work stays as it is.
      </p>
      {scenarios === null ? <p role="status">Reading…</p> : null}
      <ul className="scenario-cards">
        {scenarios?.map((scenario) =>
          scenario.ok ? (
            <li key={scenario.value.title}>
              <Card
                scenario={scenario.value}
                onOpen={() => {
                  onClose();
                  void store.getState().openScenario(scenario.value);
                }}
              />
            </li>
          ) : (
            <li key={scenario.error} className="dialog-error" role="alert">
              {scenario.error}
            </li>
          ),
        )}
      </ul>
      <div className="dialog-buttons">
        <Button onClick={onClose}>Close</Button>
      </div>
    </>
  );
}

function Card({ scenario, onOpen }: { readonly scenario: Scenario; readonly onOpen: () => void }) {
  const { title, situation, lesson, rig, objective } = scenario;
  return (
    <button type="button" className="scenario-card" onClick={onOpen}>
      <strong>{title}</strong>
      <span className="scenario-facts">
        {objectiveName(objective)} · {rig.devices.length} devices
      </span>
      <span>{situation}</span>
      <span className="scenario-lesson">{lesson}</span>
    </button>
  );
}
