import { pinnedDevice } from "../../core/plan/pins.ts";
import { runnersOf } from "../../state/derive.ts";
import { Select } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

const ANYWHERE = "";
const SEVERAL = "several ";

/** The device that ops are kept on in every plan, to choose or to lift. */
export function KeepOn({ view, ops }: { readonly view: PlanView; readonly ops: readonly number[] }) {
  const store = useAppStore();
  const { constraints, rig } = view.setting;
  const held = new Set(ops.map((op) => pinnedDevice(constraints, view.graph, op) ?? ANYWHERE));
  const [only = ANYWHERE] = held;
  return (
    <Select
      label="Keep on"
      value={held.size > 1 ? SEVERAL : only}
      options={[
        ...(held.size > 1 ? [{ value: SEVERAL, text: "several devices" }] : []),
        { value: ANYWHERE, text: "wherever is best" },
        ...runnersOf(view.problem, rig).map(({ id, name }) => ({ value: id, text: name })),
      ]}
      onChange={(device) => {
        if (device !== SEVERAL) store.getState().keepOps(ops, device === ANYWHERE ? null : device);
      }}
    />
  );
}
