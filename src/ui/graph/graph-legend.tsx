import type { Legend } from "./overlay-looks.ts";
import "./graph-legend.css";

/** What the colours of an overlay mean, with units. */
export function GraphLegend({ legend }: { readonly legend: Legend }) {
  return (
    <figure className="graph-legend" data-testid="legend">
      <figcaption>{legend.title}</figcaption>
      {legend.kind === "scale" ? (
        <>
          <span className="legend-scale">
            <span>{legend.ends[0]}</span>
            <Bar fills={legend.fills.slice(0, 3)} />
            <span>{legend.ends[1]}</span>
            <Bar fills={legend.fills.slice(2)} />
            <span>{legend.ends[2]}</span>
          </span>
          {legend.hasGuesses ? <span>dashed, ~: not measured</span> : null}
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

function Bar({ fills }: { readonly fills: readonly string[] }) {
  return <span className="legend-bar" style={{ background: `linear-gradient(90deg, ${fills.join(", ")})` }} />;
}
