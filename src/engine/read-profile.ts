import { decodeModel } from "../core/onnx/decode.ts";
import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import { type JoinedFile, joinCompanions, type ReadFile } from "../core/profile/companions.ts";
import { openProfile } from "../core/profile/formats/formats.ts";
import { optimisedNodes } from "../core/profile/optimised-model.ts";
import { err, ok } from "../core/result.ts";

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Share of all bytes that has been read, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** What is used of a Blob, so that bytes may come from elsewhere. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface NamedBlob {
  readonly name: string;
  readonly blob: BlobLike;
  /** The same bytes, to be read piece by piece where the file is a model; without it a model is held whole. */
  readonly source?: ByteSource;
}

const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** Field 1 of an ONNX file, the version of its format. No text begins with this byte. */
const ONNX = [0x08];
const UTF16_LE = [0xff, 0xfe];
const UTF16_BE = [0xfe, 0xff];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((value, i) => bytes[i] === value);
}

/** Windows shells redirect output as UTF-16; everything else is read as UTF-8. */
function encodingOf(head: Uint8Array): string {
  if (startsWith(head, UTF16_LE)) return "utf-16le";
  return startsWith(head, UTF16_BE) ? "utf-16be" : "utf-8";
}

/** What a model tells of the profile that it came with: its nodes. */
async function readModel({ name, blob, source }: NamedBlob): Promise<ReadFile> {
  const bytes = source ?? bytesSource(name, new Uint8Array(await blob.slice(0, blob.size).arrayBuffer()));
  const model = decodeModel(bytes);
  return {
    fileName: name,
    format: { id: "onnx", label: "an ONNX model" },
    reading: model.ok ? ok({ kind: "optimised", nodes: optimisedNodes(model.value) }) : model,
  };
}

/** One file through its reader, chunk by chunk; `onBytes` counts bytes as they lie in the file. */
async function readOne(file: NamedBlob, onBytes: (count: number) => void, signal?: AbortSignal): Promise<ReadFile> {
  const { name, blob } = file;
  const failed = (sentence: string): ReadFile => ({ fileName: name, format: null, reading: err(sentence) });
  const magic = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  if (startsWith(magic, ZIP)) {
    return failed(`${name} is a ZIP archive (or a PyTorch file); expected the profile itself, as text or gzipped.`);
  }
  if (startsWith(magic, ONNX)) {
    onBytes(blob.size);
    return await readModel(file);
  }
  const counted = blob.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        onBytes(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  const isGzip = startsWith(magic, GZIP);
  const stream = isGzip ? counted.pipeThrough(new DecompressionStream("gzip")) : counted;
  const reader = stream.getReader();
  const profile = openProfile(name);
  let decoder: TextDecoder | null = null;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      decoder ??= new TextDecoder(encodingOf(value));
      profile.push(decoder.decode(value, { stream: true }));
    }
  } catch (reason) {
    await reader.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    const cause = reason instanceof Error ? reason.message : String(reason);
    return failed(
      isGzip
        ? `${name} is a gzip file that is damaged or cut; expected a whole one.`
        : `${name} could not be read (${cause}).`,
    );
  }
  if (decoder !== null) profile.push(decoder.decode());
  const reading = profile.end();
  const { format } = profile;
  return { fileName: name, format: format === null ? null : { id: format.id, label: format.label }, reading };
}

/**
 * Reads any number of files that were dropped together: each is recognised by its content, gzip is undone, companions
 * are joined to their profiles. One file after another, in their order, streamed: memory does not grow with
 * their size where the format allows (ONNX Runtime traces). A file that cannot be read has its sentence and does not
 * keep the others from being read; a model gives the nodes that its trace timed. Rejects only when aborted. Runs in a worker, a page and Node.
 */
export async function readProfileBlobs(
  files: readonly NamedBlob[],
  options: ReadOptions = {},
): Promise<readonly JoinedFile[]> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  let seen = 0;
  const onBytes = (count: number) => {
    seen += count;
    options.onProgress?.(total > 0 ? seen / total : 1);
  };
  const read: ReadFile[] = [];
  for (const file of files) read.push(await readOne(file, onBytes, options.signal));
  return joinCompanions(read);
}
