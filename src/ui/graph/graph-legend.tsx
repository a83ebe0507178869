import type { Legend } from "./overlay-looks.ts";
import "./graph-legend.css";

/** What the colours of an overlay mean, with units. */
export function GraphLegend({ legend }: { readonly legend: Legend }) {
  return (
    <figure className="graph-legend" data-testid="legend">
      <figcaption>{legend.title}</figcaption>
      {legend.kind === "scale" ? (
        <>
          <span className="legend-scale" style={{ background: `linear-gradient(90deg, ${legend.fills.join(", ")})` }} />
          <span className="legend-ends">
            {legend.ends.map((text) => (
              <span key={text}>{text}</span>
            ))}
          </span>
          {legend.hasGuesses ? <span className="legend-note">dashed, ~: not measured, estimated</span> : null}
        </>
      ) : (
        <span className="legend-list">
          {legend.entries.map(({ text, paint, isGuess }) => (
            <span key={text}>
              <span className="legend-swatch" data-guess={isGuess} style={{ background: paint.fill }} />
              {text}
            </span>
          ))}
        </span>
      )}
    </figure>
  );
}
