import { type ByteSource, WindowReader } from "./source.ts";

/** Wire types of the protobuf encoding (protobuf.dev/programming-guides/encoding); groups do not occur in ONNX. */
const VARINT = 0;
const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** One field of a message, by its place in the file: [start, body) holds tag and length, [body, end) the value. */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
  /** Value of a varint (a float, exact to 2^53), else 0. */
  readonly value: number;
}

export interface WireFailure {
  /** "overrun": the field needs bytes up to `end`, past its parent's limit. */
  readonly kind: "overrun" | "tag" | "varint";
  readonly offset: number;
  readonly end: number;
  /** Field number, 0 where the tag itself could not be read. */
  readonly field: number;
}

const LONGEST_VARINT = 10;

/**
 * Reads fields of nested protobuf messages at given places. A malformed field ends the reading: it is kept in
 * `failure`, and every later call returns null, so that loops over fields end by themselves.
 */
export class WireReader {
  failure: WireFailure | null = null;
  readonly window: WindowReader;
  #cursor = 0;

  constructor(source: ByteSource) {
    this.window = new WindowReader(source);
  }

  /** The field at `start` of a message that ends at `limit`; null at the limit or after a failure. Amortised O(1). */
  field(start: number, limit: number): Field | null {
    if (this.failure !== null || start >= limit) return null;
    this.#cursor = start;
    const tag = this.#varint(start, limit, 0);
    if (tag === null) return null;
    const wireType = tag % 8;
    const number = (tag - wireType) / 8;
    if (number < 1 || number > 0x1fffffff) return this.#fail("tag", start, start, 0);
    let value = 0;
    let length = 0;
    switch (wireType) {
      case VARINT: {
        const read = this.#varint(start, limit, number);
        if (read === null) return null;
        value = read;
        break;
      }
      case FIXED64:
        length = 8;
        break;
      case FIXED32:
        length = 4;
        break;
      case LENGTH_DELIMITED: {
        const read = this.#varint(start, limit, number);
        if (read === null) return null;
        length = read;
        break;
      }
      default:
        return this.#fail("tag", start, start, number);
    }
    const body = this.#cursor;
    const end = body + length;
    if (end > limit) return this.#fail("overrun", start, end, number);
    return { number, wireType, start, body, end, value };
  }

  #varint(start: number, limit: number, field: number): number | null {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < LONGEST_VARINT; i += 1) {
      if (this.#cursor >= limit) return this.#fail("overrun", start, this.#cursor + 1, field);
      const byte = this.window.byte(this.#cursor);
      this.#cursor += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return this.#fail("varint", start, this.#cursor, field);
  }

  #fail(kind: WireFailure["kind"], offset: number, end: number, field: number): null {
    this.failure ??= { kind, offset, end, field };
    return null;
  }
}

/** A growing protobuf message whose nested lengths are written after their content is known. */
export class WireSink {
  #bytes: Uint8Array;
  length = 0;

  /** `capacity`: bytes to make room for at first. */
  constructor(capacity = 64 * 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** O(chunk), amortised. */
  append(chunk: Uint8Array): void {
    this.#grow(chunk.length);
    this.#bytes.set(chunk, this.length);
    this.length += chunk.length;
  }

  varint(value: number): void {
    this.#grow(LONGEST_VARINT);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  /** Opens a length-delimited field; the mark goes to `close`. The length takes five bytes, whatever its value. */
  open(field: number): number {
    this.varint(field * 8 + LENGTH_DELIMITED);
    this.#grow(5);
    this.length += 5;
    return this.length;
  }

  close(mark: number): void {
    let rest = this.length - mark;
    for (let i = 5; i > 1; i -= 1) {
      this.#bytes[mark - i] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[mark - 1] = rest;
  }

  /** What was written, a view. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #grow(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + more));
    larger.set(this.bytes());
    this.#bytes = larger;
  }
}
