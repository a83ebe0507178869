import { type ReactNode, useEffect, useRef } from "react";
import "../app/dialog.css";

interface ModalProps {
  readonly open: boolean;
  /** Id of the heading inside. */
  readonly labelledBy: string;
  readonly className?: string;
  readonly children: ReactNode;
  /** Called once it has closed, by Escape too. */
  readonly onClose: () => void;
}

/** A native modal dialog, whose content exists while it is open only; focus goes back to where it was. */
export function Modal({ open, labelledBy, className = "", children, onClose }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} className={`dialog ${className}`} aria-labelledby={labelledBy} onClose={onClose}>
      {open ? children : null}
    </dialog>
  );
}
