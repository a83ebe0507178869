import { useId, useState } from "react";

interface OptionalFieldProps {
  readonly label: string;
  readonly unit: string;
  /** Null = no limit. */
  readonly value: number | null;
  readonly min: number;
  readonly integer?: boolean;
  readonly onChange: (value: number | null) => void;
}

/** A number with its unit that may be left empty; taken over on Enter or on leaving, an impossible one is kept out. */
export function OptionalField({ label, unit, value, min, integer = false, onChange }: OptionalFieldProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === null ? "" : String(Number(value.toPrecision(6))));
  const isEmpty = shown.trim() === "";
  const parsed = isEmpty ? null : Number(shown);
  const valid = parsed === null || (Number.isFinite(parsed) && parsed >= min && (!integer || Number.isInteger(parsed)));
  const take = () => {
    if (text !== null && valid && parsed !== value) onChange(parsed);
    setText(null);
  };
  return (
    <div className="field field-number">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <span className="field-input">
        <input
          id={id}
          type="text"
          inputMode="decimal"
          value={shown}
          placeholder="any"
          aria-invalid={!valid}
          title={valid ? undefined : `${integer ? "a whole number" : "a number"} of at least ${min}, or nothing`}
          onChange={(event) => setText(event.target.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key === "Enter") take();
            if (event.key === "Escape") setText(null);
          }}
        />
        <span className="field-unit">{unit}</span>
      </span>
    </div>
  );
}
