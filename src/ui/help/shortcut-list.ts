interface ShortcutGroup {
  readonly title: string;
  /** Key or gesture, and what it does. */
  readonly keys: readonly (readonly [string, string])[];
}

/** Every key that does something, as the help shows them. */
export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: "Anywhere",
    keys: [
      ["Ctrl + O", "open a model, a plan, a rig or profiles"],
      ["Ctrl + Z", "undo"],
      ["Ctrl + Shift + Z", "redo; so does Ctrl + Y"],
      ["/", "find an op, a tensor or a shape"],
      ["F", "fit the whole network on the screen"],
      ["Escape", "let go of a drag, or of the selection; inside a body, back out"],
      ["?", "this help"],
    ],
  },
  {
    title: "A split that has the focus",
    keys: [
      ["← →", "one op earlier or later"],
      ["Shift + ← →", "to the next place where a single tensor crosses"],
      ["Page ↑ ↓", "ten ops"],
      ["Home, End", "to either end"],
      ["Drag", "move it; with Alt without snapping to one-tensor cuts"],
    ],
  },
  {
    title: "Ops in the network",
    keys: [
      ["Arrow keys", "from op to op"],
      ["Enter", "opens a closed module; looks into an If, Loop or Scan; so does a double click"],
      ["Backspace", "closes the module around"],
      ["U, D", "show what the selection depends on, and what depends on it"],
      ["Shift + ← →", "the selected ops to the stage before or after, with what has to come along"],
      ["Shift + F10", "their menu; so do the menu key and the other mouse button"],
      ["Drag", "an op, a closed module or a module's title over a split"],
      ["Shift + drag", "a lasso around several ops; Shift + click adds one"],
    ],
  },
  {
    title: "Lists and charts",
    keys: [
      ["Enter", "in the search: the next hit; with Shift the one before"],
      ["← →", "between the tabs below; between activities of the timeline"],
      ["↑ ↓", "between the entries of a menu; the height of the comparison on its grip"],
    ],
  },
];
