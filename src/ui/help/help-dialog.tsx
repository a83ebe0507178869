import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { SHORTCUTS } from "./shortcut-list.ts";
import "./help.css";

interface HelpDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** Begins the tour of the screen. */
  readonly onTour: () => void;
}

/** What the screen shows, and every key that does something. */
export function HelpDialog({ open, onClose, onTour }: HelpDialogProps) {
  return (
    <Modal open={open} labelledBy="help-title" className="wide-dialog" onClose={onClose}>
      <h2 id="help-title">Help</h2>
      <p>
        The network runs from left to right; colours are devices. The line with the round handle is a split: what it
        cuts is sent over the link. Drag it, and every figure follows. Auto-partition finds the best plan and says what
        it proves. Nothing leaves this computer: what you do is kept in this browser only, under Projects in the model
        menu, and is there again after a reload.
      </p>
      <div className="shortcuts">
        {SHORTCUTS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="dialog-buttons">
        <Button onClick={onTour}>Show me around</Button>
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </Modal>
  );
}
