import { MANIFEST_NAME, segmentManifest } from "../core/onnx/segments/manifest.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { ok, type Result } from "../core/result.ts";
import { formatMemory } from "../core/units.ts";
import type { Command } from "./arguments.ts";
import type { Output } from "./command.ts";
import { withModelFiles } from "./model-files.ts";
import { openPlanned } from "./plan-file.ts";
import { checkNewFolder, writeSegmentFolder } from "./segment-folder.ts";
import { aligned } from "./text.ts";

/** `splitscope export`: writes a plan as files that other programs run. */
export async function runExport(command: Extract<Command, { kind: "export" }>): Promise<Result<Output>> {
  const free = checkNewFolder(command.out);
  if (!free.ok) return free;
  const planned = await openPlanned(command.model, command.plan, command.dims);
  if (!planned.ok) return planned;
  const { model: opened, sha256, plan, planDocument, notes } = planned.value;
  const { graph, bindings } = opened;
  const devices = planDocument.stages.map(({ device }) => device);
  return withModelFiles(command.model, async (files) => {
    const { model } = files;
    const segments = segmentModels(model, graph, plan);
    if (!segments.ok) return segments;
    const written = writeSegmentFolder(command.out, files, segments.value, {
      name: MANIFEST_NAME,
      describe: (digests) =>
        segmentManifest({ model, sha256, bindings, graph, plan, devices, segments: segments.value, files: digests }),
    });
    if (!written.ok) return written;
    const manifest = written.value;
    const rows = manifest.stages.map(({ stage, device, inputs, outputs, ...file }) => [
      String(stage),
      device,
      file.file ?? "passes the input on",
      "bytes" in file ? formatMemory(file.bytes) : "",
      file.file === null ? "" : `${inputs.length} in, ${outputs.length} out`,
    ]);
    return ok({
      json: { out: command.out, manifest, notes },
      text: () =>
        [
          aligned([["stage", "device", "file", "size", "tensors"], ...rows]),
          ...notes.map((note) => `note  ${note}\n`),
          `${command.out}/${MANIFEST_NAME} says what each stage reads, makes and passes on\n`,
        ].join("\n"),
    });
  });
}
