/** One look for all charts. */
export const AXIS_STYLE = {
  stroke: "var(--line-strong)",
  tick: { fill: "var(--text-soft)", fontSize: 11 },
  tickLine: false,
} as const;

export const GRID_STROKE = "var(--line)";

export const TOOLTIP_STYLE = {
  contentStyle: {
    background: "var(--surface-raised)",
    border: "1px solid var(--line)",
    borderRadius: 8,
    color: "var(--text)",
    fontSize: 12,
  },
  itemStyle: { color: "var(--text)" },
  cursor: { fill: "var(--surface-sunken)" },
  isAnimationActive: false,
} as const;
