import type { GraphViewHandle } from "./graph-view.tsx";

/** What others may ask of the drawing on screen, be it of the network or of a body in it. */
export interface NetworkHandle extends GraphViewHandle {
  /** The whole of it in view. */
  fit(): void;
  /** Selects an op and brings it into view. */
  find(op: number): void;
}
