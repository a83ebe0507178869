import { originOf } from "./blob-parts.ts";

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
  bytes = 0;

  add(bytes: Uint8Array): void {
    // Of memory that is not shared, as Blobs want it.
    this.#parts.push(originOf(bytes) ?? (bytes as Uint8Array<ArrayBuffer>));
    this.bytes += bytes.length;
  }

  take(type = ""): Blob {
    const blob = new Blob(this.#parts, { type });
    this.#parts = [];
    this.bytes = 0;
    return blob;
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
