/** The part of the network on screen: a point (x, y) of the layout is drawn at (x * zoom + panX, y * zoom + panY). */
export interface GraphViewport {
  readonly panX: number;
  readonly panY: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 14;
/** Room above for the line of modules. */
const TOP = 30;
/** Small networks are not blown up beyond this. */
const LARGEST_FIT = 1.5;

/** The whole network in the middle of the screen. */
export function fitted(layout: Size, screen: Size): GraphViewport {
  const zoom = Math.min(
    LARGEST_FIT,
    (screen.width - 2 * MARGIN) / Math.max(1, layout.width),
    (screen.height - TOP - MARGIN) / Math.max(1, layout.height),
  );
  return {
    zoom,
    panX: (screen.width - layout.width * zoom) / 2,
    panY: TOP + (screen.height - TOP - MARGIN - layout.height * zoom) / 2,
  };
}

/** Width over height in steps of a tenth, which keep the picture still while the window changes by a few pixels; 0 before there is a size. */
export function aspectOf({ width, height }: Size): number {
  return width === 0 ? 0 : Math.max(0.5, Math.round((10 * width) / Math.max(1, height)) / 10);
}

/** Zoomed by a factor around a point of the screen. */
export function zoomedAt(viewport: GraphViewport, factor: number, x: number, y: number): GraphViewport {
  const zoom = Math.min(4, Math.max(0.02, viewport.zoom * factor));
  const scale = zoom / viewport.zoom;
  return { zoom, panX: x - (x - viewport.panX) * scale, panY: y - (y - viewport.panY) * scale };
}

export function panned(viewport: GraphViewport, dx: number, dy: number): GraphViewport {
  return { ...viewport, panX: viewport.panX + dx, panY: viewport.panY + dy };
}
