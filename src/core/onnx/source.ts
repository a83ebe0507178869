/**
 * Bytes that can be read piecewise and in step: a Blob in a worker, a file descriptor in Node, an array in tests.
 * Offsets are bytes from the start.
 */
export interface ByteSource {
  /** File name, for messages. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset`; the caller stays within `size`. The result may be a view. */
  read(offset: number, length: number): Uint8Array;
  /**
   * The same bytes in chunks, where the platform has a way to read much that takes less memory than `read`. One at a
   * time; `chunksOf` uses it.
   */
  readonly stream?: (offset: number, length: number) => Chunks;
}

/** Bytes in order, each chunk valid until the next is asked for. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Bytes that are read at a time where much is copied. */
const CHUNK = 1024 * 1024;

function* readChunks(source: ByteSource, offset: number, length: number): Generator<Uint8Array, void> {
  const end = offset + length;
  for (let at = offset; at < end; at += CHUNK) yield source.read(at, Math.min(CHUNK, end - at));
}

/** `length` bytes from `offset`, which lie within the source, in chunks of at most 1 MiB. O(bytes). */
export function chunksOf(source: ByteSource, offset = 0, length: number = source.size - offset): Chunks {
  return source.stream?.(offset, length) ?? readChunks(source, offset, length);
}

/** A source over bytes that are in memory already; `read` returns views, nothing is copied. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

const SMALL_WINDOW = 4 * 1024;
const LARGE_WINDOW = 256 * 1024;

/**
 * Reads a source byte by byte through one buffered window. The window is small after a jump and grows to 256 KiB
 * while reading runs on, so that a walk over the structure of a large file leaves its payloads unread.
 */
export class WindowReader {
  readonly #source: ByteSource;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = SMALL_WINDOW;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The byte at `offset`, which lies within the source. Amortised O(1). */
  byte(offset: number): number {
    let value = this.#window[offset - this.#start];
    if (value === undefined) {
      this.#load(offset);
      value = this.#window[offset - this.#start];
      if (value === undefined) throw new RangeError(`offset ${offset} outside ${this.#source.name}`);
    }
    return value;
  }

  /** `length` bytes from `offset`, all within the source; a view that the next call may invalidate. */
  slice(offset: number, length: number): Uint8Array {
    const from = offset - this.#start;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    if (length > LARGE_WINDOW) return this.#source.read(offset, length);
    this.#load(offset, length);
    return this.#window.subarray(0, length);
  }

  #load(offset: number, atLeast = 1): void {
    const runsOn = offset >= this.#start && offset <= this.#start + this.#window.length;
    this.#length = runsOn ? Math.min(this.#length * 2, LARGE_WINDOW) : SMALL_WINDOW;
    const length = Math.min(Math.max(this.#length, atLeast), this.#source.size - offset);
    this.#window = this.#source.read(offset, length);
    this.#start = offset;
  }
}
