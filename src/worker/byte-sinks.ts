import { type Origin, originOf } from "./streamed-source.ts";

/** Where the bytes of a file go. */
interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Completes the file; a Blob where it is not on the disk. */
  close(): Promise<Blob | null>;
  /** Leaves nothing. */
  abort(): Promise<void>;
}

/** Bytes that are gathered before they leave for the browser's store of Blobs, which may be on the disk. */
const PART = 16 * 1024 * 1024;

/**
 * Bytes as parts of a Blob. What was read from another Blob goes in as the part of it, which the browser copies by itself
 * when it is its turn, or never.
 */
class Parts {
  #parts: BlobPart[] = [];
  /** The part of another Blob that has been added last and may go on. */
  #open: (Origin & { readonly end: number }) | null = null;
  bytes = 0;

  add(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    const origin = originOf(bytes);
    if (origin === undefined) {
      this.#close();
      this.#parts.push(bytes.slice());
      return;
    }
    const end = origin.offset + bytes.length;
    const goesOn = this.#open?.blob === origin.blob && this.#open.end === origin.offset;
    if (!goesOn) this.#close();
    this.#open = { ...(this.#open ?? origin), end };
  }

  take(type = ""): Blob {
    this.#close();
    const blob = new Blob(this.#parts, { type });
    this.#parts = [];
    this.bytes = 0;
    return blob;
  }

  #close(): void {
    if (this.#open === null) return;
    const { blob, offset, end } = this.#open;
    this.#parts.push(blob.slice(offset, end));
    this.#open = null;
  }
}

/** A Blob made of Blobs, so that this worker never holds more than a part of it. */
export class BlobSink implements ByteSink {
  readonly #pending = new Parts();
  #blobs: Blob[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.add(bytes);
    if (this.#pending.bytes >= PART) this.#blobs.push(this.#pending.take());
  }

  async close(): Promise<Blob> {
    return new Blob([...this.#blobs, this.#pending.take()], { type: "application/zip" });
  }

  async abort(): Promise<void> {
    this.#blobs = [];
    this.#pending.take();
  }
}

/** A file that the browser replaces when the stream is closed, and leaves as it was otherwise. */
export class FileSink implements ByteSink {
  readonly #stream: FileSystemWritableFileStream;
  readonly #pending = new Parts();
  /** One part is written while the next is gathered. */
  #writing: Promise<void> = Promise.resolve();

  constructor(stream: FileSystemWritableFileStream) {
    this.#stream = stream;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.add(bytes);
    if (this.#pending.bytes >= PART) await this.#flush();
  }

  async close(): Promise<null> {
    await this.#flush();
    await this.#writing;
    await this.#stream.close();
    return null;
  }

  async abort(): Promise<void> {
    this.#pending.take();
    await this.#stream.abort();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = this.#stream.write(this.#pending.take());
    // A fault is told where the promise is awaited next.
    this.#writing.catch(() => {});
  }
}
