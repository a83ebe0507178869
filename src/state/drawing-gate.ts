/** Work that waits until the network that was opened last is on screen. */
export interface DrawingGate {
  /** A network is on its way to the screen. */
  close(): void;
  /** It has been painted. */
  open(): void;
  /** Resolves once what was on its way has been painted, or has taken too long: in a page that is not on screen. */
  passed(): Promise<void>;
}

/** Milliseconds after which nobody waits for a drawing any longer. */
const LONGEST_WAIT = 3000;

export function createDrawingGate(longest = LONGEST_WAIT): DrawingGate {
  let current = Promise.resolve();
  let open = () => {};
  return {
    close: () => {
      open();
      current = new Promise((resolve) => {
        const timer = setTimeout(resolve, longest);
        open = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    open: () => open(),
    passed: () => current,
  };
}
