import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import type { RawProfile } from "../core/profile/formats/raw-profile.ts";

/** What a board calls itself ("Raspberry Pi 4 Model B Rev 1.4"), null on machines without a device tree. */
function boardName(): string | null {
  try {
    return readFileSync("/proc/device-tree/model", "utf8").replaceAll("\0", "").trim() || null;
  } catch {
    return null;
  }
}

/** Threads that run at the same time here. */
export const usableThreads = (): number => availableParallelism();

/** This machine as a profile describes it: nothing that tells one owner's machine from another's of its kind. */
export function thisMachine(): Omit<RawProfile["device"], "runtime"> {
  const model = cpus()[0]?.model.trim() ?? "";
  const processor = model === "" || model === "unknown" ? null : model.replaceAll(/\s+/g, " ");
  return {
    name: boardName() ?? processor ?? `${platform()} ${arch()}`,
    hardware: {
      processor,
      cores: usableThreads(),
      memoryBytes: totalmem(),
      platform: `${platform()} ${arch()}, Node ${process.versions.node}`,
    },
  };
}
