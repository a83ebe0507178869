import type { OutputMetadata } from "../core/onnx/shapes/interpret.ts";
import type { ProbePass } from "../core/onnx/shapes/probe-model.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { OnnxRuntime } from "./onnxruntime.ts";

const LEVELS = { 1: "disabled", 2: "disabled", 3: "basic" } as const;
const SILENT = 4;

/** What the runtime says of a probe model's outputs, or why it refuses the model, in its own words. */
export async function askTypes(
  runtime: OnnxRuntime,
  probe: Uint8Array,
  pass: ProbePass,
): Promise<Result<readonly OutputMetadata[]>> {
  try {
    const session = await runtime.InferenceSession.create(probe, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: LEVELS[pass],
      logSeverityLevel: SILENT,
    });
    const outputs = session.outputMetadata;
    await session.release();
    return ok(outputs);
  } catch (reason) {
    return err(reason instanceof Error ? reason.message : String(reason));
  }
}
