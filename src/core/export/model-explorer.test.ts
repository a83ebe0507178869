import { expect, test } from "vitest";
import { at, item } from "../columns.ts";
import { readProfileText } from "../profile/formats/formats.ts";
import { inUnit } from "../profile/formats/unit.ts";
import { matchProfile } from "../profile/match.ts";
import { unwrap } from "../result.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { latencyNodeData, planNodeData } from "./model-explorer.ts";

const subject = exportSubject("a=3 -> b=5 -> c=7 -> __proto__=2; b -> __proto__", [2]);
const { graph } = subject.model;

interface Data {
  readonly name: string;
  readonly results: object;
}

const results = (json: string) => new Map<string, unknown>(Object.entries((JSON.parse(json) as Data).results));

test("latencies read back are those of the device to four digits", () => {
  const [device, table] = [item(subject.rig.devices, 1), item(subject.latencies, 1)];
  const json = latencyNodeData(graph, device, table);
  expect((JSON.parse(json) as Data).name).toBe("Jetson Nano, ncnn Vulkan, GPU and 4 threads: latency (ms)");
  const reading = unwrap(readProfileText(json, "unknown"));
  if (reading.kind !== "unitless") throw new Error(`read as ${reading.kind}`);
  const { groups, unmatchedEntries, raw } = unwrap(matchProfile(inUnit(reading.profile, "ms"), graph));
  expect(unmatchedEntries).toEqual([]);
  expect(groups.map(({ ops }) => ops)).toEqual([[0], [1], [2], [3]]);
  for (const { ops, entry } of groups) {
    const [op = -1] = ops;
    const seconds = at(table.seconds, op);
    expect(Math.abs(item(raw.entries, entry).latency.median - seconds)).toBeLessThanOrEqual(5e-4 * seconds);
  }
});

test("an op that the device cannot run has no figure", () => {
  const table = item(subject.latencies, 0);
  const seconds = table.seconds.with(1, Number.POSITIVE_INFINITY);
  const json = latencyNodeData(graph, item(subject.rig.devices, 0), { ...table, seconds });
  expect([...results(json).keys()]).toEqual(["a", "c", "__proto__"]);
});

test("a plan travels as words with a six-digit colour per device", () => {
  const data = results(planNodeData(subject));
  const colour = expect.stringMatching(/^#[0-9a-f]{6}$/);
  expect(data.get("b")).toEqual({ value: "stage 1: Raspberry Pi 4", bgColor: colour });
  expect(data.get("__proto__")).toEqual({ value: "stage 2: Jetson Nano", bgColor: colour });
  expect(data.get("a")).toEqual(data.get("b"));
  expect(data.get("c")).toEqual(data.get("__proto__"));
});
