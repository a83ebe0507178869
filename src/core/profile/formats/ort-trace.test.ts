import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { openProfile, readProfile } from "./formats.ts";
import type { RawEntry } from "./raw-profile.ts";

/** One run's events: name:type=microseconds, then the end of the run. */
function run(nodes: string, start = 0, total?: number): readonly object[] {
  let clock = start;
  const events = nodes.split(" ").map((word, i) => {
    const [, name = "", type = "", duration = ""] = /^(.*):(\w*)=(\d+)$/.exec(word) ?? [];
    const dur = Number(duration);
    clock += dur;
    return {
      cat: "Node",
      dur,
      ts: clock - dur,
      name: `${name}_kernel_time`,
      args: {
        op_name: type,
        node_index: String(i),
        provider: "CPUExecutionProvider",
        activation_size: "64",
        input_type_shape: [{ float: [1, 2] }, { float: [2, 2] }],
        output_type_shape: [{ float: [1, 2] }],
      },
    };
  });
  return [...events, { cat: "Session", dur: total ?? clock - start, ts: start, name: "model_run", args: {} }];
}

const BEGIN = [
  { cat: "Session", dur: 5, ts: 0, name: "model_loading_uri", args: {} },
  { cat: "Session", dur: 9, ts: 5, name: "session_initialization", args: {} },
];

const trace = (...runs: readonly (readonly object[])[]) => JSON.stringify([...BEGIN, ...runs.flat()]);

function times(entries: readonly RawEntry[]): Record<string, number> {
  return Object.fromEntries(entries.map((entry) => [entry.label, Math.round(entry.latency.median * 1e6)]));
}

describe("runs", () => {
  test("the first three are warm-up, medians are taken over the rest", () => {
    const runs = [900, 800, 700, 10, 30, 20, 25, 15].map((us) => run(`a:Conv=${us} b:Relu=2`));
    const profile = unwrap(readProfile(trace(...runs), "f"));
    expect(profile).toMatchObject({ format: "ort-trace", kind: "measured", runs: 5, warmupDropped: 3 });
    expect(times(profile.entries)).toEqual({ a: 20, b: 2 });
    const [a] = profile.entries;
    expect(a?.latency).toMatchObject({ count: 5, min: 10e-6, p25: 15e-6, p75: 25e-6, mean: 20e-6 });
    expect(profile.endToEnd?.median).toBeCloseTo(22e-6, 12);
    expect(profile.additivity).toBeCloseTo(1, 9);
    expect(profile.device.runtime).toBe("ONNX Runtime, CPUExecutionProvider");
    expect(profile.warnings).toEqual(["Only 5 runs after warm-up: low confidence; 50 or more are better."]);
  });

  test("few runs: at most half of them are warm-up", () => {
    expect(unwrap(readProfile(trace(run("a:Conv=9")), "f"))).toMatchObject({ runs: 1, warmupDropped: 0 });
    const two = unwrap(readProfile(trace(run("a:Conv=9"), run("a:Conv=5")), "f"));
    expect(two).toMatchObject({ runs: 1, warmupDropped: 1 });
    expect(times(two.entries)).toEqual({ a: 5 });
  });

  test("a busy device shows in the additivity", () => {
    const runs = Array.from({ length: 13 }, () => run("a:Conv=10", 0, 25));
    const profile = unwrap(readProfile(trace(...runs), "f"));
    expect(profile.additivity).toBeCloseTo(0.4, 9);
    expect(profile.warnings).toEqual([
      "The ops' medians add up to 40 % of the median run: the device was busy with other work while it measured.",
    ]);
  });

  test("only the last session of a file counts", () => {
    const text = JSON.stringify([...BEGIN, ...run("a:Conv=1"), ...BEGIN, ...run("a:Conv=7"), ...run("a:Conv=7")]);
    const profile = unwrap(readProfile(text, "f"));
    expect(times(profile.entries)).toEqual({ a: 7 });
    expect(profile.warnings[0]).toBe("The file holds 2 sessions; only the last one was read.");
  });

  test("without model_run, runs begin where the first op comes round again", () => {
    const nodes = [run("a:Conv=9 b:Relu=1"), run("a:Conv=5 b:Relu=3")].flatMap((events) => events.slice(0, -1));
    const profile = unwrap(readProfile(JSON.stringify(nodes), "f"));
    expect(times(profile.entries)).toEqual({ a: 5, b: 3 });
    expect(profile).toMatchObject({ runs: 1, warmupDropped: 1, endToEnd: null, additivity: null });
  });
});

describe("entries", () => {
  test("equal names in one run are told apart by their order", () => {
    const events = run("x:Conv=4 x:Conv=8").map((event) =>
      "args" in event ? { ...event, args: { op_name: "Conv" } } : event,
    );
    const profile = unwrap(readProfile(JSON.stringify([...BEGIN, ...events]), "f"));
    expect(profile.entries.map((entry) => Math.round(entry.latency.median * 1e6))).toEqual([4, 8]);
  });

  test("ops without a name keep their type and number", () => {
    const profile = unwrap(readProfile(trace(run(":Conv=4 :Relu=8")), "f"));
    expect(profile.entries).toMatchObject([
      { label: "", opType: "Conv", nodeIndex: 0, inputCount: 2, activationBytes: 64, outputShape: [1, 2] },
      { label: "", opType: "Relu", nodeIndex: 1 },
    ]);
  });

  test("the oldest traces have a type only", () => {
    const events = [
      { cat: "Node", dur: 3, ts: 0, name: "_kernel_time", args: { op_name: "Conv" } },
      { cat: "Node", dur: 0, ts: 3, name: "_fence_after", args: { op_name: "Conv" } },
      { cat: "Session", dur: 4, ts: 0, name: "model_run", args: {} },
    ];
    expect(unwrap(readProfile(JSON.stringify(events), "f")).entries).toMatchObject([
      { label: "", opType: "Conv", nodeIndex: null, inputCount: null, activationBytes: null, outputShape: null },
    ]);
  });

  test("fences and GPU kernels are left out", () => {
    const noise = [
      { cat: "Node", dur: 0, ts: 0, name: "a_fence_before", args: { op_name: "Conv" } },
      { cat: "Kernel", dur: 50, ts: 0, name: "gemm", args: { op_name: "Conv" } },
      { cat: "Api", dur: 1, ts: 0, name: "cudaLaunch" },
    ];
    const profile = unwrap(readProfile(JSON.stringify([...BEGIN, ...noise, ...run("a:Conv=7")]), "f"));
    expect(times(profile.entries)).toEqual({ a: 7 });
    expect(profile.warnings).toContain(
      "CUDA ops are timed at their launch, not at their end: the figures are too low.",
    );
  });

  test("inserted ops are overheads, compiled parts are subgraphs", () => {
    const names =
      "ReorderOutput:ReorderOutput=1 Memcpy_token_1:MemcpyToHost=1 InsertedCast_y:Cast=1 " +
      "TensorrtExecutionProvider_TRTKernel_graph_g_1_0:TRTKernel=9 OpenVINOExecutionProvider_OpenVINO-EP-subgraph_1_0:OV=9 a:Cast=1";
    const profile = unwrap(readProfile(trace(run(names)), "f"));
    expect(profile.entries.map((entry) => entry.kind)).toEqual([
      "overhead",
      "overhead",
      "overhead",
      "subgraph",
      "subgraph",
      "op",
    ]);
  });

  test("ops inside an If, Loop or Scan are not counted beside it", () => {
    const node = (name: string, type: string, ts: number, dur: number) => ({
      cat: "Node",
      dur,
      ts,
      name: `${name}_kernel_time`,
      args: { op_name: type },
    });
    const events = [
      node("a", "Conv", 0, 10),
      node("body1", "Mul", 12, 5),
      node("inner", "If", 18, 8),
      node("body2", "Add", 19, 6),
      node("loop", "Loop", 11, 20),
      node("b", "Relu", 32, 4),
      { cat: "Session", dur: 40, ts: 0, name: "model_run", args: {} },
    ];
    expect(times(unwrap(readProfile(JSON.stringify(events), "f")).entries)).toEqual({ a: 10, loop: 20, b: 4 });
  });
});

describe("damaged files", () => {
  const text = trace(...Array.from({ length: 14 }, () => run("a:Conv=10 b:Relu=5")));

  test("no end, a comma too many, one object a line, other spacing", () => {
    const expected = unwrap(readProfile(text, "f"));
    const lines = (JSON.parse(text) as object[]).map((event) => JSON.stringify(event));
    for (const variant of [
      text.slice(0, -1),
      `${text.slice(0, -1)},]`,
      lines.join("\n"),
      `[\r\n${lines.join(",\r\n")}\r\n`,
      text.replaceAll('":', '" :'),
      `\ufeff  ${text}`,
    ]) {
      expect(unwrap(readProfile(variant, "f"))).toEqual(expected);
    }
  });

  test("a file that breaks off loses its last run only", () => {
    const profile = unwrap(readProfile(text.slice(0, -150), "f"));
    expect(times(profile.entries)).toEqual({ a: 10, b: 5 });
    expect(profile).toMatchObject({ runs: 10, warmupDropped: 3 });
    expect(profile.warnings.slice(0, 2)).toEqual([
      "The trace ends inside a run, which was left out.",
      "The file breaks off inside an event, which was left out.",
    ]);
  });

  test("events that cannot be read are counted", () => {
    const broken = [
      '{"cat":"Node","name":"a_kernel_time","dur":NaN}',
      '{"cat":"Node","name":"a_kernel_time","dur":-5}',
      '{"cat":"Node","name":"a_kernel_time","dur":1e300}',
      '{"cat":"Node","name":"a_kernel_time"}',
      '{"cat":"Node","name":7,"dur":1}',
      '{"cat":"Node",}',
    ];
    const profile = unwrap(readProfile(`[${broken.join(",")},${text.slice(1)}`, "f"));
    expect(times(profile.entries)).toEqual({ a: 10, b: 5 });
    expect(profile.warnings).toEqual(["6 events could not be read and were left out."]);
  });

  test("control characters in a name", () => {
    const profile = unwrap(readProfile(text.replaceAll("a_kernel", "a\u001eb\u001f_kernel"), "f"));
    expect(Object.keys(times(profile.entries))).toEqual(["a\u001eb\u001f", "b"]);
  });

  test("a trace without op timings is refused with a sentence", () => {
    const sentence =
      'f.json is an ONNX Runtime trace without op timings; expected events of category "Node" from at least one run with profiling enabled.';
    expect(readProfile(JSON.stringify(BEGIN), "f.json")).toEqual({ ok: false, error: sentence });
  });

  test("names such as __proto__ are data", () => {
    const profile = unwrap(readProfile(trace(run("__proto__:Conv=4 constructor:Relu=8")), "f"));
    expect(profile.entries.map((entry) => entry.label)).toEqual(["__proto__", "constructor"]);
  });
});

describe("streams", () => {
  /** One event a line, in the writer's own layout. */
  const lines = (events: readonly object[]) =>
    `[\n${events
      .map((event) => {
        const { cat, dur, ts, name, args } = event as Record<string, unknown>;
        const text = JSON.stringify({ cat, pid: 1, tid: 2, dur, ts, ph: "X", name, args });
        return `${text},\n`;
      })
      .join("")}`;
  const runs = Array.from({ length: 40 }, (_, i) => run(`a:Conv=${20 + (i % 7)} a:Relu=3 b:Conv=${50 - i} "q":Add=4`));

  test("lines that are recalled give what parsing gives, however the text is cut", () => {
    const events = [...BEGIN, ...runs.flat()];
    const parsed = unwrap(readProfile(JSON.stringify(events), "f"));
    const text = lines(events);
    expect(unwrap(readProfile(text, "f"))).toEqual(parsed);
    for (const size of [1, 7, 1000]) {
      const reader = openProfile("f");
      for (let i = 0; i < text.length; i += size) reader.push(text.slice(i, i + size));
      expect(reader.end()).toEqual({ ok: true, value: { kind: "profile", profile: parsed } });
      expect(reader.format?.id).toBe("ort-trace");
    }
  });

  test("a trace without run markers is told apart as it comes, in bounded memory", () => {
    const events = Array.from({ length: 20_000 }, (_, i) => run(`a:Conv=${10 + (i % 5)} b:Relu=2 c:Add=1`).slice(0, 3));
    const profile = unwrap(readProfile(lines(events.flat()), "f"));
    expect(profile.runs).toBe(19_997);
    expect(times(profile.entries)).toEqual({ a: 12, b: 2, c: 1 });
  });
});

const folder = new URL("../../../../../shared/profiles/ort/", import.meta.url);
const file = new URL("ort1.30-cpu_squeezenet_extended_5runs.json", folder);

test.skipIf(!existsSync(file))(
  "wherever a real trace is cut or garbled, it reads or is refused in one sentence",
  () => {
    const text = readFileSync(file, "utf8");
    fc.assert(
      fc.property(fc.nat(text.length), fc.string(), fc.nat(text.length), (cut, noise, end) => {
        const damaged = text.slice(0, cut) + noise + text.slice(cut, end);
        const result = readProfile(damaged, "f.json");
        if (result.ok) {
          for (const entry of result.value.entries) expect(entry.latency.median).toBeGreaterThanOrEqual(0);
        } else expect(result.error).toMatch(/^f\.json .+\.$/);
      }),
      { numRuns: 60 },
    );
  },
);
