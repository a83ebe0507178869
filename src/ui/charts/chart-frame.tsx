import { type ReactNode, useRef, useState } from "react";
import { Button } from "../shared/controls.tsx";
import { type LegendEntry, pngOf, svgText } from "../shared/picture.ts";
import { saveBlob } from "../shared/save-blob.ts";
import { useAppStore } from "../shared/use-app.ts";
import "./charts.css";

/** The figures of a chart in words and numbers: what a screen reader reads, and what can be copied. */
export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface ChartFrameProps {
  /** What the chart shows; heads its picture and its table. */
  readonly title: string;
  /** Name of saved pictures, without ending. */
  readonly fileName: string;
  readonly controls?: ReactNode;
  readonly legend: readonly LegendEntry[];
  readonly table: () => ChartTable;
  /** The chart, one SVG in it. */
  readonly children: ReactNode;
}

/** What every chart has around it: controls, the same figures as a table, pictures to save, a legend. */
export function ChartFrame({ title, fileName, controls, legend, table, children }: ChartFrameProps) {
  const [asTable, setAsTable] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const store = useAppStore();
  const picture = () => {
    const svg = body.current?.querySelector("svg");
    return svg === null || svg === undefined ? null : svgText(svg, { title, legend });
  };
  const saveSvg = () => {
    const svg = picture();
    if (svg !== null) saveBlob(`${fileName}.svg`, new Blob([svg], { type: "image/svg+xml" }));
  };
  const savePng = async () => {
    const svg = picture();
    if (svg === null) return;
    const png = await pngOf(svg);
    if (png === null)
      store.getState().notify("error", "This browser could not draw the chart as a PNG; save it as SVG.");
    else saveBlob(`${fileName}.png`, png);
  };
  return (
    <figure className="chart" aria-label={title}>
      <div className="chart-head">
        {controls}
        <span className="chart-actions">
          <Button kind="quiet" pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </Button>
          <Button kind="quiet" label={`Save "${title}" as SVG`} disabled={asTable} onClick={saveSvg}>
            SVG
          </Button>
          <Button kind="quiet" label={`Save "${title}" as PNG`} disabled={asTable} onClick={() => void savePng()}>
            PNG
          </Button>
        </span>
      </div>
      {asTable ? (
        <FigureTable title={title} table={table()} />
      ) : (
        <>
          <div className="chart-body" ref={body}>
            {children}
          </div>
          <ul className="legend">
            {legend.map(({ name, color }) => (
              <li key={name}>
                <span className="legend-swatch" style={{ background: color }} />
                {name}
              </li>
            ))}
          </ul>
        </>
      )}
    </figure>
  );
}

function FigureTable({ title, table }: { readonly title: string; readonly table: ChartTable }) {
  return (
    <div className="chart-table">
      <table className="schemes">
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            {table.columns.map((column, index) => (
              <th key={column} scope="col" className={index === 0 ? "" : "number"}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((cells) => (
            <tr key={cells.join("|")}>
              {cells.map((cell, index) =>
                index === 0 ? (
                  <th key={table.columns[index]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={table.columns[index]} className="number">
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
