/** Device colours repeat after eight; the letter keeps devices apart for every eye. */
const COLORS = 8;

export const deviceColor = (index: number): string => `var(--device-${index % COLORS})`;
/** A, B, C, ... in the rig's order. */
export const deviceLetter = (index: number): string => String.fromCharCode(65 + (index % 26));
