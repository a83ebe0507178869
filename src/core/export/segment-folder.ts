import { item } from "../columns.ts";
import { MANIFEST_NAME, segmentManifest } from "../onnx/segments/manifest.ts";
import { type FolderExporter, relayLimits } from "./exporter.ts";
import { FileSet } from "./file-set.ts";
import { RUNNER, RUNNER_NAME } from "./segments-runner.ts";

/** Segments, the external data that they refer to, a runner, and a manifest with the digests of the models. */
export const segmentFolder: FolderExporter = {
  kind: "folder",
  holdsModels: true,
  id: "segments",
  label: "Segments (ONNX)",
  detail: "One ONNX model for each stage, manifest and runner",
  suffix: ".segments",
  howToRun: ({ rig, plan }) => {
    const last = plan.stages.length - 1;
    const at = (stage: number) => `${item(rig.devices, item(plan.stages, stage)).id}`;
    const stages = plan.stages.map((_, stage) => {
      const next = stage === last ? "CLIENT:7100" : `${at(stage + 1)}:${7000 + stage + 1}`;
      return `    # on ${at(stage)}\n    python3 ${RUNNER_NAME} serve ${stage} --host 0.0.0.0 --port ${7000 + stage} --next ${next}`;
    });
    return `${MANIFEST_NAME} says which tensors each stage reads, makes and passes on, and the SHA-256 of every file.
Copy the folder to every device and run its stage there (Python 3.8, numpy, onnxruntime), then drive them:

${stages.join("\n")}
    # where frames come from
    python3 ${RUNNER_NAME} client --first ${at(0)}:7000 --host 0.0.0.0 --port 7100 --frames 100

Or serve each file by the Open Inference Protocol, and drive all of them from any machine that reaches them:

    splitscope serve FILE.onnx --port 8000
    splitscope run MODEL.onnx --plan PLAN.json ${[...new Set(plan.stages)].map((device) => `--at ${item(rig.devices, device).id}=http://HOST:8000`).join(" ")}
`;
  },
  limits: (subject) => [
    ...(subject.encoding.inputBytesOverride === null
      ? []
      : ["The input counts as source-coded; the first stage takes it decoded, so that its caller decodes."]),
    ...relayLimits(subject, "The runner"),
  ],
  files: (subject, sources) => {
    const { model: opened, sha256, rig, plan } = subject;
    const files = new FileSet();
    const weightFiles = new Map<number, readonly string[]>();
    for (const segment of sources.segments) {
      weightFiles.set(segment.stage, files.segment(segment, "", segment.fileName, sources));
    }
    files.add(RUNNER_NAME, RUNNER);
    files.add(MANIFEST_NAME, (digests) => {
      const manifest = segmentManifest({
        model: sources.model,
        sha256,
        bindings: opened.bindings,
        graph: opened.graph,
        plan,
        devices: plan.stages.map((device) => item(rig.devices, device).id),
        segments: sources.segments,
        weightFiles,
        files: digests,
      });
      return `${JSON.stringify(manifest, null, 2)}\n`;
    });
    return files.result();
  },
};
