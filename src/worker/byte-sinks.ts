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

/** A Blob made of Blobs, so that this worker never holds more than a part of it. */
export class BlobSink implements ByteSink {
  #parts: Blob[] = [];
  #pending: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  async write(bytes: Uint8Array): Promise<void> {
    // Of memory that is not shared, as Blobs want it.
    this.#pending.push(bytes as Uint8Array<ArrayBuffer>);
    this.#bytes += bytes.length;
    if (this.#bytes >= PART) this.#flush();
  }

  async close(): Promise<Blob> {
    this.#flush();
    return new Blob(this.#parts, { type: "application/zip" });
  }

  async abort(): Promise<void> {
    this.#parts = [];
    this.#pending = [];
  }

  #flush(): void {
    if (this.#bytes === 0) return;
    this.#parts.push(new Blob(this.#pending));
    this.#pending = [];
    this.#bytes = 0;
  }
}

/** A file that the browser replaces when the stream is closed, and leaves as it was otherwise. */
export class FileSink implements ByteSink {
  readonly #stream: FileSystemWritableFileStream;

  constructor(stream: FileSystemWritableFileStream) {
    this.#stream = stream;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes as Uint8Array<ArrayBuffer>);
  }

  async close(): Promise<null> {
    await this.#stream.close();
    return null;
  }

  async abort(): Promise<void> {
    await this.#stream.abort();
  }
}
