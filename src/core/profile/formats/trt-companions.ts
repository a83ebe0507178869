import { err, ok, type Result } from "../../result.ts";
import { constantDistribution } from "../distribution.ts";
import { field, isRecord, numberField, parseLenient, parseLenientFile, textField } from "./lenient-json.ts";
import { wholeText } from "./make.ts";
import { ObjectScanner } from "./object-scanner.ts";
import type { EngineLayer, ProfileFormat, Reading } from "./raw-profile.ts";
import { SampleColumn } from "./sample-column.ts";

/** `[ONNX Layer: name]`, or `[ONNX Layer: name | function stack]`; several are set apart by control characters. */
const ONNX_LAYER = /\[ONNX Layer: ([^|\]]*?)\s*(?:\|[^\]]*)?\]/g;

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function layerOf(value: unknown): EngineLayer | null {
  if (!isRecord(value)) return null;
  const name = textField(value, "Name");
  if (name === null) return null;
  const outputs = list(field(value, "Outputs")).filter(isRecord);
  const [first] = outputs;
  const shape: unknown = first === undefined ? null : field(first, "Dimensions");
  const metadata = textField(value, "Metadata") ?? "";
  return {
    name,
    outputs: outputs.flatMap((output) => textField(output, "Name") ?? []),
    outputShape: Array.isArray(shape) && shape.every((size) => typeof size === "number" && size >= 0) ? shape : null,
    nodes: [...new Set([...metadata.matchAll(ONNX_LAYER)].map((match) => match[1] ?? ""))].filter(
      (node) => node !== "",
    ),
    isReformat: textField(value, "LayerType") === "Reformat" && textField(value, "Origin") === "REFORMAT",
  };
}

function parseLayers(text: string, fileName: string): Result<Reading> {
  const json = parseLenientFile(text, fileName);
  if (!json.ok) return json;
  const layers = isRecord(json.value) ? list(field(json.value, "Layers")).flatMap((value) => layerOf(value) ?? []) : [];
  if (layers.length === 0) {
    return err(
      `${fileName} lists no layers with details; expected an engine built with --profilingVerbosity=detailed (--exportLayerInfo).`,
    );
  }
  return ok({ kind: "layers", layers });
}

/** TensorRT's `trtexec --exportLayerInfo`: tensors, shapes and, from 8.6 on, ONNX nodes of every layer. */
export const trtLayers: ProfileFormat = {
  id: "trt-layerinfo",
  label: "its layer info (--exportLayerInfo)",
  sniff: (head) => /^\s*\{\s*"Layers"\s*:\s*\[/.test(head),
  open: (fileName) => wholeText(fileName, parseLayers),
};

/** TensorRT's `trtexec --exportTimes`: one object per inference; the first ones are warm. Times in ms. */
export const trtTimes: ProfileFormat = {
  id: "trt-times",
  label: "its times (--exportTimes)",
  sniff: (head) => /^\s*\[\s*\{/.test(head) && /"startComputeMs"|"startGpuMs"/.test(head) && /"latencyMs"/.test(head),
  open: (fileName) => {
    const latency = new SampleColumn();
    const toDevice = new SampleColumn();
    const fromDevice = new SampleColumn();
    let runs = 0;
    const scanner = new ObjectScanner((json) => {
      const row = parseLenient(json);
      const whole = isRecord(row) ? numberField(row, "latencyMs") : null;
      if (!isRecord(row) || whole === null || whole < 0) return;
      latency.add(runs, whole / 1e3);
      toDevice.add(runs, Math.max(0, numberField(row, "h2dMs") ?? 0) / 1e3);
      fromDevice.add(runs, Math.max(0, numberField(row, "d2hMs") ?? 0) / 1e3);
      runs++;
    });
    return {
      push: (chunk) => scanner.push(chunk),
      end: () => {
        const endToEnd = latency.distribution(runs);
        const there = toDevice.distribution(runs);
        const back = fromDevice.distribution(runs);
        if (endToEnd === null || there === null || back === null) {
          return err(`${fileName} holds no inferences; expected objects with "latencyMs" (--exportTimes).`);
        }
        return ok({ kind: "times", endToEnd, toDevice: there, fromDevice: back });
      },
    };
  },
};

function parseMetadata(text: string, fileName: string): Result<Reading> {
  const json = parseLenientFile(text, fileName);
  if (!json.ok) return json;
  const device = isRecord(json.value) ? field(json.value, "device_information") : null;
  const name = isRecord(device) ? textField(device, "Selected Device") : null;
  if (!isRecord(json.value) || name === null) {
    return err(`${fileName} names no device; expected "device_information" with "Selected Device".`);
  }
  const performance = field(json.value, "performance_summary");
  // [min, max, mean, median, percentiles ...] in ms.
  const latency = isRecord(performance) ? list(field(performance, "Latency")) : [];
  const [least, , mean, median] = latency.map((value) => (typeof value === "number" ? value / 1e3 : Number.NaN));
  const isWhole = [least, mean, median].every((value) => value !== undefined && value >= 0);
  const endToEnd = isWhole
    ? { ...constantDistribution(median ?? 0, 1), min: least ?? 0, mean: mean ?? 0, p95: median ?? 0 }
    : null;
  return ok({ kind: "device", name, endToEnd });
}

/** Device data that NVIDIA's engine explorer (trex) keeps beside a profile. */
export const trtMetadata: ProfileFormat = {
  id: "trt-metadata",
  label: "",
  sniff: (head) => /^\s*\{/.test(head) && head.includes('"device_information"') && head.includes('"Selected Device"'),
  open: (fileName) => wholeText(fileName, parseMetadata),
};
