import { Fragment, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { type MenuItem, MenuItems } from "../shared/menu.tsx";
import "./direct.css";

export interface PopupGroup {
  readonly title: string;
  readonly items: readonly MenuItem[];
}

interface PopupMenuProps {
  readonly label: string;
  /** Where its corner is to be, in the window's pixels; it stays inside the window. */
  readonly x: number;
  readonly y: number;
  readonly groups: readonly PopupGroup[];
  readonly onClose: () => void;
}

const MARGIN = 8;

/** A menu over everything at a place of the screen: arrows move, Escape and a click outside close. */
export function PopupMenu({ label, x, y, groups, onClose }: PopupMenuProps) {
  const root = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: x, top: y });
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const box = root.current?.getBoundingClientRect();
    if (box === undefined) return;
    setPlace({
      left: Math.max(MARGIN, Math.min(x, window.innerWidth - box.width - MARGIN)),
      top: Math.max(MARGIN, Math.min(y, window.innerHeight - box.height - MARGIN)),
    });
  }, [x, y]);

  useEffect(() => {
    const before = document.activeElement;
    root.current?.querySelector<HTMLElement>(".menu-item:not(:disabled)")?.focus();
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) close.current();
    };
    document.addEventListener("pointerdown", onDown, { capture: true });
    return () => {
      document.removeEventListener("pointerdown", onDown, { capture: true });
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const found = root.current?.querySelectorAll<HTMLElement>(".menu-item:not(:disabled)") ?? [];
    const entries: readonly (Element | null)[] = [...found];
    const current = entries.indexOf(document.activeElement);
    const targets = new Map([
      ["ArrowDown", (current + 1) % entries.length],
      ["ArrowUp", (current - 1 + entries.length) % entries.length],
      ["Home", 0],
      ["End", entries.length - 1],
    ]);
    const target = targets.get(event.key);
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (target === undefined) return;
    else found[target]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };

  return createPortal(
    <div
      className="menu-list popup"
      ref={root}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      style={place}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {groups.map(({ title, items }) => (
        <Fragment key={title}>
          <div className="popup-title" role="presentation">
            {title}
          </div>
          <MenuItems items={items} onClose={onClose} />
        </Fragment>
      ))}
    </div>,
    document.body,
  );
}
