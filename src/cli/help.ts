import { MODEL_EXPORTERS } from "../core/export/exporters.ts";

const GENERAL = `splitscope: where to split a neural network across devices

  splitscope inspect MODEL           ops, tensors, work and one-tensor cuts of an ONNX model
  splitscope profile MODEL --out P   measures the model's ops on this machine
  splitscope plan MODEL              the best split over the devices of a rig, and how sure that is
  splitscope study MODEL --kind K    trade-offs, a map of the best splits, or how robust the best one is
  splitscope predict MODEL --plan P  the figures of a given plan, also of one made elsewhere
  splitscope verify MODEL --plan P   whether the plan's segments compute what the whole model computes
  splitscope export MODEL --plan P --format F --out DIR
                                     the plan as files that other programs run
  splitscope serve STAGE.onnx        answers requests for a stage (Open Inference Protocol)
  splitscope run MODEL --plan P      drives servers of the stages as a pipeline, and measures it
  splitscope import-problem FILE...  a placement problem of another program as a problem file

  splitscope COMMAND --help          the options of a command
  splitscope --version

With --json a command prints one JSON document and nothing else on standard output. Bad input ends with exit code 2 and
one sentence on standard error.
`;

const DIM = `  --dim NAME=N         size of a symbolic dimension, once for each; a batch dimension is 1 unless given
  --shape TENSOR=TYPE  type of a tensor that neither file nor op tells, as m=f32[1,64,56,56]; once for each
`;
const RIG = `  --rig FILE           devices and links (splitscope-rig.schema.json)
  --profile DEVICE=FILE  measured latencies of a device: in any format that the app reads; again for files that go
                       with it (optimised model, engine layers, exported times)
`;
const PLAN = `  --plan FILE          a plan file, or what "splitscope plan --json" printed
`;
const CONSTRAINTS = `Constraints:
  --pin OP=DEVICE      keeps an op, or the ops of a module, on a device
  --first K            keeps the first K ops on the source device
  --forbid DEVICE      runs nothing on a device
  --group OP,OP,...    keeps ops or modules together on one device
  --max-stages K       at most K stages run ops
  --max-link-bytes LINK=BYTES
                       at most so much per inference over a link, both directions together
  --delivery direct    sends each tensor from its producer's device to every one that reads it; default: relayed
  --no-overlap         devices do not compute while they send or receive
  --queue N            N inferences wait in front of each stage, in memory
`;
const JSON_FLAG = `  --json               one JSON document on standard output
`;

const SERVING = `  --runtime node|web   ONNX Runtime's native library (default where onnxruntime-node is installed), or its WASM build
  --threads N          threads of one op (default: 1)
  --level LEVEL        how far the runtime may rewrite the model (default: all)
`;

const TOPICS: ReadonlyMap<string, string> = new Map([
  [
    "import-problem",
    `splitscope import-problem FILE... [--out FILE] [--model NAME] [--machines N] [--bandwidth RATE] [--json]

Recognises the files by their content and prints a problem file for "splitscope plan --problem" and for the app; what was
assumed goes to standard error.

  FILE...              the JSON of msr-fiddle/dnn-partitioning, a graph.txt of PipeDream's profiler, PipeEdge's models.yml
                       and device_types.yml with or without devices.yml, or a problem file
  --out FILE           writes the problem there
  --model NAME         one of several models (PipeEdge)
  --machines N         machines like the profiled one (PipeDream; default: 4)
  --bandwidth RATE     of the links between them, as 10Gbit/s (PipeDream; default: 8Gbit/s)
${JSON_FLAG}`,
  ],
  ["inspect", `splitscope inspect MODEL [--dim NAME=N]... [--shape TENSOR=TYPE]... [--json]\n\n${DIM}${JSON_FLAG}`],
  [
    "profile",
    `splitscope profile MODEL --out FILE [--runs N] [--threads N] [--level disabled|basic|extended|all]
                         [--runtime node|web] [--dim NAME=N]... [--shape TENSOR=TYPE]... [--json]

Runs the model on made-up inputs and writes how long each op takes on this machine, as a file for "--profile DEVICE=FILE"
and for the app.

  --out FILE           the profile (splitscope-profile.schema.json)
  --runs N             measured runs (default: until the median is known to within 1 %, 20 to 500 runs, 2 to 30 s);
                       warm-up runs come before them
  --threads N          threads of one op (default: as many as the machine runs at a time)
  --level LEVEL        how far the runtime may rewrite the model (default: all; basic keeps most names)
  --runtime node|web   ONNX Runtime's native library (default where onnxruntime-node is installed), or its WASM build
${DIM}${JSON_FLAG}`,
  ],
  [
    "plan",
    `splitscope plan MODEL [--objective O] [--limit FIGURE=AMOUNT]... [--rig FILE] [--profile DEVICE=FILE]...
                      [constraints] [--time-limit SECONDS] [--dim NAME=N]... [--shape TENSOR=TYPE]... [--out FILE]
                      [--json]
splitscope plan --problem FILE [--objective O] [--limit FIGURE=AMOUNT]... [--max-stages K] [--time-limit SECONDS] [--json]

  --objective latency  time of one inference alone (default)
  --objective period   time between outputs of a full pipeline
  --objective energy   joules per inference, of devices and links
  --objective traffic  bytes per inference over all links
  --objective latency=1,energy=0.2
                       weights of figures, per second, joule and byte
  --limit FIGURE=AMOUNT  at most so much: latency=50ms, period=33ms, energy=2J, traffic=1MB
  --time-limit SECONDS ends the search with the best plan so far and the bound that is proven (default 60)
${RIG}                       (default rig: Raspberry Pi 4, Wi-Fi, Jetson Nano, Ethernet, GPU server)
${DIM}  --out FILE           also writes the plan as a file that the app and "splitscope predict" open
  --problem FILE       a placement problem without a model (splitscope-problem.schema.json)

${CONSTRAINTS}${JSON_FLAG}`,
  ],
  [
    "study",
    `splitscope study MODEL --kind pareto [--limit FIGURE=AMOUNT]... [options of plan]
splitscope study MODEL --kind crossover [--objective O] [--x AXIS] [--y AXIS] [options of plan]
splitscope study MODEL --kind robustness [--objective O] [--samples N] [--spread PERCENT] [--seed N] [options of plan]

  --kind pareto        plans of which none beats another in latency, period, energy and traffic at once
  --kind crossover     which plan is the best where, over two circumstances; borders are found by bisection
  --kind robustness    how often the best plan stays the best when op times and bandwidths are other than assumed, and by
                       how much it is worse than the best where it does not
  --x AXIS, --y AXIS   KIND:SUBJECT=FROM..TO on a logarithmic scale:
                       bandwidth:LINK=0.1..10 (a factor), latency:LINK=1..100 (ms), load:DEVICE=0.5..4 (a factor on its
                       op times), arrivals=1..60 (inferences per second, as a limit on the period)
                       (default: bandwidth 0.1..10 and latency 0.1..100 ms of the rig's first link)
  --samples N          draws (default: 100)
  --spread PERCENT     by how much figures vary (default: 20)
  --seed N             of the draws (default: 1)
  --objective O, --limit FIGURE=AMOUNT, --time-limit SECONDS, --rig, --profile, --dim, --shape and constraints: as for "plan"

${CONSTRAINTS}${JSON_FLAG}`,
  ],
  [
    "predict",
    `splitscope predict MODEL --plan FILE [--rig FILE] [--profile DEVICE=FILE]... [--dim NAME=N]...
                         [--shape TENSOR=TYPE]... [--compare] [--out FILE] [--json]
splitscope predict MODEL (--plan MAPPING.json | --cut TENSOR,... | --partition FIRST,LAST,...) [--devices ID,...] ...

${PLAN}                       or a mapping.json of AutoDiCE
  --cut TENSOR,...     cuts at these tensors; those on parallel paths make one cut together
  --partition F,L,...  PipeEdge's -pt: first and last layer of each stage, from 1
  --devices ID,...     device of each stage of such a plan (default: those that the mapping names, or the rig's in order)
  --compare            looks for the best plan too, and tells how far from it this one is
  --out FILE           also writes the plan as a file that the app, "verify", "export" and "run" open
${RIG}                       (default: those of the plan file)
${DIM}${JSON_FLAG}`,
  ],
  [
    "verify",
    `splitscope verify MODEL --plan FILE [--level disabled|basic|extended|all] [--seed N] [--input [NAME=]FILE]...
                        [--out FILE] [--dim NAME=N]... [--shape TENSOR=TYPE]... [--json]

Runs the whole model and then the plan's segments, one after another, on the same inputs in ONNX Runtime (WASM) and
compares every output. At level "disabled" they are to be equal bit by bit; with halves, and at other levels, close.
Where the plan sends tensors as f16 or u8, the segments run once more that way and the difference is printed as well.
Ends with exit code 1 where they differ by more than the tolerance that it prints.

${PLAN}  --level LEVEL        how far the runtime may rewrite the models (default: disabled)
  --seed N             of the made-up inputs (default: 1)
  --input [NAME=]FILE  an input as .npy or .pb (TensorProto), once for each; the others are made up
  --out FILE           the plan file with the result in it
${DIM}${JSON_FLAG}`,
  ],
  [
    "export",
    `splitscope export MODEL --plan FILE --format FORMAT --out PATH [--external-data]
                       [--dim NAME=N]... [--shape TENSOR=TYPE]... [--json]

Writes the plan for other programs, tells how to run what was written, and what of the plan the format cannot express.

${PLAN}  --format FORMAT      what to write:
${MODEL_EXPORTERS.map(({ id, label, detail, kind }) => `    ${id.padEnd(20)} ${label}${kind === "file" ? "" : ", a folder"}: ${detail.charAt(0).toLowerCase()}${detail.slice(1)}\n`).join("")}  --out PATH           a file, or for folders a new or empty one; it appears when all files are complete
  --external-data      keeps the weights of each written model in a file beside it, NAME.onnx.data; models that would
                       have 2 GiB or more are written so in any case
${DIM}${JSON_FLAG}`,
  ],
  [
    "serve",
    `splitscope serve STAGE.onnx... [--port N] [--host ADDRESS] [--name NAME] [--runtime node|web] [--threads N]
                       [--level disabled|basic|extended|all] [--until-eof] [--json]

Answers requests for models over HTTP by the Open Inference Protocol (KServe v2, with binary tensors), as Triton, KServe
and OpenVINO Model Server do: /v2/health, /v2/models/NAME, /v2/models/NAME/infer. Ends by Ctrl+C.

  --port N             default 8000; 0 takes any that is free
  --host ADDRESS       where to listen (default 127.0.0.1: this machine only; 0.0.0.0 for all)
  --name NAME          of the model (default: the file's name, such as net_stage0)
${SERVING}  --until-eof          ends when standard input does
  --json               prints the address as one line of JSON
`,
  ],
  [
    "run",
    `splitscope run MODEL --plan FILE --at DEVICE=URL... [--frames N] [--in-flight N] [--seed N]
                     [--dim NAME=N]... [--shape TENSOR=TYPE]... [--json]
splitscope run MODEL --plan FILE --local [--no-links] [--runtime node|web] [--threads N] [--level LEVEL] ...

Sends made-up frames through the servers that hold the plan's stages, prints latency, period, stage times and bytes as
predicted and as measured, and compares the outputs with the whole model's. Ends with exit code 1 where they differ.

${PLAN}  --at DEVICE=URL      the server of a device, once for each: "splitscope serve", Triton, KServe, OpenVINO Model Server
  --local              starts a server process for each stage on this machine, and holds messages up as the plan's
                       links would: by bytes / bandwidth, one message at a time, and by latency
  --no-links           with --local: no imitation of links
  --frames N           how many frames (default: 20)
  --in-flight N        how many at a time (default: two for each stage)
${SERVING}  --seed N             of the made-up inputs (default: 1)
${DIM}${JSON_FLAG}`,
  ],
]);

/** Usage of the whole program, or of one command. */
export function helpText(topic: string | null): string {
  return (topic === null ? undefined : TOPICS.get(topic)) ?? GENERAL;
}
