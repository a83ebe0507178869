import { Menu } from "../shared/menu.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";

/** Steps listed each way. */
const LISTED = 8;

/** What was done, by name: any step can be gone back to, and forward to again. */
export function HistoryMenu() {
  const store = useAppStore();
  const past = useApp((state) => state.past);
  const future = useApp((state) => state.future);
  const back = past.slice(-LISTED).map(({ label }, index, shown) => ({
    key: `back ${index}`,
    text: `Undo ${label}`,
    onChoose: () => store.getState().travel(index - shown.length),
  }));
  const forward = future.slice(0, LISTED).map(({ label }, index) => ({
    key: `forward ${index}`,
    text: `Redo ${label}`,
    onChoose: () => store.getState().travel(index + 1),
  }));
  const items = [...forward.reverse(), ...back.reverse()];
  const nothing = { key: "nothing", text: "Nothing has been done yet", disabled: true, onChoose: () => undefined };
  return (
    <Menu
      label="History"
      className="button button-quiet history"
      side="right"
      items={items.length > 0 ? items : [nothing]}
    >
      <span aria-hidden="true">▾</span>
    </Menu>
  );
}
