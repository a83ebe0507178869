import type { OpenedModel } from "../../core/graph/opened-model.ts";
import type { RawProfile } from "../../core/profile/formats/raw-profile.ts";
import { TIME_UNITS, type TimeUnit } from "../../core/profile/formats/unit.ts";
import { profileWarnings } from "../../core/profile/profile-warnings.ts";
import type { Device } from "../../core/rig/rig.ts";
import { type ImportItem, type ImportOutcome, outcomeOf } from "../../state/profile-import.ts";
import { Select } from "../shared/controls.tsx";
import { useAppStore } from "../shared/use-app.ts";
import { CoveredOps } from "./covered-ops.tsx";

const LEAVE_OUT = "";

interface ImportFileProps {
  readonly item: ImportItem;
  readonly model: OpenedModel;
  readonly devices: readonly Device[];
}

/** One file of an import: its format, its device, and what it holds or the sentence why nothing. */
export function ImportFile({ item, model, devices }: ImportFileProps) {
  const store = useAppStore();
  const outcome = outcomeOf(item, model);
  const isFor =
    outcome.kind !== "refused" && outcome.kind !== "companion" && outcome.kind !== "chain" && item.matched === null;
  const { fileName, format } = item.file;
  return (
    <section className="import-file" aria-label={fileName} data-tone={outcome.kind === "refused" ? "bad" : "plain"}>
      <div className="import-head">
        <p className="import-name">
          <strong>{fileName}</strong>
          <span className="import-format">
            {format === null ? "not recognised" : format.label.replace(/^an? /, "")}
          </span>
        </p>
        {isFor ? (
          <Select
            label="Device"
            value={item.device ?? LEAVE_OUT}
            options={[
              { value: LEAVE_OUT, text: "leave out" },
              ...devices.map((device) => ({ value: device.id, text: device.name })),
            ]}
            onChange={(id) => store.getState().chooseForImport(item.id, { device: id === LEAVE_OUT ? null : id })}
          />
        ) : null}
      </div>
      {item.file.reading.ok && item.file.reading.value.kind === "unitless" ? (
        <UnitQuestion item={item} raw={item.file.reading.value.profile} />
      ) : null}
      <Holds item={item} outcome={outcome} model={model} devices={devices} />
    </section>
  );
}

interface HoldsProps extends ImportFileProps {
  readonly outcome: ImportOutcome;
}

function Holds({ item, outcome, model, devices }: HoldsProps) {
  const store = useAppStore();
  switch (outcome.kind) {
    case "refused":
      return <p className="dialog-error">{outcome.sentence}</p>;
    case "chain":
    case "companion":
      return <p>{outcome.sentence}</p>;
    case "unit":
      return null;
    case "power": {
      const { idleWatts, activeWatts, samples, rail, warnings } = outcome.power;
      return (
        <>
          <p>
            Power of {rail} over {samples} samples: {idleWatts.toFixed(2)} W at rest, {activeWatts.toFixed(2)} W at
            work. The device takes these two figures.
          </p>
          {warnings.map((warning) => (
            <p key={warning} className="import-warning">
              {warning}
            </p>
          ))}
        </>
      );
    }
    case "profile": {
      const { matched } = outcome;
      const device = devices.find((candidate) => candidate.id === item.device);
      return (
        <CoveredOps
          matched={matched}
          graph={model.graph}
          warnings={
            device === undefined ? matched.warnings : profileWarnings(matched, model.graph, model.costs, device)
          }
          onMatch={(entry, op) => {
            const others = item.manual.filter((match) => match.entry !== entry && match.op !== op);
            store.getState().chooseForImport(item.id, { manual: [...others, { entry, op }] });
          }}
        />
      );
    }
  }
}

/** Largest figure of a profile and the entry that has it. */
function slowest(raw: RawProfile): { readonly label: string; readonly value: number } {
  return raw.entries.reduce(
    (most, { label, latency }) => (latency.median > most.value ? { label, value: latency.median } : most),
    { label: "", value: 0 },
  );
}

const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = { ms: "milliseconds", us: "microseconds", s: "seconds" };

function UnitQuestion({ item, raw }: { readonly item: ImportItem; readonly raw: RawProfile }) {
  const store = useAppStore();
  const most = slowest(raw);
  return (
    <fieldset className="unit-question">
      <legend>
        The file says no unit. Its largest figure is {Number(most.value.toPrecision(4))}, for {most.label}. In which
        unit is it?
      </legend>
      {TIME_UNITS.map((unit) => (
        <label key={unit}>
          <input
            type="radio"
            name={`unit-${item.id}`}
            checked={item.unit === unit}
            onChange={() => store.getState().chooseForImport(item.id, { unit })}
          />
          {UNIT_NAMES[unit]}
        </label>
      ))}
    </fieldset>
  );
}
