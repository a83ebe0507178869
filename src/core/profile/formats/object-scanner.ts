const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const COMMA = 44;
const RETURN = 13;

/** Longer objects are no events: without a limit, a brace that is never closed would hold the rest of the file. */
const LONGEST_OBJECT = 16 * 1024 * 1024;

/** End of what stands in [from, to) without the comma and the carriage return at its end. */
function endOfObject(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text.charCodeAt(end - 1) === COMMA || text.charCodeAt(end - 1) === RETURN)) end--;
  return end;
}

/**
 * Cuts the objects of a JSON array, or of JSON lines, out of a text that comes in chunks. Brackets, commas and line
 * breaks between objects are of no account, so arrays without end, with a comma too many, or split over lines
 * all read alike. State is kept between chunks: one pass, memory of one object. An object beyond 16 Mi characters
 * ends the scan: what follows it cannot be told from what is inside it.
 */
export class ObjectScanner {
  readonly #onObject: (json: string) => void;
  readonly #takesLine: (line: string) => boolean;
  #held: string[] = [];
  #heldLength = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #gaveUp = false;

  /**
   * `takesLine` is offered the rest of the line on which an object begins, without comma and line break, and may
   * take it as the whole object: writers that put one object on each line are then read without a look at every character.
   */
  constructor(onObject: (json: string) => void, takesLine: (line: string) => boolean = () => false) {
    this.#onObject = onObject;
    this.#takesLine = takesLine;
  }

  push(chunk: string): void {
    if (this.#gaveUp) return;
    // Locals instead of fields: this loop sees every character of files of hundreds of megabytes.
    let depth = this.#depth;
    let inString = this.#inString;
    let escaped = this.#escaped;
    // Where the current object begins in this chunk; 0 when it began in an earlier one.
    let start = 0;
    // Position of the first line break behind the last object that began on a line.
    let lineEnd = -1;
    const { length } = chunk;
    for (let i = 0; i < length; i++) {
      const code = chunk.charCodeAt(i);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) inString = false;
      } else if (code === OPEN) {
        if (depth === 0) {
          if (i > lineEnd) {
            const found = chunk.indexOf("\n", i);
            lineEnd = found < 0 ? length : found;
            if (found >= 0 && this.#takesLine(chunk.slice(i, endOfObject(chunk, i, found)))) {
              i = found;
              continue;
            }
          }
          start = i;
        }
        depth++;
      } else if (depth > 0) {
        if (code === QUOTE) inString = true;
        else if (code === CLOSE && --depth === 0) this.#emit(chunk.slice(start, i + 1));
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = escaped;
    if (depth > 0) this.#hold(chunk.slice(start));
  }

  #emit(tail: string): void {
    const json = this.#held.length === 0 ? tail : this.#held.join("") + tail;
    this.#held = [];
    this.#heldLength = 0;
    this.#onObject(json);
  }

  #hold(part: string): void {
    this.#held.push(part);
    this.#heldLength += part.length;
    if (this.#heldLength <= LONGEST_OBJECT) return;
    this.#gaveUp = true;
    this.#held = [];
  }

  /** True where the text broke off inside an object. */
  end(): boolean {
    return this.#depth > 0;
  }
}
