import { useRef } from "react";
import { item } from "../../core/columns.ts";
import { useSize } from "../shared/use-size.ts";

export interface WaterfallStep {
  readonly name: string;
  /** Signed; the steps lead from the first total to the last. */
  readonly amount: number;
}

interface WaterfallProps {
  readonly from: { readonly name: string; readonly value: number };
  readonly to: { readonly name: string; readonly value: number };
  readonly steps: readonly WaterfallStep[];
  readonly format: (value: number) => string;
}

const ROW = 22;
const BAR = 14;
const LABEL_WIDTH = 230;
const VALUE_WIDTH = 84;
const LETTERS = 32;

/** How one figure becomes another: totals at both ends, between them what each part adds or saves. */
export function Waterfall({ from, to, steps, format }: WaterfallProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const levels = levelsOf(from.value, steps);
  const low = Math.min(0, ...levels);
  const high = Math.max(from.value, to.value, ...levels, Number.MIN_VALUE);
  const plot = Math.max(40, width - LABEL_WIDTH - VALUE_WIDTH);
  const x = (value: number) => LABEL_WIDTH + (plot * (value - low)) / (high - low);
  const rows = [
    { name: from.name, start: 0, end: from.value, tone: "total", text: format(from.value) },
    ...steps.map(({ name, amount }, index) => ({
      name,
      start: item(levels, index),
      end: item(levels, index + 1),
      tone: amount < 0 ? "good" : "bad",
      text: `${amount < 0 ? "−" : "+"}${format(Math.abs(amount))}`,
    })),
    { name: to.name, start: 0, end: to.value, tone: "total", text: format(to.value) },
  ];
  return (
    <div ref={frame} className="waterfall">
      <svg width={width} height={rows.length * ROW + 4} role="presentation">
        {rows.map((row, index) => {
          const left = x(Math.min(row.start, row.end));
          const right = x(Math.max(row.start, row.end));
          const top = index * ROW;
          return (
            <g key={`${row.name} ${row.tone}`} className="waterfall-row" data-tone={row.tone}>
              <text className="waterfall-name" x={LABEL_WIDTH - 10} y={top + 15} textAnchor="end">
                {row.name.length > LETTERS ? `${row.name.slice(0, LETTERS - 1)}…` : row.name}
                <title>{row.name}</title>
              </text>
              <rect x={left} y={top + 4} width={Math.max(1, right - left)} height={BAR} rx={2} />
              {index === rows.length - 1 ? null : (
                <line x1={x(row.end)} x2={x(row.end)} y1={top + 4 + BAR} y2={top + ROW + 4} />
              )}
              <text className="waterfall-value" x={right + 6} y={top + 15}>
                {row.text}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function levelsOf(start: number, steps: readonly WaterfallStep[]): readonly number[] {
  const levels = [start];
  for (const { amount } of steps) levels.push((levels.at(-1) ?? 0) + amount);
  return levels;
}
