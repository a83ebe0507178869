import { item } from "../columns.ts";
import type { Device } from "../rig/rig.ts";
import type { ExportSubject } from "./export-subject.ts";

/** What runs ops inside one machine. */
export type ProcessorKind = "cpu" | "gpu" | "npu";

const GPU = /\b(gpu|cuda|tensorrt|jetson|vulkan|opencl|metal|webgpu|rtx|t4)\b/i;
const NPU = /\b(npu|tpu|edgetpu|coral|myriad|ncs2?|vpu|hailo|hexagon|neural engine)\b/i;

/** What a device's names say that it is; a processor where they say nothing. */
export function processorKind({ id, name, runtime, preset }: Device): ProcessorKind {
  const words = `${id} ${name} ${runtime} ${preset ?? ""}`.replaceAll(/[-_/,.]/g, " ");
  if (NPU.test(words)) return "npu";
  return GPU.test(words) ? "gpu" : "cpu";
}

/** Devices that the plan runs ops on, in the order of first use, as numbers in the rig. */
export function usedDevices({ plan }: ExportSubject): readonly number[] {
  const used = new Set(plan.stageOf);
  return [...new Set(plan.stages.filter((_, stage) => used.has(stage)))];
}

/**
 * What a plan loses on a target of one machine, where devices are its processors: each is taken for `words` of its
 * kind, two of one kind are one, and links are its own.
 */
export function oneHostLimits(
  subject: ExportSubject,
  target: string,
  words: Readonly<Record<ProcessorKind, string>>,
): readonly string[] {
  const { rig } = subject;
  const devices = usedDevices(subject).map((device) => item(rig.devices, device));
  const limits: string[] = [];
  if (devices.length > 1) {
    limits.push(
      `${target} runs on one machine: the plan's devices become its processors, and its links and their times do not count.`,
    );
  }
  for (const kind of ["cpu", "gpu", "npu"] as const) {
    const alike = devices.filter((device) => processorKind(device) === kind).map(({ id }) => `"${id}"`);
    if (alike.length > 1)
      limits.push(
        `Devices ${alike.join(" and ")} are both taken for ${words[kind]}: their stages run on the same processor.`,
      );
    else if (alike.length === 1)
      limits.push(`Device ${alike.join()} is taken for ${words[kind]}; change that in the file where it is not so.`);
  }
  return limits;
}
