import { expect, test } from "vitest";
import { mobileNetV2 } from "../core/testing/samples/mobilenet-v2.ts";
import { fileKind, KIND_HEAD, sortFiles } from "./file-kind.ts";

const text = (content: string) => new TextEncoder().encode(content).subarray(0, KIND_HEAD);
const bytes = (...values: number[]) => Uint8Array.from(values);

test.each([
  ["a model, whatever it is called", "unknown", mobileNetV2().subarray(0, KIND_HEAD), "model"],
  ["what calls itself a model and is a page", "page.onnx", text("<!doctype html>"), "model"],
  ["weights", "weights.data", Uint8Array.from({ length: 512 }, (_, i) => (i * 37) & 255), "model"],
  ["a PyTorch model", "net.pt", bytes(0x80, 4, 0x95, 0), "model"],
  ["figures in a pickle", "net.pkl", bytes(0x80, 4, 0x95, 0), "profile"],
  ["a gzipped trace", "trace", bytes(0x1f, 0x8b, 8, 0), "profile"],
  ["a table", "t", text("node,latency_ms\nconv1,0.2\n"), "profile"],
  ["a table redirected by a Windows shell", "t", bytes(0xff, 0xfe, 0x6e, 0, 0x6f, 0, 0x64, 0, 0x65, 0), "profile"],
  ["a trace", "t", text('[{"cat" : "Session","pid" :1}]'), "profile"],
  ["a profile of ours", "t", text('{"format": "splitscope-profile", "version": 1}'), "profile"],
  ["a plan", "t", text('\ufeff{ "format" : "splitscope-plan", "version": 1'), "plan"],
  ["a rig", "t", text('{"format":"splitscope-rig"}'), "rig"],
  [
    "a scenario, with a rig in it",
    "t",
    text('{"format": "splitscope-scenario", "version": 1, "rig": {"format": "splitscope-rig"}}'),
    "scenario",
  ],
  ["a placement problem", "t", text('{"format": "splitscope-problem", "version": 2'), "problem"],
  ["one of dnn-partitioning", "t", text('{"maxFPGAs": 2, "nodes": [{"fpgaLatency": 1'), "problem"],
  ["one of PipeDream", "t", text("node1 -- Add -- forward_compute_time=1.0, activation_size=1"), "problem"],
  ["one of PipeEdge", "t", text("vit:\n  layers: 2\n  mem_MB: [1, 1]\n  parameters_out: [3, 3]\n"), "problem"],
  ["a partition", "partition.txt", text("1,4,5,8,9,12\n"), "partition"],
  ["a mapping of numbers", "mapping.json", text('{"one": [1, 2], "two": [3]}'), "mapping"],
  ["hosts by themselves", "t", text("pi:\n- pi-1\n"), "profile"],
  ["nothing", "t", bytes(), "profile"],
  ["a text cut in the middle of a letter", "t", text(`${"x".repeat(KIND_HEAD - 1)}ü`), "profile"],
])("%s", (_, name, head, kind) => {
  expect(fileKind(name, head)).toBe(kind);
});

test("files of PipeEdge go together, its list of hosts too; on a device they are profiles", () => {
  const starts = [
    { file: { name: "models.yml" }, head: text("vit:\n  layers: 1\n  mem_MB: [1]\n  parameters_out: [3]\n") },
    {
      file: { name: "devices.yml" },
      head: text(`pi:\n${Array.from({ length: 900 }, (_, i) => `- pi-${i}\n`).join("")}`),
    },
    { file: { name: "times.csv" }, head: text("node,latency_ms\nconv1,0.2\n") },
  ];
  const names = (onDevice: boolean, kind: "problem" | "profile") =>
    sortFiles(starts, onDevice)
      .get(kind)
      ?.map(({ name }) => name);
  expect(names(false, "problem")).toEqual(["models.yml", "devices.yml"]);
  expect(names(false, "profile")).toEqual(["times.csv"]);
  expect(names(true, "profile")).toEqual(["models.yml", "devices.yml", "times.csv"]);
  expect(sortFiles(starts.slice(1), false).get("profile")).toHaveLength(2);
});
