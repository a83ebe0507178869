import { at } from "../../core/columns.ts";
import { type FilePart, partBytes } from "../../core/onnx/sparse-source.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { formatMemory } from "../../core/units.ts";
import type { ModelFile, SegmentsJob } from "../../worker/protocol.ts";
import type { AppState, ModelSource } from "../state.ts";

/** A model's files as they are kept beside its project. */
export interface KeptFiles {
  readonly files: readonly ModelFile[];
}

/** Files of a model up to this size together are kept in the browser, in bytes. */
const MOST_KEPT_BYTES = 512 * 1024 * 1024;

/**
 * The files to keep beside a project: the model and then its data files, as far as they fit together; of a larger model
 * the part that the network is opened from. What is not kept is asked for when weights are needed.
 */
export function filesToKeep(source: ModelSource, outline: AppState["outline"], room = MOST_KEPT_BYTES): KeptFiles {
  if (source.kind === "sample") return { files: [] };
  const [model] = source.files;
  if (model !== undefined && model.part === undefined && model.blob.size > room && outline !== null) {
    const part = { size: model.blob.size, ranges: outline };
    const bytes = partBytes(part);
    return bytes === null || bytes > room
      ? { files: [] }
      : { files: [{ name: model.name, blob: packed(model.blob, outline), part }] };
  }
  let left = room;
  const files = source.files.filter(({ blob }) => {
    left -= blob.size;
    return left >= 0;
  });
  return { files: files[0] === source.files[0] ? files : [] };
}

function packed(blob: Blob, ranges: Float64Array): Blob {
  const parts: Blob[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    parts.push(blob.slice(at(ranges, i), at(ranges, i) + at(ranges, i + 1)));
  }
  return new Blob(parts);
}

const field = (value: object, name: string): unknown => Reflect.get(value, name);

function isPart(value: unknown, blob: Blob): value is FilePart {
  if (typeof value !== "object" || value === null) return false;
  const size = field(value, "size");
  const ranges = field(value, "ranges");
  return typeof size === "number" && ranges instanceof Float64Array && partBytes({ size, ranges }) === blob.size;
}

function isKeptFile(value: unknown): value is ModelFile {
  if (typeof value !== "object" || value === null) return false;
  const blob = field(value, "blob");
  const part = field(value, "part");
  if (typeof field(value, "name") !== "string" || !(blob instanceof Blob)) return false;
  return part === undefined || isPart(part, blob);
}

/** Files out of what was kept; none where any of them is not as it was written, so that the model is asked for. */
export function readFiles(value: unknown): KeptFiles {
  const files = typeof value === "object" && value !== null ? field(value, "files") : [];
  return { files: Array.isArray(files) && files.every(isKeptFile) ? files : [] };
}

/** The model as workers take it that need its weights; a sentence where they are not in this browser. */
export function withWeights(source: ModelSource): Result<SegmentsJob["model"]> {
  if (source.kind === "sample") return ok({ sample: source.id, baseUrl: document.baseURI });
  const [model] = source.files;
  if (model?.part === undefined) return ok({ files: source.files });
  return err(
    `This needs the weights of "${model.name}". The file has ${formatMemory(model.part.size)}, more than is kept in the browser: open it again.`,
  );
}
