const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

/**
 * Cuts the objects of a JSON array, or of JSON lines, out of a text that comes in chunks. Brackets, commas and line
 * breaks between objects are of no account, so arrays without end, with a comma too many, or split over lines
 * all read alike. State is kept between chunks: one pass, memory of one object.
 */
export class ObjectScanner {
  readonly #onObject: (json: string) => void;
  #held = "";
  #depth = 0;
  #inString = false;
  #escaped = false;

  constructor(onObject: (json: string) => void) {
    this.#onObject = onObject;
  }

  push(chunk: string): void {
    // Where the current object begins in this chunk; 0 when it began in an earlier one.
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk.charCodeAt(i);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === BACKSLASH) this.#escaped = true;
        else if (code === QUOTE) this.#inString = false;
      } else if (code === OPEN) {
        if (this.#depth === 0) start = i;
        this.#depth++;
      } else if (this.#depth > 0) {
        if (code === QUOTE) this.#inString = true;
        else if (code === CLOSE) {
          this.#depth--;
          if (this.#depth === 0) {
            this.#onObject(this.#held + chunk.slice(start, i + 1));
            this.#held = "";
          }
        }
      }
    }
    if (this.#depth > 0) this.#held += chunk.slice(start);
  }

  /** True where the text broke off inside an object. */
  end(): boolean {
    return this.#depth > 0;
  }
}
