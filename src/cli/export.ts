import { basename } from "node:path";
import type { ExportSubject } from "../core/export/export-subject.ts";
import type { Exporter, FolderExporter } from "../core/export/exporter.ts";
import { MODEL_EXPORTERS } from "../core/export/exporters.ts";
import type { FileDigest } from "../core/onnx/segments/manifest.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { ok, type Result } from "../core/result.ts";
import { formatMemory } from "../core/units.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { checkNewFolder, type WrittenFolder, writeExportFolder } from "./export-folder.ts";
import { checkNewFile, writeExportZip } from "./export-zip.ts";
import { withModelFiles } from "./model-files.ts";
import { checkWritable, filesRead, writeText } from "./output-file.ts";
import { openPlanned } from "./plan-file.ts";
import { plannedSubject } from "./planned-subject.ts";
import { aligned } from "./text.ts";

type ExportCommand = Extract<Command, { kind: "export" }>;

/** `splitscope export`: writes a plan as files that other programs read or run. */
export async function runExport(command: ExportCommand): Promise<Result<Output>> {
  const exporter = MODEL_EXPORTERS.find(({ id }) => id === command.format);
  if (exporter === undefined) throw new Error(`no exporter ${command.format}`);
  const read = [command.model, command.plan];
  const free =
    exporter.kind === "file"
      ? checkWritable(command.out, read)
      : (isZip(command.out) ? checkNewFile : checkNewFolder)(command.out);
  if (!free.ok) return free;
  const planned = await openPlanned(command.model, command.plan, command);
  if (!planned.ok) return planned;
  const subject = plannedSubject(planned.value);
  if (!subject.ok) return subject;
  const { notes } = planned.value;
  if (exporter.kind === "file") {
    const text = exporter.write(subject.value);
    const written = writeText(command.out, text, [...read, ...filesRead(command, subject.value.model)]);
    if (!written.ok) return written;
    const files = [{ path: basename(command.out), bytes: Buffer.byteLength(text) }];
    return ok(exportOutput(command.out, exporter, subject.value, { files, notes }));
  }
  const written = await writeFolder(exporter, subject.value, command);
  if (!written.ok) return written;
  const { digests, texts } = written.value;
  const files = [...digests].map(([path, digest]) => ({ path, ...digest }));
  const manifest = texts.get("manifest.json");
  const document = manifest === undefined ? {} : { manifest: JSON.parse(manifest) };
  return ok(exportOutput(command.out, exporter, subject.value, { ...document, files, notes }));
}

function writeFolder(
  exporter: FolderExporter,
  subject: ExportSubject,
  { model: path, out, weights }: Pick<ExportCommand, "model" | "out" | "weights">,
): Promise<Result<WrittenFolder>> {
  return withModelFiles(path, async ({ model, source, others }) => {
    const segments = segmentModels(model, subject.model.graph, subject.plan, subject.encoding);
    if (!segments.ok) return segments;
    const files = exporter.files(subject, { model, source, others, segments: segments.value, weights });
    if (!files.ok) return files;
    return isZip(out) ? writeExportZip(out, files.value, Date.now()) : writeExportFolder(out, files.value);
  });
}

/** Several files are a ZIP where the path says so, else a folder. */
const isZip = (path: string): boolean => path.toLowerCase().endsWith(".zip");

interface Written {
  readonly files: readonly ({ readonly path: string; readonly bytes: number } & Partial<FileDigest>)[];
  readonly notes: readonly string[];
}

function exportOutput(out: string, exporter: Exporter, subject: ExportSubject, written: Written): Output {
  const limits = exporter.limits(subject);
  const howToRun = exporter.howToRun(subject);
  return {
    json: { out, format: exporter.id, ...written, limits, howToRun },
    text: () =>
      [
        `${exporter.label}: ${out}\n`,
        aligned(written.files.map(({ path, bytes }) => [path, formatMemory(bytes)])),
        [...limits.map((one) => `not expressed  ${one}\n`), ...written.notes.map((note) => `note  ${note}\n`)].join(""),
        howToRun,
      ]
        .filter((part) => part !== "")
        .join("\n"),
  };
}
