import { withForbidden, withPins } from "../../core/plan/constraints-edit.ts";
import type { Device } from "../../core/rig/rig.ts";
import { Button } from "../shared/controls.tsx";
import { deviceLetter } from "../shared/device-color.ts";
import { NumberField, OptionalField } from "../shared/number-fields.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";

interface PlacementFieldsProps {
  readonly opCount: number;
  /** Those that ops may run on. */
  readonly devices: readonly Device[];
}

/** Where ops may run: the first ones on the source, pins, devices left out, the number of stages. */
export function PlacementFields({ opCount, devices }: PlacementFieldsProps) {
  const store = useAppStore();
  const { constraints, rig } = useApp((state) => state.session.setting);
  const { setConstraints } = store.getState();
  const source = rig.devices.find(({ id }) => id === rig.source);
  return (
    <fieldset className="goals-group">
      <legend>Where ops run</legend>
      <NumberField
        label={`First ops kept on ${source?.name ?? "the source"}`}
        unit={`of ${opCount}`}
        value={constraints.firstOpsOnSource}
        min={0}
        max={opCount}
        onChange={(count) =>
          setConstraints("Keep first ops on the source", { ...constraints, firstOpsOnSource: Math.round(count) })
        }
      />
      <OptionalField
        label="Stages at most"
        unit=""
        value={constraints.maxStages}
        min={1}
        integer
        onChange={(maxStages) => setConstraints("Limit stages", { ...constraints, maxStages })}
      />
      {devices.map(({ id, name }, index) => {
        const isForbidden = constraints.forbiddenDevices.includes(id);
        return (
          <label key={id} className="goals-check">
            <input
              type="checkbox"
              checked={!isForbidden}
              onChange={() =>
                setConstraints(
                  isForbidden ? "Allow device" : "Forbid device",
                  withForbidden(constraints, id, !isForbidden),
                )
              }
            />
            <span>
              Use {deviceLetter(index)} {name}
            </span>
          </label>
        );
      })}
      <Pins />
    </fieldset>
  );
}

/** Ops and modules that are kept on a device, each with a button that lets it go. */
function Pins() {
  const store = useAppStore();
  const { constraints, rig } = useApp((state) => state.session.setting);
  if (constraints.pins.length === 0) {
    return (
      <p className="goals-hint">
        Ops and modules are kept on a device by their menu in the network, or in the inspector under “Keep on”.
      </p>
    );
  }
  return (
    <ul className="goals-pins" aria-label="Pinned ops">
      {constraints.pins.map(({ op, device }) => (
        <li key={op}>
          <span className="tensor-name">{op}</span>
          <span>on {rig.devices.find(({ id }) => id === device)?.name ?? device}</span>
          <Button
            kind="quiet"
            label={`Let ${op} go`}
            title="Let it go"
            onClick={() => store.getState().setConstraints("Unpin", withPins(constraints, [op], null))}
          >
            ×
          </Button>
        </li>
      ))}
    </ul>
  );
}
