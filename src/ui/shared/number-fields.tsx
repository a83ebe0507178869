import { useId, useState } from "react";

interface NumberInputProps {
  readonly label: string;
  readonly unit: string;
  /** As it is shown while nobody types; "" for none. */
  readonly shown: string;
  readonly placeholder?: string;
  /** What is wrong with a number, or with none at all (null); null where nothing is. */
  readonly faultOf: (value: number | null) => string | null;
  readonly onChange: (value: number | null) => void;
}

/** A number with its unit, taken over on Enter or on leaving the field; an impossible one is marked and kept out. */
function NumberInput({ label, unit, shown, placeholder, faultOf, onChange }: NumberInputProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const typed = text ?? shown;
  const value = typed.trim() === "" ? null : Number(typed);
  const fault = faultOf(value);
  const take = () => {
    if (text !== null && text !== shown && fault === null) onChange(value);
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
          value={typed}
          placeholder={placeholder}
          aria-invalid={fault !== null}
          title={fault ?? undefined}
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

interface NumberFieldProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** A number that there has to be. */
export function NumberField({ label, unit, value, min, max, onChange }: NumberFieldProps) {
  return (
    <NumberInput
      label={label}
      unit={unit}
      shown={String(value)}
      faultOf={(typed) => (typed !== null && typed >= min && typed <= max ? null : `between ${min} and ${max} ${unit}`)}
      onChange={(typed) => {
        if (typed !== null) onChange(typed);
      }}
    />
  );
}

interface OptionalFieldProps {
  readonly label: string;
  readonly unit: string;
  /** Null = no limit. */
  readonly value: number | null;
  readonly min: number;
  readonly integer?: boolean;
  readonly onChange: (value: number | null) => void;
}

/** A number that may be left empty. */
export function OptionalField({ label, unit, value, min, integer = false, onChange }: OptionalFieldProps) {
  const isFine = (typed: number) => Number.isFinite(typed) && typed >= min && (!integer || Number.isInteger(typed));
  return (
    <NumberInput
      label={label}
      unit={unit}
      shown={value === null ? "" : String(Number(value.toPrecision(6)))}
      placeholder="any"
      faultOf={(typed) =>
        typed === null || isFine(typed)
          ? null
          : `${integer ? "a whole number" : "a number"} of at least ${min}, or nothing`
      }
      onChange={onChange}
    />
  );
}
