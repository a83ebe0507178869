/** Tables in text as spreadsheets and C++ programs write them. */

/** A line's cells; quotes around a cell are taken off, doubled ones inside it are one. O(length). */
export function cellsOf(line: string, delimiter: string): readonly string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  // Whether the cell is white space so far: asked of the cell itself it would take the square of its length.
  let isBlank = true;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (isQuoted && char === '"' && line[i + 1] === '"') {
      cell += '"';
      isBlank = false;
      i++;
    } else if (char === '"' && (isQuoted || isBlank)) {
      isQuoted = !isQuoted;
    } else if (char === delimiter && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
      isBlank = true;
    } else {
      cell += char;
      isBlank &&= char?.trim() === "";
    }
  }
  cells.push(cell.trim());
  return cells;
}

/** Lines of a text, whatever system wrote their ends. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

const DELIMITERS = [";", "\t", ","] as const;

/** The delimiter that cuts a header line into the most cells, ";" and tab before ",". */
export function delimiterOf(header: string): string {
  let best: string = ",";
  for (const delimiter of DELIMITERS) {
    if (header.split(delimiter).length > header.split(best).length || (best === "," && header.includes(delimiter))) {
      best = delimiter;
    }
  }
  return best;
}

/**
 * A cell as a number, null where it is none (empty, nan, inf). A comma is the decimal separator ("0,615"); of comma
 * and point the later one is ("1.234,5", "1,234.5").
 */
export function cellNumber(cell: string): number | null {
  const bare = cell.trim().replaceAll(/[\s\u00a0]/g, "");
  if (!/^[+-]?[\d.,]+(?:[eE][+-]?\d+)?$/.test(bare)) return null;
  const comma = bare.lastIndexOf(",");
  const point = bare.lastIndexOf(".");
  const text = comma > point ? bare.replaceAll(".", "").replace(",", ".") : bare.replaceAll(",", "");
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : null;
}

/** Headers and column names in lower case, letters, digits and units only: "realTime (ms)" -> "realtime(ms)". */
export function columnName(cell: string): string {
  return cell.toLowerCase().replaceAll(/[\s_"[\]]/g, "");
}

/** Takes chunks of text and gives whole lines. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    // A file without line breaks is no table: what is kept of it is bounded.
    if (this.#rest.length > 1 << 20) this.#rest = this.#rest.slice(0, 1 << 20);
  }

  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
