import { item } from "../columns.ts";
import { MANIFEST_NAME, segmentManifest } from "../onnx/segments/manifest.ts";
import { type FolderExporter, NO_LIMITS } from "./exporter.ts";
import { FileSet } from "./file-set.ts";

/** Segments, the external data that they refer to, and a manifest with the digests of them all. */
export const segmentFolder: FolderExporter = {
  kind: "folder",
  id: "segments",
  label: "Segments (ONNX)",
  detail: "One ONNX model for each stage, and a manifest",
  suffix: ".segments",
  howToRun: ({
    rig,
    plan,
  }) => `Copy each stage's file to its device (${MANIFEST_NAME} says which tensors it reads, makes and passes on) and serve it:

    splitscope serve FILE.onnx --port 8000

Then drive all of them as one pipeline from any machine that reaches them:

    splitscope run MODEL.onnx --plan PLAN.json ${[...new Set(plan.stages)].map((device) => `--at ${item(rig.devices, device).id}=http://HOST:8000`).join(" ")}
`,
  limits: NO_LIMITS,
  files: (subject, sources) => {
    const { model: opened, sha256, rig, plan } = subject;
    const files = new FileSet();
    for (const segment of sources.segments) files.segment(segment, "", segment.fileName, sources);
    files.add(MANIFEST_NAME, (digests) => {
      const manifest = segmentManifest({
        model: sources.model,
        sha256,
        bindings: opened.bindings,
        graph: opened.graph,
        plan,
        devices: plan.stages.map((device) => item(rig.devices, device).id),
        segments: sources.segments,
        files: digests,
      });
      return `${JSON.stringify(manifest, null, 2)}\n`;
    });
    return files.result();
  },
};
