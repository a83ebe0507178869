import { wholeExternalSource } from "../onnx/external.ts";
import { externalPath } from "../onnx/external-path.ts";
import { LARGEST_MESSAGE, weightsApart, writeSegmentData } from "../onnx/segments/external-layout.ts";
import type { Segment } from "../onnx/segments/segment-models.ts";
import { type SegmentFile, writeSegment } from "../onnx/segments/write-segment.ts";
import { type ByteSource, chunksOf } from "../onnx/source.ts";
import { err, ok, type Result } from "../result.ts";
import { formatMemory } from "../units.ts";
import type { ExportFile, FileContent, ModelSources } from "./export-file.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { Exporter } from "./exporter.ts";

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
   * at their places relative to it. Where its weights are to lie apart, or do not fit into one message, they are in
   * `name` + ".data". Messages of the segment are shared, its weights are read when the file is written. Gives the paths
   * of the other files that its weights lie in, relative to it.
   */
  segment(segment: Segment, folder: string, name: string, sources: ModelSources): readonly string[] {
    const { model, source, others, weights = "inline" } = sources;
    const inline = writeSegment(segment, source);
    if (weights === "inline" && inline.byteLength <= LARGEST_MESSAGE) {
      return this.#model(segment, inline, folder, name, sources);
    }
    const apart = weightsApart(segment, model, `${name}.data`);
    const file = writeSegment(apart.segment, source);
    if (file.byteLength > LARGEST_MESSAGE) {
      this.#fail(
        `"${name}" would have ${formatMemory(file.byteLength)} without its initializers; an ONNX file has less than 2 GiB.`,
      );
    }
    const beside = this.#model(apart.segment, file, folder, name, sources, segment);
    if (apart.data.placed.length === 0) return beside;
    const data = writeSegmentData(apart.data, model, source, others);
    if (data.ok) this.add(`${folder}${apart.data.fileName}`, data.value, segment);
    else this.#fail(data.error);
    return [...beside, apart.data.fileName];
  }

  #model(
    segment: Segment,
    file: SegmentFile,
    folder: string,
    name: string,
    { model, others }: ModelSources,
    origin: Segment = segment,
  ): readonly string[] {
    const beside: string[] = [];
    this.add(`${folder}${name}`, file, origin);
    for (const location of segment.externalFiles) {
      const path = externalPath(model.fileName, location);
      const source = wholeExternalSource(model, location, others);
      if (!path.ok) this.#fail(path.error);
      else if (!source.ok) this.#fail(source.error);
      else {
        this.add(`${folder}${path.value}`, bytesOf(source.value), source.value);
        beside.push(path.value);
      }
    }
    return beside;
  }

  result(): Result<readonly ExportFile[]> {
    return this.#fault === null ? ok(this.#files) : err(this.#fault);
  }

  #fail(sentence: string): void {
    this.#fault ??= sentence;
  }
}

/** All bytes of a file, read when they are written. */
const bytesOf = (source: ByteSource) => ({ byteLength: source.size, chunks: chunksOf(source) });

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
