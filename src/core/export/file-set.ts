import { externalPath, externalSource } from "../onnx/external.ts";
import type { Segment } from "../onnx/segments/segment-models.ts";
import { writeSegment } from "../onnx/segments/write-segment.ts";
import type { ByteSource } from "../onnx/source.ts";
import { err, ok, type Result } from "../result.ts";
import type { ExportFile, FileContent, ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { Exporter } from "./exporter.ts";

/** Bytes read at a time. */
const WINDOW = 1024 * 1024;

function* windows(source: ByteSource): Generator<Uint8Array, void> {
  for (let offset = 0; offset < source.size; offset += WINDOW) {
    yield source.read(offset, Math.min(WINDOW, source.size - offset));
  }
}

/** Files of one export, gathered in order; the first fault, such as two files of one path, is what `result` gives. */
export class FileSet {
  readonly #origins = new Map<string, unknown>();
  readonly #files: ExportFile[] = [];
  #fault: string | null = null;

  /** Adds a file once for each `origin`: the same one may be asked for twice. */
  add(path: string, content: FileContent, origin: unknown = content): void {
    if (this.#origins.has(path)) {
      if (this.#origins.get(path) !== origin) this.#fail(`Two files of the export would be called "${path}".`);
      return;
    }
    this.#origins.set(path, origin);
    this.#files.push({ path, content });
  }

  /**
   * Adds a segment under `folder` ("" or ending in "/") as `name`, and the files of external data that it refers to,
   * at their places relative to it. Messages of the segment are shared, its weights are read when the file is written.
   */
  segment(segment: Segment, folder: string, name: string, sources: ModelSources): void {
    this.add(`${folder}${name}`, writeSegment(segment, sources.source), segment);
    for (const location of segment.externalFiles) {
      const path = externalPath(sources.model.fileName, location);
      const source = externalSource(sources.model, location, sources.others);
      if (!path.ok) this.#fail(path.error);
      else if (!source.ok) this.#fail(source.error);
      else this.add(`${folder}${path.value}`, bytesOf(source.value), source.value);
    }
  }

  result(): Result<readonly ExportFile[]> {
    return this.#fault === null ? ok(this.#files) : err(this.#fault);
  }

  #fail(sentence: string): void {
    this.#fault ??= sentence;
  }
}

/** All bytes of a file, read when they are written. */
const bytesOf = (source: ByteSource) => ({ byteLength: source.size, chunks: windows(source) });

/** The text that goes with files of a target: what they are, how to run them, what of the plan they leave out. */
export function readme(
  { label, howToRun, limits }: Pick<Exporter, "label" | "howToRun" | "limits">,
  subject: ExportSubject,
): string {
  const left = limits(subject);
  const lost =
    left.length === 0 ? "" : `\n## What of the plan is not expressed\n\n${left.map((one) => `- ${one}\n`).join("")}`;
  return `# ${label}: ${subject.model.fileName}\n\n## How to run it\n\n${howToRun(subject).trimEnd()}\n${lost}`;
}
