import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

export interface MenuItem {
  readonly key: string;
  readonly text: string;
  readonly detail?: string;
  readonly disabled?: boolean;
  readonly onChoose: () => void | Promise<void>;
}

interface MenuProps {
  /** The button's content, and its accessible name where that is another. */
  readonly children: ReactNode;
  readonly label?: string;
  readonly className: string;
  readonly side?: "left" | "right";
  readonly items: readonly MenuItem[];
}

/** A button that opens a list of commands: arrows move, Escape and a click outside close. */
export function Menu({ children, label, className, side = "left", items }: MenuProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLButtonElement>(".menu-item:not(:disabled)")?.focus();
    const close = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveFocus(event.key === "ArrowDown" ? 1 : -1);
    }
  };

  // Before the list goes: a dialog that a choice opens gives the focus back to what had it.
  const onChosen = () => {
    button.current?.focus();
    setOpen(false);
  };

  const moveFocus = (step: number) => {
    const found = root.current?.querySelectorAll<HTMLElement>(".menu-item:not(:disabled)") ?? [];
    const entries: readonly (Element | null)[] = [...found];
    const current = entries.indexOf(document.activeElement);
    const next = entries[(current + step + entries.length) % entries.length];
    if (next instanceof HTMLElement) next.focus();
  };

  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        ref={button}
        className={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open ? (
        <div className="menu-list" data-side={side} id={id} role="menu" tabIndex={-1} onKeyDown={onKeyDown}>
          <MenuItems items={items} onClose={onChosen} />
        </div>
      ) : null}
    </div>
  );
}

/** Commands of an open menu; choosing one closes it. */
export function MenuItems({ items, onClose }: { readonly items: readonly MenuItem[]; readonly onClose: () => void }) {
  return items.map((item) => (
    <button
      type="button"
      role="menuitem"
      className="menu-item"
      key={item.key}
      disabled={item.disabled}
      onClick={() => {
        onClose();
        void item.onChoose();
      }}
    >
      <span>{item.text}</span>
      {item.detail === undefined ? null : <span className="menu-item-detail">{item.detail}</span>}
    </button>
  ));
}
