import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { err, unwrap } from "../../result.ts";
import { solve } from "../../solve/solve.ts";
import { schemaViolations } from "../../testing/json-schema.ts";
import { PIPE_EDGE_MODELS } from "../../testing/pipe-edge.ts";
import { parseProblem, problemContent } from "../abstract-problem.ts";
import { looksLikePipeEdge, readPipeEdge } from "./pipe-edge.ts";
import { pipeEdgeChains, pipeEdgeProblem } from "./pipe-edge-problem.ts";

const MODELS = `tiny:
  layers: 3
  mem_MB: [1, 2, 4]
  parameters_in: 10
  parameters_out: [20, 30, 5]
`;
const TYPES = `slow:
  bw_Mbps: 8
  mem_MB: 16
  model_profiles:
    tiny:
    - {batch_size: 2, dtype: torch.float32, time_s: [1, 2, 3]}
fast:
  bw_Mbps: 80
  mem_MB: 0
  model_profiles:
    tiny:
    - batch_size: 2
      dtype: torch.float32
      time_s:
      - 0.1
      - 0.2
      - 0.3
never: {bw_Mbps: 0, mem_MB: 0, model_profiles: }
`;
const DEVICES = "slow: [s0, s1]\nfast:\n- f0\nnever: []\n";
const RESULTS = `batch_size: 2
dtype: torch.float32
layers: 2
model_name: tiny
profile_data:
- {layer: 1, memory: 1.5, shape_in: [[3, 4]], shape_out: [[5], [2, 2]], time: 0.25}
- {layer: 2, memory: -0.5, shape_in: [[5], [2, 2]], shape_out: [[7]], time: 0.5}
`;

const read = (...texts: readonly string[]) => texts.map((text, i) => unwrap(readPipeEdge(text, `f${i}.yml`)));

describe("PipeEdge files", () => {
  test("are told apart by content", () => {
    const kinds = read(MODELS, TYPES, DEVICES, "- s0: [1, 2]\n- f0: [3, 3]\n", RESULTS).map(({ kind }) => kind);
    expect(kinds).toEqual(["models", "deviceTypes", "devices", "schedule", "results"]);
    expect([MODELS, TYPES, RESULTS].map(looksLikePipeEdge)).toEqual([true, true, true]);
    expect([DEVICES, "", '{"layers": [], "parameters_out": 1}', "node,latency_ms\na,1\n"].some(looksLikePipeEdge)).toBe(
      false,
    );
  });

  test("line ends of Windows and a byte-order mark change nothing", () => {
    const windows = (text: string) => `\ufeff${text.replaceAll("\n", "\r\n")}`;
    expect(read(windows(MODELS), windows(TYPES), windows(DEVICES))).toEqual(read(MODELS, TYPES, DEVICES));
  });

  test("become a chain of microbatches over hosts joined as fast as the slower one", () => {
    const { problem, warnings } = unwrap(pipeEdgeProblem(read(MODELS, TYPES, DEVICES)));
    expect(warnings).toEqual([]);
    expect(problem.devices).toEqual([
      { id: "s0", memoryBytes: 16 * 1024 ** 2, stageOverheadSeconds: 0 },
      { id: "s1", memoryBytes: 16 * 1024 ** 2, stageOverheadSeconds: 0 },
      { id: "f0", memoryBytes: null, stageOverheadSeconds: 0 },
    ]);
    expect(problem.links).toHaveLength(6);
    expect(new Set(problem.links.map(({ bytesPerSecond }) => bytesPerSecond))).toEqual(new Set([1024 ** 2]));
    expect(problem.ops).toEqual([
      { id: "layer 1", seconds: [1, 1, 0.1], weightBytes: 1024 ** 2 },
      { id: "layer 2", seconds: [2, 2, 0.2], weightBytes: 2 * 1024 ** 2 },
      { id: "layer 3", seconds: [3, 3, 0.3], weightBytes: 4 * 1024 ** 2 },
    ]);
    expect(problem.tensors.map(({ bytes }) => bytes)).toEqual([80, 160, 240, 40]);
    expect(problem.tensors.map(({ output }) => output)).toEqual([false, false, false, true]);
    const schema = JSON.parse(readFileSync("public/schema/splitscope-problem.schema.json", "utf8"));
    expect(schemaViolations(schema, problemContent(problem))).toEqual([]);
    expect(unwrap(parseProblem(problemContent(problem))).opNames).toEqual(["layer 1", "layer 2", "layer 3"]);
  });

  test("the profiler's results describe a model too", () => {
    const types = TYPES.replaceAll(/\[1, 2, 3\]/g, "[1, 2]").replace("      - 0.3\n", "");
    const { problem } = unwrap(pipeEdgeProblem(read(RESULTS, types, DEVICES)));
    expect(problem.tensors.map(({ bytes }) => bytes)).toEqual([96, 72, 56]);
    expect(problem.ops.map(({ weightBytes }) => weightBytes)).toEqual([1.5 * 1024 ** 2, 0]);
  });

  test("a block's sizes are repeated over the layers, as the scheduler does", () => {
    const [models] = read(MODELS.replace("[20, 30, 5]", "[20, 30]"));
    expect(models).toMatchObject({ models: [{ elementsOut: [20, 30, 20] }] });
  });

  test("without a list of hosts, one of each type is taken, and it is said", () => {
    const { problem, warnings } = unwrap(pipeEdgeProblem(read(MODELS, TYPES)));
    expect(problem.devices.map(({ id }) => id)).toEqual(["slow", "fast"]);
    expect(warnings).toEqual([
      "No devices.yml: one host is taken of each type of device.",
      "Device type never has no times of tiny (torch.float32, microbatches of 2); it is left out.",
    ]);
  });

  test("hosts of a type that is not described are left out, and it is said", () => {
    const { problem, warnings } = unwrap(pipeEdgeProblem(read(MODELS, TYPES, "slow: [s0]\nother: [o0, o1]\n")));
    expect(problem.devices.map(({ id }) => id)).toEqual(["s0"]);
    expect(warnings).toEqual(["Device type other with 2 hosts is not described by device_types.yml; it is left out."]);
  });

  test("of several chains one is chosen by what tells them apart", () => {
    const types = `${TYPES}more:\n  bw_Mbps: 1\n  mem_MB: 1\n  model_profiles:\n    tiny: [{batch_size: 4, dtype: torch.float32, time_s: [4, 4, 4]}]\n`;
    const files = read(MODELS, types);
    expect(pipeEdgeChains(files).map(({ batchSize }) => batchSize)).toEqual([2, 4]);
    expect(pipeEdgeProblem(files)).toEqual(
      err(
        "The PipeEdge files hold several chains; choose one of: tiny (torch.float32, microbatches of 2); tiny (torch.float32, microbatches of 4).",
      ),
    );
    const { problem } = unwrap(pipeEdgeProblem(files, { batchSize: 4 }));
    expect(problem.devices.map(({ id }) => id)).toEqual(["more"]);
    expect(problem.tensors.map(({ bytes }) => bytes)).toEqual([160, 320, 480, 80]);
  });

  test.each<readonly [string, readonly string[], string]>([
    ["no models", [TYPES, DEVICES], "The PipeEdge files describe no model; expected a models.yml among them."],
    ["no types", [MODELS, DEVICES], "describe no type of device; expected a device_types.yml among them."],
    [
      "no common model",
      [MODELS.replace("tiny", "small"), TYPES],
      "hold no times of the models; expected model_profiles",
    ],
    [
      "no fitting host",
      [MODELS, TYPES, "other: [o0]\n"],
      "No host has times of tiny (torch.float32, microbatches of 2)",
    ],
    ["times too few", [MODELS, TYPES.replace("[1, 2, 3]", "[1, 2]"), DEVICES], "slow has 2 times of tiny; expected 3"],
    ["unknown numbers", [MODELS, TYPES.replaceAll("float32", "complex64"), DEVICES], "was profiled in torch.complex64"],
  ])("together refused: %s", (_, texts, sentence) => {
    const result = pipeEdgeProblem(read(...texts));
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
  });

  test.each<readonly [string, string, string]>([
    ["empty", " \n", "f.yml is empty; expected YAML."],
    ["not YAML", "a: [1, 2\nb: 3", "f.yml is not valid YAML (line 2: "],
    ["nothing but commas", `[${",".repeat(200_000)}]`, "f.yml is not valid YAML (line 1: a value is missing)."],
    ["nothing but brackets", `a:\n${"[]".repeat(100_000)}`, "f.yml is not valid YAML (line 2: a value is missing)."],
    ["nothing but anchors", "&a ".repeat(80_000), "f.yml has 80000 anchors, aliases and tags; expected at most 200."],
    ["too long", "a: b\n".repeat(60_000), "f.yml has 300000 characters; expected at most 262144 of YAML."],
    ["duplicate names", MODELS + MODELS, 'f.yml has the key "tiny" twice in one map'],
    ["truncated", TYPES.slice(0, 150), "f.yml "],
    [
      "a control character",
      MODELS.replace("tiny", "ti\u001fny"),
      "f.yml has the control character \\x1f at 2; expected",
    ],
    ["two documents", `${MODELS}---\n${TYPES}`, "f.yml is not valid YAML ("],
    ["a foreign file", "services:\n  web:\n    image: x\n", "f.yml is no file of PipeEdge; expected the content of"],
    ["a text", "just words", "f.yml is no file of PipeEdge; expected"],
    ["nan", MODELS.replace("[1, 2, 4]", "[1, .nan, 4]"), "tiny.mem_MB[1] is NaN; expected a number of at least 0."],
    ["decimal commas", MODELS.replace("[1, 2, 4]", '["1,5", 2, 4]'), 'tiny.mem_MB[0] is "1,5"; expected a number'],
    [
      "too few sizes",
      MODELS.replace("[1, 2, 4]", "[1, 2]"),
      "tiny.mem_MB is a list; expected 3 numbers, one per layer",
    ],
    [
      "too many layers",
      MODELS.replace("layers: 3", "layers: 1000000000"),
      "tiny.layers is 1000000000; expected a whole",
    ],
    ["a negative time", TYPES.replace("[1, 2, 3]", "[1, -2, 3]"), "time_s[1] is -2; expected a number of at least 0."],
    ["a wrong layer count", RESULTS.replace("layers: 2", "layers: 3"), "profile_data is a list; expected 3 entries"],
    ["a bad shape", RESULTS.replace("[[7]]", "[7]"), "shape_out is a list; expected a list of shapes"],
    ["nesting", "[".repeat(100_000), "f.yml is not valid YAML here: it is nested more than 60 levels deep."],
    ["many aliases", `a: &a [${"x,".repeat(90)}x]\n${bombs()}`, "f.yml is not valid YAML ("],
  ])("refused: %s", (_, text, sentence) => {
    const result = readPipeEdge(text, "f.yml");
    expect(result.ok ? "accepted" : result.error).toContain(sentence);
    if (!result.ok) expect(result.error).not.toMatch(/\p{Cc}/u);
  });
});

/** Lists of ten aliases of the list before: 90 * 10^9 texts if they were written out. */
function bombs(): string {
  return [..."bcdefghij"].map((name, i) => `${name}: &${name} [${`*${"abcdefghi"[i]},`.repeat(10)}]`).join("\n");
}

const FOLDER = "../shared/bench/pipeedge";
describe.skipIf(!existsSync(FOLDER))(`published profiles (${FOLDER})`, () => {
  test.each(PIPE_EDGE_MODELS)("$model: the best period is $optimum s", ({ model, optimum }) => {
    const texts = ["models.yml", "device_types.yml", "devices.yml"].map((name) =>
      readFileSync(`${FOLDER}/${name}`, "utf8"),
    );
    const { problem } = unwrap(pipeEdgeProblem(read(...texts), { model }));
    expect([problem.devices.length, problem.links.length]).toEqual([8, 56]);
    const { value } = unwrap(solve(unwrap(parseProblem(problemContent(problem))).problem, { objective: "period" }));
    expect(value).toBeCloseTo(optimum, 4);
  });
});
