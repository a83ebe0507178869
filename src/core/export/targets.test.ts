import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { withExternalData } from "../testing/external-data.ts";
import { ModelBuilder } from "../testing/model-builder.ts";
import { exportedBytes, type ModelExport, modelExport } from "../testing/model-exports.ts";
import { chainModel } from "../testing/models.ts";
import { autoDice } from "./autodice.ts";
import { exportRefusal, type FolderExporter } from "./exporter.ts";
import { EXPORTERS } from "./exporters.ts";
import { nnstreamer } from "./nnstreamer.ts";
import { layerAssignment, onnxruntimeLayers } from "./onnxruntime-layers.ts";
import { openvinoAffinity } from "./openvino-affinity.ts";
import { pipeEdge } from "./pipeedge.ts";
import { segmentFolder } from "./segment-folder.ts";
import { textFormatString, triton } from "./triton.ts";

const PYTHON = "/usr/bin/python3";

/** Whether Python has the modules; says so where it has not. */
function hasPython(...modules: readonly string[]): boolean {
  const there = spawnSync(PYTHON, ["-c", modules.map((name) => `import ${name}`).join("\n")]).status === 0;
  if (!there) console.log(`${PYTHON} with ${modules.join(", ")} is not there: its reading of exports is not tested`);
  return there;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Writes an export to disk; gives the folder. */
async function onDisk(exporter: FolderExporter, { subject, sources }: ModelExport): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "splitscope-export-"));
  folders.push(folder);
  for (const [path, bytes] of await written(exporter, { subject, sources })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const written = (exporter: FolderExporter, { subject, sources }: ModelExport) =>
  exportedBytes(unwrap(exporter.files(subject, sources)), sha256);

async function textOf(exporter: FolderExporter, made: ModelExport, path: string): Promise<string> {
  const bytes = (await written(exporter, made)).get(path);
  return bytes === undefined ? `no file ${path}` : new TextDecoder().decode(bytes);
}

function refusal(exporter: FolderExporter, { subject, sources }: ModelExport): string {
  const files = exporter.files(subject, sources);
  return files.ok ? "" : files.error;
}

/** x -> a -> b -> y; y reads a too, and the second stage's constant is a node. Names with a slash. */
function skipNet(): Uint8Array {
  const net = new ModelBuilder({ name: "skip" });
  const x = net.input("x", "float", [1, 6]);
  const a = net.node("Relu", [x], { name: "first", outputs: ["net/a"] });
  const weight = net.node("Neg", [net.vector("w", [1, 6], 0, 1)], { name: "minus", outputs: ["net/w"] });
  const b = net.node("Mul", [a, weight], { name: "second", outputs: ["net/b"] });
  return net.output(net.node("Add", [b, a], { name: "third", outputs: ["y"] }), "float", [1, 6]).bytes();
}

/** Pi, Jetson, server; one op each. */
const skip = () => modelExport(skipNet(), [0, 1, 2], [0, 1, 2]);
/** The Pi passes the input on; two stages in a row on the Jetson. */
const gap = () => modelExport(skipNet(), [0, 1, 1], [1, 1, 2]);

/** A chain: two ops, three, one. */
const chain = () => modelExport(chainModel(6), [0, 1, 2], [0, 0, 1, 1, 1, 2]);

describe("every target", () => {
  for (const exporter of EXPORTERS) {
    test(`${exporter.id} says how to run it and what it leaves out`, () => {
      const { subject } = skip();
      expect(exporter.howToRun(subject).length).toBeGreaterThan(60);
      expect(exporter.howToRun(subject)).not.toMatch(/undefined|\$\{/);
      for (const sentence of exporter.limits(subject)) expect(sentence).toMatch(/^[A-Z].*\.$/);
    });
    if (exporter.kind === "folder") {
      test(`${exporter.id} writes paths that stay in their folder, each once`, async () => {
        const paths = [...(await written(exporter, exporter === pipeEdge ? chain() : skip())).keys()];
        expect(new Set(paths).size).toBe(paths.length);
        for (const path of paths) expect(path).toMatch(/^(?!.*(^|\/)\.\.?(\/|$))[\w.-]+(\/[\w.-]+)*$/);
      });
    }
  }

  test("those whose stages relay say what becomes of a plan that sends direct", () => {
    const { subject } = skip();
    const direct = { ...subject, problem: { ...subject.problem, delivery: "direct" as const } };
    for (const exporter of [segmentFolder, nnstreamer]) {
      expect(exporter.limits(direct)).toHaveLength(exporter.limits(subject).length + 1);
      expect(exporter.limits(direct).at(-1)).toMatch(/ relays: a tensor that a later device reads goes through /);
    }
  });

  test("ids and endings are their own", () => {
    expect(new Set(EXPORTERS.map(({ id }) => id)).size).toBe(EXPORTERS.length);
    expect(new Set(EXPORTERS.map(({ suffix }) => suffix)).size).toBe(EXPORTERS.length);
  });
});

describe("segments", () => {
  test("external data goes with each segment; two files of one path are refused", async () => {
    const { model, data } = withExternalData(chainModel(8), "manifest.json");
    const others = [
      { name: "manifest.json", size: data.length, read: (at: number, n: number) => data.subarray(at, at + n) },
    ];
    const made = modelExport(model, [0, 1], [0, 0, 0, 0, 1, 1, 1, 1], { others });
    expect(refusal(segmentFolder, made)).toBe('Two files of the export would be called "manifest.json".');
    expect([...(await written(triton, made)).keys()]).toContain("models-jetson-nano/net_stage1/1/manifest.json");
    expect(refusal(triton, { ...made, sources: { ...made.sources, others: [] } })).toContain("open that file together");
  });
});

const DOUBLE_QUOTE = '"';

describe("Triton", () => {
  test("a repository per device", async () => {
    expect([...(await written(triton, skip())).keys()]).toEqual([
      "models-raspberry-pi-4/net_stage0/config.pbtxt",
      "models-raspberry-pi-4/net_stage0/1/model.onnx",
      "models-jetson-nano/net_stage1/config.pbtxt",
      "models-jetson-nano/net_stage1/1/model.onnx",
      "models-gpu-server/net_stage2/config.pbtxt",
      "models-gpu-server/net_stage2/1/model.onnx",
      "client.py",
      "pipeline.json",
      "README.md",
    ]);
    expect(await textOf(triton, skip(), "models-gpu-server/net_stage2/config.pbtxt")).toBe(`name: "net_stage2"
backend: "onnxruntime"
default_model_filename: "model.onnx"
max_batch_size: 0
version_policy { specific { versions: [ 1 ] } }
input [
  { name: "net/a" data_type: TYPE_FP32 dims: [ 1, 6 ] },
  { name: "net/b" data_type: TYPE_FP32 dims: [ 1, 6 ] }
]
output [
  { name: "y" data_type: TYPE_FP32 dims: [ 1, 6 ] }
]
`);
  });

  test("stages that follow each other on one device are an ensemble", async () => {
    const paths = [...(await written(triton, gap())).keys()];
    expect(paths).toContain("models-jetson-nano/net_stages1to2/config.pbtxt");
    expect(paths).toContain("models-jetson-nano/net_stages1to2/1/.keep");
    expect(await textOf(triton, gap(), "models-jetson-nano/net_stages1to2/config.pbtxt")).toBe(`name: "net_stages1to2"
platform: "ensemble"
max_batch_size: 0
version_policy { specific { versions: [ 1 ] } }
input [
  { name: "x" data_type: TYPE_FP32 dims: [ 1, 6 ] }
]
output [
  { name: "y" data_type: TYPE_FP32 dims: [ 1, 6 ] }
]
ensemble_scheduling {
  step [
    {
      model_name: "net_stage1"
      model_version: -1
      input_map { key: "x" value: "x" }
      output_map { key: "net/a" value: "net/a" }
      output_map { key: "net/b" value: "net/b" }
    },
    {
      model_name: "net_stage2"
      model_version: -1
      input_map { key: "net/a" value: "net/a" }
      input_map { key: "net/b" value: "net/b" }
      output_map { key: "y" value: "y" }
    }
  ]
}
`);
    const { steps } = JSON.parse(await textOf(triton, gap(), "pipeline.json"));
    expect(steps).toMatchObject([{ device: "jetson-nano", model: "net_stages1to2", stages: [1, 2] }]);
    expect(triton.limits(gap().subject).join(" ")).toContain('stage, on device "raspberry-pi-4", holds no op');
  });

  test("a scalar is a vector that is reshaped; names are quoted", async () => {
    const net = new ModelBuilder({ name: "sum" });
    const sum = net.node("ReduceSum", [net.input("x", "float", [4])], {
      name: "sum",
      outputs: ['s"\\'],
      attributes: { keepdims: 0 },
    });
    net.output(net.node("Neg", [sum], { name: "minus", outputs: ["y"] }), "float", []);
    const made = modelExport(net.bytes(), [0, 1], [0, 1]);
    expect(await textOf(triton, made, "models-raspberry-pi-4/net_stage0/config.pbtxt")).toContain(
      `{ name: "s\\${DOUBLE_QUOTE}\\\\" data_type: TYPE_FP32 dims: [ 1 ] reshape { shape: [ ] } }`,
    );
    expect(textFormatString("a\nb")).toBe('"a\\012b"');
  });

  test("says which sizes of open dimensions its configuration states", () => {
    const { subject } = skip();
    const limits = (sizes: Readonly<Record<string, number>>) =>
      triton.limits({ ...subject, model: { ...subject.model, bindings: new Map(Object.entries(sizes)) } }).join(" ");
    expect(limits({ batch: 1, seq: 128 })).toContain("fixed at the sizes of the plan: batch = 1, seq = 128.");
    expect(limits({})).not.toContain("open");
  });

  test("refuses a tensor of unknown rank", () => {
    const net = new ModelBuilder({ name: "open" });
    net.output(net.node("Relu", [net.input("x", "float", null)], { name: "relu", outputs: ["y"] }));
    const made = modelExport(net.bytes(), [0], [0]);
    expect(refusal(triton, made)).toContain('dimensions of tensor "x" is not known');
    expect(exportRefusal(triton, made.subject)).toBe(refusal(triton, made));
  });

  test.skipIf(!hasPython("google.protobuf.text_format"))("protobuf's own reader takes the configurations", async () => {
    // The fields of Triton's published model_config.proto that are written here.
    const reader = `
import sys
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
F = descriptor_pb2.FieldDescriptorProto
file = descriptor_pb2.FileDescriptorProto(name="c.proto", package="inference", syntax="proto3")
kinds = file.enum_type.add(name="DataType")
for number, name in enumerate("INVALID BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 FP32 FP64 STRING BF16".split()):
    kinds.value.add(name="TYPE_" + name, number=number)
def message(name, *fields):
    made = file.message_type.add(name=name)
    for number, (field, kind, many) in enumerate(fields, 1):
        label = F.LABEL_REPEATED if many else F.LABEL_OPTIONAL
        if isinstance(kind, int): made.field.add(name=field, number=number, label=label, type=kind)
        else: made.field.add(name=field, number=number, label=label, type=F.TYPE_ENUM if kind == "DataType" else F.TYPE_MESSAGE, type_name=".inference." + kind)
    return made
message("Reshape", ("shape", F.TYPE_INT64, True))
message("Specific", ("versions", F.TYPE_INT64, True))
message("Policy", ("specific", "Specific", False))
message("Tensor", ("name", F.TYPE_STRING, False), ("data_type", "DataType", False), ("dims", F.TYPE_INT64, True), ("reshape", "Reshape", False))
step = message("Step", ("model_name", F.TYPE_STRING, False), ("model_version", F.TYPE_INT64, False), ("input_map", "Step.InputMapEntry", True), ("output_map", "Step.OutputMapEntry", True))
for entry in ("InputMapEntry", "OutputMapEntry"):
    nested = step.nested_type.add(name=entry)
    nested.options.map_entry = True
    for number, field in enumerate(("key", "value"), 1): nested.field.add(name=field, number=number, label=F.LABEL_OPTIONAL, type=F.TYPE_STRING)
message("Ensemble", ("step", "Step", True))
message("ModelConfig", ("name", F.TYPE_STRING, False), ("platform", F.TYPE_STRING, False), ("backend", F.TYPE_STRING, False), ("default_model_filename", F.TYPE_STRING, False), ("max_batch_size", F.TYPE_INT32, False), ("version_policy", "Policy", False), ("input", "Tensor", True), ("output", "Tensor", True), ("ensemble_scheduling", "Ensemble", False))
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
get = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
Config = get(pool.FindMessageTypeByName("inference.ModelConfig"))
for path in sys.argv[1:]:
    config = text_format.Parse(open(path, encoding="utf-8").read(), Config())
    print(config.name, [t.name for t in config.input], [list(t.dims) for t in config.output], len(config.ensemble_scheduling.step))
`;
    const folder = await onDisk(triton, gap());
    const models = ["net_stage1", "net_stages1to2"].map((name) =>
      join(folder, "models-jetson-nano", name, "config.pbtxt"),
    );
    expect(execFileSync(PYTHON, ["-c", reader, ...models], { encoding: "utf8" })).toBe(
      "net_stage1 ['x'] [[1, 6], [1, 6]] 0\nnet_stages1to2 ['x'] [[1, 6]] 2\n",
    );
  });

  test("sends what a plan encodes as the segments encode it", async () => {
    const made = modelExport(skipNet(), [0, 1, 2], [0, 1, 2], {
      encoding: { input: "as-stored", cut: "f16", inputBytesOverride: null },
    });
    expect(await textOf(triton, made, "models-raspberry-pi-4/net_stage0/config.pbtxt")).toContain("TYPE_FP16");
  });
});

describe("ONNX Runtime's layers", () => {
  test("stages by processor", () => {
    expect(layerAssignment(skip().subject)).toBe("cpu(=stage0); gpu(=stage1, =stage2)");
    expect(onnxruntimeLayers.limits(skip().subject)).toEqual([
      expect.stringContaining("ONNX Runtime runs on one machine"),
      expect.stringContaining('"raspberry-pi-4" is taken for its "cpu"'),
      expect.stringContaining('Devices "jetson-nano" and "gpu-server" are both taken for its "gpu"'),
      expect.stringContaining("is a wish"),
    ]);
  });

  test.skipIf(!hasPython("onnx"))("python-onnx finds each op's stage, and the model as it was", async () => {
    const folder = await onDisk(onnxruntimeLayers, skip());
    writeFileSync(join(folder, "original.onnx"), skipNet());
    // This onnx may be older than the field: then its bytes are read as they stand.
    const reader = `
import onnx, sys
folder = sys.argv[1]
model, original = (onnx.load(folder + "/" + name) for name in ("net.layers.onnx", "original.onnx"))
onnx.checker.check_model(model)
for node in model.graph.node:
    print(node.name, node.SerializeToString().count(b"layer_ann"), [stage for stage in range(3) if b"stage%d" % stage in node.SerializeToString()])
same = all(list(a.input) == list(b.input) and a.op_type == b.op_type for a, b in zip(model.graph.node, original.graph.node))
print(same, [t.SerializeToString() for t in model.graph.initializer] == [t.SerializeToString() for t in original.graph.initializer])
`;
    expect(execFileSync(PYTHON, ["-c", reader, folder], { encoding: "utf8" })).toBe(
      "first 1 [0]\nminus 0 []\nsecond 1 [1]\nthird 1 [2]\nTrue True\n",
    );
  });
});

describe("OpenVINO", () => {
  test("a script with every op, its tensors and its device", () => {
    const script = openvinoAffinity.kind === "file" ? openvinoAffinity.write(skip().subject) : "";
    expect(script).toContain('    "raspberry-pi-4": "CPU",\n    "jetson-nano": "GPU",\n');
    expect(script).toContain('    ("second", ["net/b"], "jetson-nano"),\n');
  });

  test.skipIf(!hasPython("ast"))("sets affinities of all operations, of weights and results too", () => {
    const folder = mkdtempSync(join(tmpdir(), "splitscope-openvino-"));
    folders.push(folder);
    writeFileSync(join(folder, "affinity.py"), openvinoAffinity.write(skip().subject));
    // A stand-in for the package with operations as OpenVINO makes them of this model: it has no Debian package.
    writeFileSync(join(folder, "openvino.py"), "Core = None\n");
    const check = `
import sys
sys.path.insert(0, sys.argv[1])
import affinity
class Output:
    def __init__(self, names, node): self.names, self.node, self.targets = names, node, []
    def get_names(self): return self.names
    def get_node(self): return self.node
    def get_target_inputs(self): return self.targets
class Input:
    def __init__(self, node): self.node = node
    def get_node(self): return self.node
class Op:
    def __init__(self, name, tensors, *sources):
        self.name, self.info, self.sources = name, {}, [s.out for s in sources]
        self.out = Output(tensors, self)
        for s in sources: s.out.targets.append(Input(self))
    def get_friendly_name(self): return self.name
    def outputs(self): return [self.out]
    def input_values(self): return self.sources
    def get_rt_info(self): return self.info
x = Op("x", {"x"}); first = Op("first", {"net/a"}, x); w = Op("Constant_7", set())
second = Op("Multiply_9", {"net/b"}, first, w); third = Op("third", {"y"}, second, first); result = Op("y/sink", set(), third)
class Model:
    def get_ordered_ops(self): return [x, first, w, second, third, result]
print(affinity.set_affinities(Model()), [op.info.get("affinity") for op in Model().get_ordered_ops()])
`;
    expect(execFileSync(PYTHON, ["-c", check, folder], { encoding: "utf8" })).toBe(
      "3 ['CPU', 'CPU', 'GPU', 'GPU', 'GPU', 'GPU']\n",
    );
  });
});

describe("AutoDiCE", () => {
  test("every node in one list, by its first output, constants where they are read", async () => {
    expect(JSON.parse(await textOf(autoDice, skip(), "mapping.json"))).toEqual({
      "raspberry-pi-4_cpu0123": ["net_a"],
      "jetson-nano_gpu": ["net_w", "net_b"],
      "gpu-server_gpu": ["y"],
    });
    expect(JSON.parse(await textOf(autoDice, gap(), "mapping.json"))).toEqual({
      "jetson-nano_gpu": ["net_a", "net_w", "net_b"],
      "jetson-nano_gpu1": ["y"],
    });
  });

  test("says which tensors it cannot send", () => {
    const net = new ModelBuilder({ name: "ids" });
    const ids = net.node("ArgMax", [net.input("x", "float", [2, 4])], { name: "best", outputs: ["ids"] });
    net.output(net.node("Cast", [ids], { name: "cast", outputs: ["y"], attributes: { to: 1 } }), "float", [1, 4]);
    const limits = autoDice.limits(modelExport(net.bytes(), [0, 1], [0, 1]).subject);
    expect(limits).toContainEqual('AutoDiCE sends floats only; tensor "ids" is int64.');
  });
});

describe("PipeEdge", () => {
  test("a partition by layers, and a schedule", async () => {
    expect(await textOf(pipeEdge, chain(), "partition.txt")).toBe("1,2,3,5,6,6\n");
    expect(await textOf(pipeEdge, chain(), "schedule.yml")).toBe(
      '- "raspberry-pi-4": [1, 2]\n- "jetson-nano": [3, 5]\n- "gpu-server": [6, 6]\n',
    );
    expect(await textOf(pipeEdge, chain(), "devices.yml")).toContain('"jetson-nano":\n- "jetson-nano"\n');
  });

  test("refuses, and says before, what parts within a layer", () => {
    const sentence =
      'Stages 2 and 3 of the plan part within layer 2, at op "third"; a chain can be cut only at one tensor that every path crosses.';
    expect(refusal(pipeEdge, skip())).toBe(sentence);
    expect(exportRefusal(pipeEdge, skip().subject)).toBe(sentence);
    expect(exportRefusal(pipeEdge, chain().subject)).toBeNull();
  });

  test.skipIf(!hasPython("yaml"))("a YAML reader takes the files, with a figure for each layer", async () => {
    const folder = await onDisk(pipeEdge, chain());
    const reader = `
import sys, yaml
read = lambda name: yaml.safe_load(open(sys.argv[1] + "/" + name))
model = read("models.yml")["net"]
print(model["layers"], len(model["mem_MB"]), model["parameters_in"], model["parameters_out"])
for name, kind in read("device_types.yml").items():
    times = kind["model_profiles"]["net"][0]["time_s"]
    print(name, len(times), sum(times) > 0 and all(isinstance(t, (int, float)) for t in times), isinstance(kind["mem_MB"], (int, float)), kind["bw_Mbps"] > 0)
print(read("devices.yml"), read("schedule.yml")[1])
`;
    const lines = execFileSync(PYTHON, ["-c", reader, folder], { encoding: "utf8" }).split("\n");
    // By hand: the input of [1, 2, 6, 6]; layers make 2, 2, 3, 3, 4 and 4 channels of 36.
    expect(lines[0]).toBe("6 6 72 [72, 72, 108, 108, 144, 144]");
    expect(lines.slice(1, 4)).toEqual(
      ["raspberry-pi-4", "jetson-nano", "gpu-server"].map((id) => `${id} 6 True True True`),
    );
    expect(lines[4]).toContain("{'jetson-nano': [3, 5]}");
  });
});

describe("NNStreamer", () => {
  test("a script per device: frames arrive, are relayed and sent on", async () => {
    expect([...(await written(nnstreamer, skip())).keys()]).toEqual([
      "raspberry-pi-4/run.sh",
      "raspberry-pi-4/stage0.onnx",
      "jetson-nano/run.sh",
      "jetson-nano/stage1.onnx",
      "gpu-server/run.sh",
      "gpu-server/stage2.onnx",
      "README.md",
    ]);
    expect(await textOf(nnstreamer, skip(), "jetson-nano/run.sh")).toBe(`#!/bin/sh
# The pipelines of device "jetson-nano". Addresses, and the files of frames, can be given as variables.
set -e
cd "$(dirname "$0")"
: "\${HOST_RASPBERRY_PI_4:=raspberry-pi-4}"
: "\${HOST_GPU_SERVER:=gpu-server}"
: "\${OUTPUT:=output.raw}"
exec gst-launch-1.0 -e \\
  edgesrc dest-host="$HOST_RASPBERRY_PI_4" dest-port=3000 connect-type=TCP ! 'other/tensors,format=static,num_tensors=1,dimensions=6:1,types=float32,framerate=0/1' ! \\
    queue ! \\
    tensor_filter framework=onnxruntime model=stage1.onnx input-combination=0 output-combination=i0,o0 ! \\
    queue ! \\
    edgesink host=0.0.0.0 port=3001 connect-type=TCP wait-connection=true
`);
    expect(await textOf(nnstreamer, skip(), "raspberry-pi-4/run.sh")).toContain(
      'filesrc location="$INPUT_0" blocksize=24 ! application/octet-stream ! tensor_converter input-dim=6:1 input-type=float32',
    );
    expect(await textOf(nnstreamer, skip(), "gpu-server/run.sh")).toContain('filesink location="$OUTPUT"');
  });

  test("an empty first stage passes frames on; results travel to the sink", async () => {
    const pi = await textOf(nnstreamer, gap(), "raspberry-pi-4/run.sh");
    expect(pi).not.toContain("tensor_filter");
    expect(pi).toContain("edgesink host=0.0.0.0 port=3000");
    expect((await textOf(nnstreamer, gap(), "jetson-nano/run.sh")).match(/tensor_filter/g)).toHaveLength(2);
    expect(await textOf(nnstreamer, gap(), "gpu-server/run.sh")).toContain(
      'edgesrc dest-host="$HOST_JETSON_NANO" dest-port=3002',
    );
  });

  test("scripts are what a shell reads", async () => {
    const folder = await onDisk(nnstreamer, skip());
    for (const device of ["raspberry-pi-4", "jetson-nano", "gpu-server"]) {
      expect(spawnSync("sh", ["-n", join(folder, device, "run.sh")]).status).toBe(0);
    }
  });

  test("refuses truth values, between stages too, and says it before", () => {
    const net = new ModelBuilder({ name: "truth" });
    const mask = net.node("Cast", [net.input("x", "float", [2])], { outputs: ["m"], attributes: { to: 9 } });
    net.output(net.node("Cast", [mask], { outputs: ["y"], attributes: { to: 1 } }), "float", [2]);
    const sentence = 'NNStreamer has no type for tensor "m" of element type bool.';
    const split = modelExport(net.bytes(), [0, 1], [0, 1]);
    expect(refusal(nnstreamer, split)).toBe(sentence);
    expect(exportRefusal(nnstreamer, split.subject)).toBe(sentence);
    const whole = modelExport(net.bytes(), [0], [0, 0]);
    expect(refusal(nnstreamer, whole)).toBe("");
    expect(exportRefusal(nnstreamer, whole.subject)).toBeNull();
  });

  test("refuses more tensors in one frame than it passes on, and says it before", () => {
    const net = new ModelBuilder({ name: "crowd" });
    const names = Array.from({ length: 17 }, (_, i) => `t${i}`);
    const [first = ""] = names;
    net.node("Split", [net.input("x", "float", [17])], { outputs: names, attributes: { axis: 0 } });
    const sum = net.node("Sum", [first, ...names.slice(1)], { outputs: ["y"] });
    const made = modelExport(net.output(sum, "float", [1]).bytes(), [0, 1], [0, 1]);
    const sentence = "Stage 2 of the plan takes 17 tensors; NNStreamer's frames hold at most 16.";
    expect(refusal(nnstreamer, made)).toBe(sentence);
    expect(exportRefusal(nnstreamer, made.subject)).toBe(sentence);
  });
});

test.skipIf(!hasPython("py_compile"))("all programs in Python compile", async () => {
  const programs = (
    await Promise.all([triton, autoDice, onnxruntimeLayers].map((exporter) => onDisk(exporter, skip())))
  ).flatMap((folder) => ["client.py", "split.py", "run.py"].map((name) => join(folder, name)));
  const there = programs.filter((path) => spawnSync("test", ["-f", path]).status === 0);
  expect(there).toHaveLength(3);
  for (const path of there) {
    expect(
      spawnSync(PYTHON, ["-c", `compile(open(${JSON.stringify(path)}).read(), "x", "exec")`], { encoding: "utf8" })
        .stderr,
    ).toBe("");
  }
});
