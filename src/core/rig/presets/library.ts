import { mebibytes } from "../../units.ts";
import { CPU_CALL, type DevicePreset, GPU_CALL } from "./devices.ts";
import { ncnnModel } from "./fits.ts";

/** A device of the library with what a list of them is searched and sorted by. */
export interface LibraryDevice {
  readonly preset: DevicePreset;
  readonly threads: number;
  /** Number of the GPU, null where the CPU does the work. */
  readonly gpu: number | null;
  /** Median error on models left out of the fit, as a fraction. */
  readonly error: number;
}

/** The README states no memory; weights of most models fit this. */
const ASSUMED_MEMORY = mebibytes(4096);

/** The part of a section's title before its clock rates and cores. */
function shortName(section: string): string {
  return section.split(/\s*[,(]/)[0]?.trim() ?? section;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}

function runtimeOf(threads: number, gpu: number | null): string {
  const count = threads === 1 ? "1 thread" : `${threads} threads`;
  return gpu === null ? `ncnn, ${count}` : `ncnn Vulkan, GPU ${gpu} and ${count}`;
}

/** The devices of a table as ncnn-table.ts describes it. O(length). */
export function parseLibrary(table: string): readonly LibraryDevice[] {
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  const sections = lines.filter((line) => !line.startsWith(" "));
  const sharing = new Map<string, number>();
  for (const section of sections) sharing.set(shortName(section), (sharing.get(shortName(section)) ?? 0) + 1);

  const devices: LibraryDevice[] = [];
  const ids = new Set<string>();
  let section = "";
  for (const line of lines) {
    if (!line.startsWith(" ")) {
      section = line;
      continue;
    }
    const figures = line.trim().split(" ").map(Number);
    const [threads, gpuNumber, error, conv1x1, convKxK, depthwise, activation, weights, layers] = figures;
    if (
      threads === undefined ||
      gpuNumber === undefined ||
      error === undefined ||
      conv1x1 === undefined ||
      convKxK === undefined ||
      depthwise === undefined ||
      activation === undefined ||
      weights === undefined ||
      layers === undefined ||
      figures.some(Number.isNaN)
    ) {
      throw new Error(`the device library has a bad line: ${line}`);
    }
    const gpu = gpuNumber < 0 ? null : gpuNumber;
    const name = sharing.get(shortName(section)) === 1 ? shortName(section) : section;
    const base = `ncnn-${slug(name)}-${gpu === null ? "cpu" : `gpu${gpu}`}-${threads}t`;
    let id = base;
    for (let copy = 2; ids.has(id); copy++) id = `${base}-${copy}`;
    ids.add(id);
    const model = ncnnModel({
      section,
      threads,
      gpu: gpuNumber,
      gmacConv1x1: conv1x1,
      gmacConvKxK: convKxK,
      gmacDepthwise: depthwise,
      gbActivation: activation,
      gbWeights: weights,
      thousandOps: layers,
      looMedianApe: error,
    });
    devices.push({
      threads,
      gpu,
      error,
      preset: {
        id,
        name,
        runtime: runtimeOf(threads, gpu),
        source: `${section}; Tencent/ncnn benchmark/README.md; memory: 4 GiB assumed; power: not known`,
        memory: ASSUMED_MEMORY,
        onChip: null,
        stageOverhead: gpu === null ? CPU_CALL : GPU_CALL,
        weightPrecision: "as-stored",
        unsupportedOps: [],
        costModel: model,
        idleWatts: null,
        activeWatts: null,
      },
    });
  }
  return devices;
}

/**
 * All devices for which published latencies give a cost model with an error under 25 %, in the order of their source:
 * 197 settings of 88 devices, each with its runtime and threads. Loaded when asked for (7 kB). The short list,
 * DEVICE_PRESETS, is what most people need.
 */
export async function deviceLibrary(): Promise<readonly LibraryDevice[]> {
  const { NCNN_TABLE } = await import("./ncnn-table.ts");
  return parseLibrary(NCNN_TABLE);
}
