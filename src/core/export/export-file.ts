import type { Model } from "../onnx/model.ts";
import type { WeightPlace } from "../onnx/segments/external-layout.ts";
import type { FileDigest } from "../onnx/segments/manifest.ts";
import type { Segment } from "../onnx/segments/segment-models.ts";
import type { SegmentFile } from "../onnx/segments/write-segment.ts";
import type { ByteSource } from "../onnx/source.ts";

/**
 * What a file of an export holds: text (UTF-8), bytes that are read once, or text about the files that stand before it
 * in the list, made of their digests by path (the app and the command line hash while they write).
 */
export type FileContent = string | SegmentFile | ((digests: ReadonlyMap<string, FileDigest>) => string);

/** One file of an export of several: a ZIP in the app, a folder on the command line. */
export interface ExportFile {
  /** Relative, parts apart by "/", none of them empty, "." or ".."; no two files have the same. */
  readonly path: string;
  readonly content: FileContent;
}

/** What exports that hold ONNX models are written from, besides the plan: the model's files and its segments. */
export interface ModelSources {
  readonly model: Model;
  /** The model's own file. */
  readonly source: ByteSource;
  /** The files of external data that came with it. */
  readonly others: readonly ByteSource[];
  /** One for each stage that holds ops. */
  readonly segments: readonly Segment[];
  /** Where the weights of written models lie; default: in the models themselves, as far as they fit. */
  readonly weights?: WeightPlace;
}
