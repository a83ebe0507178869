import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";

const LEAST = 120;
const USUAL = 232;
/** What stays for everything above the drawer. */
const ROOM_ABOVE = 260;
const KEY_STEP = 24;

/** The upper edge of the drawer and a grip, to make it higher or lower by mouse or by arrow keys; a double click resets it. */
export function DrawerEdge() {
  const edge = useRef<HTMLDivElement>(null);
  const start = useRef<{ readonly y: number; readonly height: number } | null>(null);
  const [height, setHeight] = useState<number | null>(null);
  const present = () => edge.current?.parentElement?.clientHeight ?? LEAST;
  const resize = (wanted: number | null) => {
    const app = edge.current?.closest<HTMLElement>(".app");
    if (app === null || app === undefined) return;
    if (wanted === null) app.style.removeProperty("--drawer-height");
    const next = wanted === null ? null : Math.max(LEAST, Math.min(window.innerHeight - ROOM_ABOVE, wanted));
    if (next !== null) app.style.setProperty("--drawer-height", `${next}px`);
    setHeight(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowUp: KEY_STEP, ArrowDown: -KEY_STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    resize(present() + by);
  };
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { y: event.clientY, height: present() };
  };
  const onMove = (event: PointerEvent) => {
    if (start.current !== null) resize(start.current.height + start.current.y - event.clientY);
  };
  const onUp = () => {
    start.current = null;
  };
  const drag = {
    onPointerDown: onDown,
    onPointerMove: onMove,
    onPointerUp: onUp,
    onDoubleClick: () => resize(null),
  };
  return (
    <>
      <div ref={edge} className="drawer-edge" aria-hidden="true" {...drag} />
      <div
        className="drawer-grip"
        role="slider"
        aria-orientation="vertical"
        aria-label="Height of the comparison"
        aria-valuemin={LEAST}
        aria-valuenow={height ?? USUAL}
        aria-valuetext={height === null ? "as usual" : `${Math.round(height)} pixels`}
        title="Drag, or use the arrow keys, to make this part higher; double click for the usual height"
        tabIndex={0}
        onKeyDown={onKey}
        {...drag}
      >
        ⇕
      </div>
    </>
  );
}
