import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { graphFromText } from "../../testing/graph-text.ts";
import { PROFILE_TEXTS as TEXTS } from "../../testing/profile-texts.ts";
import { joinCompanions } from "../companions.ts";
import { matchProfile } from "../match.ts";
import type { LatencyTable } from "../profile.ts";
import { openProfile, readProfile, readProfileText } from "./formats.ts";
import { writeNodeData } from "./model-explorer.ts";
import type { RawEntry, Reading } from "./raw-profile.ts";
import { inUnit } from "./unit.ts";

const FORMATS = Object.entries(TEXTS);

const read = (text: string): Reading => unwrap(readProfileText(text, "unknown"));

/** "kind label:type=microseconds", whatever else is known after it. */
function drawn(reading: Reading): readonly string[] {
  if (reading.kind !== "profile" && reading.kind !== "unitless") return [reading.kind];
  return reading.profile.entries.map((entry: RawEntry) => {
    const time = Number((entry.latency.median * 1e6).toPrecision(6));
    const nodes = entry.nodes === null ? "" : ` [${entry.nodes.join()}]`;
    return `${entry.kind} ${entry.label}:${entry.opType ?? ""}=${time}${nodes}`;
  });
}

describe("every format", () => {
  test.each(FORMATS)("%s is recognised by content", (id, text) => {
    const reader = openProfile("unknown");
    reader.push(text);
    expect(reader.end().ok).toBe(true);
    expect(reader.format?.id).toBe(id);
  });

  test.each(FORMATS)("%s reads alike with a byte-order mark, Windows line ends, and in chunks", (_, text) => {
    const whole = read(text);
    expect(read(`\ufeff${text.replaceAll("\n", "\r\n")}`)).toEqual(whole);
    const reader = openProfile("unknown");
    for (const char of text) reader.push(char);
    expect(unwrap(reader.end())).toEqual(whole);
  });

  test.each(FORMATS)("%s cut or garbled anywhere is read or refused in one sentence", (_, text) => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ unit: "binary" }), fc.nat(text.length), (cut, noise, from) => {
        const result = readProfileText(text.slice(0, cut) + noise + text.slice(from), "f.x");
        if (!result.ok) expect(result.error).toMatch(/^f\.x .+\.$/s);
        else if (result.value.kind === "profile") {
          expect(result.value.profile.entries.length).toBeGreaterThan(0);
          for (const { latency } of result.value.profile.entries) {
            expect(latency.median).toBeGreaterThanOrEqual(0);
            expect(latency.median).toBeLessThan(Number.POSITIVE_INFINITY);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

test.each([
  [
    "trt-profile",
    [
      "overhead Reformatting CopyNode for Input Tensor 0 to Conv_0 + Relu_1:=9",
      "op Conv_0 + Relu_1:=100",
      "op a\u001eb\u001fc:=20",
      "elided reshape_after_Gemm_4:=0",
    ],
  ],
  ["ov-csv", ["op c0:Convolution=615", "elided r0:Activation=0", "overhead c0_reorder:=250"]],
  ["ov-json", ["op c0:Convolution=500", "elided r0:Activation=0"]],
  ["tflite-op", ["op m/conv/Relu;m/conv/Conv2D:Convolution=300", "subgraph a:=200"]],
  ["qnn-csv", ["op c0:=4 [c0,r0]", "op pool, max:=2"]],
  ["snpe-diag", ["op c0:=120", "op pool:=30"]],
  ["ncnn-layers", ["op c0:Convolution=1250", "op pool:Pooling=250", "overhead split_0:Slice=10", "op fc:Dense=500"]],
  ["ncnn-bench", ["total whole inference:=46600"]],
  ["tflite-total", ["total whole inference:=505.5"]],
  ["plain-csv", ["op c0:=500", "op r;0:=1500"]],
] as const)("entries of %s", (id, entries) => {
  expect(drawn(read(TEXTS[id]))).toEqual(entries);
});

describe("details", () => {
  const profileOf = (text: string) => unwrap(readProfile(text, "f"));

  test("TensorRT: iterations, layers without time", () => {
    expect(profileOf(TEXTS["trt-profile"])).toMatchObject({
      runs: 200,
      warnings: ["1 layers have no time and were left out."],
    });
  });

  test("TensorRT layers: nodes, tensors, shapes, copies", () => {
    expect(read(TEXTS["trt-layerinfo"])).toEqual({
      kind: "layers",
      layers: [
        { name: "Conv_0 + Relu_1", outputs: ["r1"], outputShape: [1, 8, 4, 4], nodes: ["c0", "r0"], isReformat: false },
        { name: "copy", outputs: [], outputShape: null, nodes: [], isReformat: true },
      ],
    });
  });

  test("TensorRT times: the first half of two is warm-up", () => {
    expect(read(TEXTS["trt-times"])).toMatchObject({ kind: "times", endToEnd: { count: 1, median: 0.0015 } });
  });

  test("OpenVINO: old columns are in microseconds, others are found by name; repeated tables are runs", () => {
    const old = "layer name;exec status;layer type;exec type;real time;cpu time\nc0;EXECUTED;Convolution;jit;615;615\n";
    expect(drawn(read(old))).toEqual(["op c0:Convolution=615"]);
    const wide =
      "layerName;execStatus;layerType;execType;numaId;realTime (ms);cpuTime (ms);%;\nc0;EXECUTED;MatMul;jit;0;1.5;1.5;100%;\n";
    expect(drawn(read(wide))).toEqual(["op c0:Dense=1500"]);
    const table = (ms: number) =>
      `layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms);\nc0;EXECUTED;MatMul;x;${ms};1;\nc0;EXECUTED;MatMul;x;8;1;\nTotal;;;;1;1;\n\n`;
    const profile = profileOf([50, 40, 30, 1, 3, 2].map(table).join(""));
    expect(profile).toMatchObject({ runs: 3, warmupDropped: 3 });
    expect(profile.entries.map(({ latency }) => [latency.count, latency.median])).toEqual([
      [3, 0.002],
      [3, 0.008],
    ]);
  });

  test("OpenVINO: a row that breaks off is left out", () => {
    const cut = TEXTS["ov-csv"].slice(0, TEXTS["ov-csv"].indexOf("0,250000;0,25"));
    expect(profileOf(cut).warnings).toContain("The file breaks off inside a row, which was left out.");
  });

  test("TensorFlow Lite: runs and whole time of the regular runs; tensors in names; tabs", () => {
    const profile = profileOf(TEXTS["tflite-op"]);
    expect(profile.runs).toBe(50);
    expect(profile.endToEnd?.median).toBeCloseTo(505.5e-6, 12);
    expect(profile.entries[0]?.outputs).toEqual(["m/conv/Relu;m/conv/Conv2D", "m/conv/Relu", "m/conv/Conv2D"]);
    const tabs = `Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Run Order ==============================
\t             [node type]\t  [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]
\t                 CONV_2D\t    0.000\t    4.322\t    4.254\t 10.7%\t 10.7%\t     0.000\t        1\t[x/y]:0
`;
    expect(drawn(read(tabs))).toEqual(["op x/y:Convolution=4254"]);
  });

  test("QNN: without a clock, refused", () => {
    const text = TEXTS["qnn-csv"]
      .split("\n")
      .filter((line) => !line.includes(",US,"))
      .join("\n");
    const result = readProfileText(text, "f");
    expect(result.ok ? "accepted" : result.error).toContain("in cycles without a clock");
  });

  test("SNPE: layers that are only numbered are named by the table of snpe-dlc-info, or tell the whole only", () => {
    const numbered = TEXTS["snpe-diag"].replace("c0:", "0:").replace("pool:", "1:");
    const file = (fileName: string, text: string) => ({
      fileName,
      format: null,
      reading: readProfileText(text, fileName),
    });
    const joined = joinCompanions([file("times", numbered), file("names", TEXTS["snpe-dlc-info"])]);
    expect(joined.map(({ reading }) => drawn(unwrap(reading)))).toEqual([
      ["op c0:=120", "op pool:=30"],
      ["layerNames"],
    ]);
    expect(joined.map(({ joinedTo }) => joinedTo)).toEqual([null, "times"]);
    const [alone] = joinCompanions([file("times", numbered)]);
    expect(alone === undefined ? [] : drawn(unwrap(alone.reading))).toEqual(["total whole inference:=200"]);
    const [bare] = joinCompanions([file("times", numbered.replace("Total Inference Time: 200 us", "SNPE"))]);
    expect(bare?.reading).toMatchObject({ ok: false, error: expect.stringContaining("numbers its 2 SNPE layers") });
  });

  test("exported times of TensorRT without their profile tell the whole only", () => {
    const [alone] = joinCompanions([
      { fileName: "times", format: null, reading: readProfileText(TEXTS["trt-times"], "times") },
    ]);
    expect(alone === undefined ? [] : drawn(unwrap(alone.reading))).toEqual(["total whole inference:=1500"]);
  });

  test("an ONNX Runtime trace without ops tells the whole only", () => {
    const run = (dur: number) => ({ cat: "Session", name: "model_run", dur, ts: 1, ph: "X", args: {} });
    const profile = profileOf(JSON.stringify([500, 100, 100, 20, 30, 40].map(run)));
    expect(drawn({ kind: "profile", profile })).toEqual(["total whole inference:=30"]);
    expect(profile).toMatchObject({ runs: 3, warmupDropped: 3, warnings: [expect.stringContaining("Only 3 runs")] });
  });

  test("ncnn: shapes in the order of ONNX; runs by repetition", () => {
    const profile = profileOf(TEXTS["ncnn-layers"].repeat(8));
    expect(profile).toMatchObject({ runs: 5, warmupDropped: 3 });
    expect(profile.entries.map(({ outputShape }) => outputShape)).toEqual([
      [1, 32, 112, 112],
      [1, 32, 56, 56],
      [1, 32, 56, 56],
      [1, 10],
    ]);
  });

  test("tegrastats: with and without mW", () => {
    expect(read(TEXTS.tegrastats)).toMatchObject({
      kind: "power",
      power: { samples: 2, rail: "POM_5V_IN", meanWatts: expect.closeTo(2.9, 9) },
    });
  });

  test("Model Explorer: no unit until it is given", () => {
    const reading = read(TEXTS["me-nodedata"]);
    expect(reading.kind).toBe("unitless");
    if (reading.kind !== "unitless") return;
    const profile = inUnit(reading.profile, "ms");
    expect(drawn({ kind: "profile", profile })).toEqual(["op t0:=4500", "op __proto__:=2000"]);
    const result = readProfile(TEXTS["me-nodedata"], "f");
    expect(result.ok ? "accepted" : result.error).toContain("f gives figures without a unit");
  });

  test("Model Explorer: what is written is read and matched again", () => {
    const graph = graphFromText("a Conv x $w -> __proto__\n b Relu __proto__ -> t1\n c Softmax t1 -> y");
    const seconds = Float64Array.of(0.25, 0, 0.001);
    const table: LatencyTable = {
      seconds,
      low: seconds,
      high: seconds,
      provenance: new Uint8Array(3),
      group: new Int32Array(3).fill(-1),
      origins: new Map(),
    };
    const reading = read(writeNodeData(graph, table, "pi, ms"));
    if (reading.kind !== "unitless") throw new Error("expected figures without a unit");
    const matched = unwrap(matchProfile(inUnit(reading.profile, "ms"), graph));
    expect(matched.groups.map(({ entry, ops }) => [matched.raw.entries[entry]?.latency.median, ops])).toEqual([
      [0.25, [0, 1]],
      [0.001, [2]],
    ]);
  });

  test.each([
    ["node,latency_us\na,5\n", "profile", 5],
    ["name\ttime (s)\na\t0.5\n", "profile", 5e5],
    ["layer,median µs\na,7\n", "profile", 7],
    ["Node;Latency [ms]\na;1.234,5\n", "profile", 1_234_500],
    ["op,latency\na,2\n", "unitless", 2e6],
  ])("CSV %j", (text, kind, microseconds) => {
    const reading = read(text);
    expect(reading.kind).toBe(kind);
    expect(drawn(reading)).toEqual([`op a:=${microseconds}`]);
  });
});

test.each([
  ["\u0080\u0003}q\u0000", "f is a Python pickle, which is a program and not data"],
  ["\ufffd\u0004\ufffd\u0012", "f is a Python pickle"],
  ['{"schemaVersion":1,"traceEvents":[{"name":"aten::conv2d"}]}', "f is a PyTorch trace"],
  ["model:\n  layers: 48\n  mem_MB: [26.8]\n  parameters_out: [3]\n", "f has a bad field: model.mem_MB is a list"],
  ["loop_count = 8\n", "f is no device profile that can be read here"],
  [
    "loop_count = 8\n  a  min =   46.5  max =   46.8  avg =   46.6\n  b  min =   4.5  max =   4.8  avg =   4.6\n",
    "f is a table of ncnn's benchncnn with 2 models",
  ],
  ["loop_count = 8\n  a  min = 0.0  max = 0.0  avg = 0.0\n", "f gives no average for a; expected a time above 0."],
  ["Inference timings in us: Inference (avg): 0\n", "f gives no average time of an inference"],
  ["| Id | Name |\n|    | c0   |\n", "f names no SNPE layer"],
  ["node,latency_ms\na,-1\n", 'f says that "a" takes -1; expected times of at least 0.'],
  ["node,latency_ms\n", "f holds no row with a name and a number"],
  ["node,latency_ms\na,nan\nb,\n", "f holds no row with a name and a number"],
  ['[{"count":3},{"name":"a","averageMs":nan}]', "f is a TensorRT profile without timed layers"],
  ['{"Layers":["a","b"],"Bindings":[]}', "f lists no layers with details"],
  ['{"Layers":[{"Name":"a"', "f is not valid JSON; expected a whole file"],
  ["layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms);\n", "without an executed layer"],
])("refuses %j", (text, sentence) => {
  const result = readProfileText(text, "f");
  expect(result.ok ? "accepted" : result.error).toContain(sentence);
});

const samples = new URL("../../../../../shared/profiles/", import.meta.url);
const isPresent = existsSync(samples);
if (!isPresent) console.log(`readers: samples skipped, ${samples.pathname} is absent`);

test.skipIf(!isPresent)("every sample is what it is, under the name unknown", () => {
  const found: Record<string, string> = {};
  for (const folder of ["ort", "tensorrt", "tflite", "openvino", "model-explorer", "pipeedge", "energy"]) {
    for (const file of readdirSync(new URL(`${folder}/`, samples))) {
      const reader = openProfile("unknown");
      reader.push(readFileSync(new URL(`${folder}/${file}`, samples), "utf8"));
      const result = reader.end();
      const { format } = reader;
      const size = result.ok && result.value.kind === "profile" ? ` ${result.value.profile.entries.length}` : "";
      found[`${folder}/${file}`] = `${format?.id ?? "none"} ${result.ok ? result.value.kind : "refused"}${size}`;
    }
  }
  console.log(`readers: ${Object.keys(found).length} samples read`);
  expect(found).toEqual({
    "ort/ort1.30-cpu_squeezenet_all_20runs.json": "ort-trace profile 40",
    "ort/ort1.30-cpu_squeezenet_basic_5runs.json": "ort-trace profile 65",
    "ort/ort1.30-cpu_squeezenet_disabled_2runs.json": "ort-trace profile 105",
    "ort/ort1.30-cpu_squeezenet_extended_5runs.json": "ort-trace profile 39",
    "ort/ortweb1.30-wasm-chromium_squeezenet_all_10runs.json": "ort-trace profile 39",
    "tensorrt/mobilenet.qat.onnx.engine.graph.json": "trt-layerinfo layers",
    "tensorrt/mobilenet.qat.onnx.engine.profile.json": "trt-profile profile 73",
    "tensorrt/mobilenet.qat.onnx.engine.profile.metadata.json": "trt-metadata device",
    "tensorrt/pytorch_resnet18_A100_fp16.graph.json": "trt-layerinfo layers",
    "tensorrt/pytorch_resnet18_A100_fp16.profile.json": "trt-profile profile 26",
    "tflite/benchmark_model_op_profiling.csv": "tflite-op profile 12",
    "openvino/benchmark_average_counters_report.constructed.csv": "ov-csv profile 3",
    "model-explorer/node_data_constructed.json": "me-nodedata unitless",
    "pipeedge/device_types.yml": "pipeedge chain",
    "pipeedge/devices.yml": "pipeedge chain",
    "pipeedge/models.yml": "pipeedge chain",
    "pipeedge/profiler_results.snippet.yml": "pipeedge refused",
    "pipeedge/schedule.yml": "pipeedge chain",
    "energy/tegrastats_samples.log": "tegrastats power",
  });
});
