import { bytes, bytesPerSecond, mebibytes, milliseconds } from "../../units.ts";
import type { Device } from "../rig.ts";
import { NCNN_FITS, ncnnModel } from "./fits.ts";
import { EDGE_TPU, MYRIAD_X, ORIN_NANO_GPU, TESLA_T4 } from "./rooflines.ts";
import { EDGE_TPU_UNSUPPORTED, MYRIAD_UNSUPPORTED } from "./unsupported.ts";

/** A device of the library. `id` is its key; `loadFactor` is 1 once it stands in a rig. */
export type DevicePreset = Omit<Device, "preset" | "loadFactor">;

/** Inference call of a CPU runtime in the same process: an estimate. */
export const CPU_CALL = milliseconds(0.05);
/** Submitting a stage to a GPU and waiting for its result: an estimate. */
export const GPU_CALL = milliseconds(0.2);

const asStored = { onChip: null, weightPrecision: "as-stored", unsupportedOps: [] } as const;

export const DEVICE_PRESETS: readonly DevicePreset[] = [
  {
    ...asStored,
    id: "raspberry-pi-4",
    name: "Raspberry Pi 4",
    runtime: "ncnn, 4 threads",
    source: "4x Cortex-A72 at 1.8 GHz, 4 GB model; Tencent/ncnn benchmark/README.md; power: estimate",
    memory: mebibytes(4096),
    stageOverhead: CPU_CALL,
    costModel: ncnnModel(NCNN_FITS.raspberryPi4),
    idleWatts: 2.7,
    activeWatts: 6.1,
  },
  {
    ...asStored,
    id: "raspberry-pi-5",
    name: "Raspberry Pi 5",
    runtime: "ncnn, 4 threads",
    source: "4x Cortex-A76 at 2.4 GHz, 8 GB model; Tencent/ncnn benchmark/README.md; power under load: estimate",
    memory: mebibytes(8192),
    stageOverhead: CPU_CALL,
    costModel: ncnnModel(NCNN_FITS.raspberryPi5),
    idleWatts: null,
    activeWatts: 12.7,
  },
  {
    ...asStored,
    id: "jetson-nano",
    name: "Jetson Nano",
    runtime: "ncnn Vulkan, GPU and 4 threads",
    source: "Tegra X1, 4 GB shared by CPU and GPU, 10 W mode (NVIDIA); Tencent/ncnn benchmark/README.md",
    memory: mebibytes(4096),
    stageOverhead: GPU_CALL,
    costModel: ncnnModel(NCNN_FITS.jetsonNanoGpu),
    idleWatts: null,
    activeWatts: 10,
  },
  {
    ...asStored,
    id: "jetson-orin-nano",
    weightPrecision: "f16",
    name: "Jetson Orin Nano",
    runtime: "TensorRT FP16, GPU",
    source: "Jetson Orin Nano 8 GB, 7 to 15 W, 68 GB/s, 40 TOPS sparse INT8 (NVIDIA); times: estimate",
    memory: mebibytes(8192),
    stageOverhead: GPU_CALL,
    costModel: ORIN_NANO_GPU,
    idleWatts: null,
    activeWatts: 15,
  },
  {
    ...asStored,
    id: "jetson-orin-nano-cpu",
    name: "Jetson Orin Nano (CPU)",
    runtime: "ncnn, 6 threads",
    source: "6x Cortex-A78AE, Jetson Orin Nano 8 GB, 7 to 15 W (NVIDIA); Tencent/ncnn benchmark/README.md",
    memory: mebibytes(8192),
    stageOverhead: CPU_CALL,
    costModel: ncnnModel(NCNN_FITS.orinNanoCpu),
    idleWatts: null,
    activeWatts: 15,
  },
  {
    id: "coral-usb",
    name: "Coral USB Accelerator",
    runtime: "Edge TPU, INT8",
    source:
      "coral.ai benchmarks and datasheet: 4 TOPS INT8, 8 MB SRAM of which about 6.5 MB take weights, 2 W; memory is the host's, from which weights are streamed (1 GiB: estimate)",
    memory: mebibytes(1024),
    onChip: { capacity: bytes(6.5e6), streaming: bytesPerSecond(0.5e9) },
    stageOverhead: milliseconds(1.5),
    weightPrecision: "i8",
    unsupportedOps: EDGE_TPU_UNSUPPORTED,
    costModel: EDGE_TPU,
    idleWatts: null,
    activeWatts: 2,
  },
  {
    id: "ncs2",
    name: "Intel NCS2",
    runtime: "OpenVINO MYRIAD, FP16",
    source: "Myriad X, 512 MB, 1 TOPS, 1.5 W (Intel); times and call overhead: estimate",
    memory: mebibytes(512),
    onChip: null,
    stageOverhead: milliseconds(1),
    weightPrecision: "f16",
    unsupportedOps: MYRIAD_UNSUPPORTED,
    costModel: MYRIAD_X,
    idleWatts: null,
    activeWatts: 1.5,
  },
  {
    ...asStored,
    id: "mini-pc",
    name: "Mini PC (Celeron N5105)",
    runtime: "ncnn, 4 threads",
    source: "Intel Celeron N5105, 4 cores, 8 GB fitted (typical); Tencent/ncnn benchmark/README.md; 10 W TDP (Intel)",
    memory: mebibytes(8192),
    stageOverhead: CPU_CALL,
    costModel: ncnnModel(NCNN_FITS.celeronN5105),
    idleWatts: null,
    activeWatts: 10,
  },
  {
    ...asStored,
    id: "gpu-server",
    name: "GPU server (T4)",
    runtime: "ONNX Runtime CUDA, FP32",
    source: "NVIDIA T4, 16 GB, 70 W, 8.1 TFLOPS FP32, 300 GB/s (NVIDIA); times: estimate",
    memory: mebibytes(16_384),
    stageOverhead: GPU_CALL,
    costModel: TESLA_T4,
    idleWatts: null,
    activeWatts: 70,
  },
];
