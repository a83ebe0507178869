import { type DifferencePart, signed } from "../../core/predict/difference-parts.ts";

interface FigurePartsProps {
  readonly label: string;
  readonly parts: readonly DifferencePart[];
  readonly total: number;
  readonly format: (value: number) => string;
}

/** Parts that are listed; smaller ones are taken together. */
const MOST = 7;

/** What adds up to a difference, largest first, and its sum. */
export function FigureParts({ label, parts, total, format }: FigurePartsProps) {
  const shown = parts.length <= MOST ? parts : parts.slice(0, MOST - 1);
  const rest = parts.slice(shown.length).reduce((sum, { amount }) => sum + amount, 0);
  return (
    <ul className="why-list" aria-label={label}>
      {shown.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: both ways of a link have one name
        <Line key={index} part={part} />
      ))}
      {shown.length === parts.length ? null : (
        <Line
          part={{ name: `${parts.length - shown.length} smaller parts`, amount: rest, text: signed(rest, format) }}
        />
      )}
      <Line part={{ name: "together", amount: total, text: signed(total, format) }} className="why-total" />
    </ul>
  );
}

function Line({ part, className = "" }: { readonly part: DifferencePart; readonly className?: string }) {
  return (
    <li className={className}>
      <span>{part.name}</span>
      <span className="why-value" data-tone={part.amount < 0 ? "good" : "bad"}>
        {part.text}
      </span>
    </li>
  );
}
