/** Sizes of the drawing in its own units: CSS pixels at zoom 1. */
export const OP_WIDTH = 64;
/** Boxes are widened up to this much where the window is wider than the picture. */
export const WIDEST_OP = 88;
export const OP_HEIGHT = 20;
/** A block folded to one node; as wide as the longest name asks, within limits. */
export const FOLDED_MIN_WIDTH = 124;
export const FOLDED_MAX_WIDTH = 150;
export const FOLDED_HEIGHT = 36;
/** Width of one letter of a block's name, about; the name has PANEL_PADDING at both sides. */
export const LETTER_WIDTH = 6.2;

/** Least distance between ops of one row, between an op and a wire that passes it, and between two wires. */
export const LANE_GAP = 12;
export const WIRE_GAP = 8;
export const WIRE_SPACING = 6;

/** Space between rows, and what each further wire that turns there adds. */
export const ROW_GAP = 9;
export const TRACK_GAP = 4;

export const PANEL_PADDING = 8;
export const TITLE_HEIGHT = 19;
/** Space between panels of one column. */
export const PANEL_GAP = 9;
/** Space between columns, and what each further wire that runs there adds. */
export const GUTTER = 18;
/** From a column's right edge to where a split between columns runs, and to the first wire. */
export const GUTTER_EDGE = 5;
export const GUTTER_WIRE = 11;
export const GUTTER_TRACK = 5;
/** Gutters are widened up to this much where the window is wider than the picture. */
export const WIDEST_GUTTER = 54;
/** Distance of the first wire above or below all columns, and of each further one. */
export const BUS_GAP = 8;
export const BUS_TRACK = 5;
export const MARGIN = 6;
