import { type ReactNode, useId } from "react";
import "./controls.css";

interface ButtonProps {
  readonly children: ReactNode;
  readonly onClick: () => void;
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly disabled?: boolean;
  readonly title?: string;
  readonly label?: string;
  readonly pressed?: boolean;
}

export function Button({ children, onClick, kind = "plain", disabled = false, title, label, pressed }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button button-${kind}`}
      onClick={onClick}
      disabled={disabled}
      title={title}
      aria-label={label}
      aria-pressed={pressed}
    >
      {children}
    </button>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly onChange: (value: T) => void;
  readonly hideLabel?: boolean;
}

/** A native select with its label. */
export function Select<T extends string>({ label, value, options, onChange, hideLabel = false }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : "field-label"}>
        {label}
      </label>
      <select
        id={id}
        className="select"
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Two or three exclusive choices side by side. */
export function Segmented<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <button
          type="button"
          key={option.value}
          className="segmented-option"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}

interface SliderProps {
  readonly label: string;
  /** What the value means, read out and shown: "48 Mbit/s". */
  readonly text: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Equal steps multiply instead of add. */
  readonly logarithmic?: boolean;
  readonly onChange: (value: number) => void;
}

/** A native range input; logarithmic ones cover decades evenly. */
export function Slider({ label, text, value, min, max, logarithmic = false, onChange }: SliderProps) {
  const id = useId();
  const toPosition = logarithmic ? Math.log10 : (x: number) => x;
  const fromPosition = logarithmic ? (x: number) => Number((10 ** x).toPrecision(2)) : (x: number) => x;
  const low = toPosition(min);
  const high = toPosition(max);
  return (
    <div className="field field-slider">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <span className="field-value">{text}</span>
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={(high - low) / 200}
        value={toPosition(Math.min(max, Math.max(min, value)))}
        aria-valuetext={text}
        onChange={(event) => onChange(fromPosition(Number(event.target.value)))}
      />
    </div>
  );
}
