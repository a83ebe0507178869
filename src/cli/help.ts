const GENERAL = `splitscope: where to split a neural network across devices

  splitscope inspect MODEL           ops, tensors, work and one-tensor cuts of an ONNX model
  splitscope profile MODEL --out P   measures the model's ops on this machine
  splitscope plan MODEL              the best split over the devices of a rig, and how sure that is
  splitscope predict MODEL --plan P  the figures of a given plan
  splitscope verify MODEL --plan P   whether the plan's segments compute what the whole model computes
  splitscope export MODEL --plan P --format segments --out DIR
                                     an ONNX file for each stage of the plan

  splitscope COMMAND --help          the options of a command
  splitscope --version

With --json a command prints one JSON document and nothing else on standard output. Bad input ends with exit code 2 and
one sentence on standard error.
`;

const DIM = `  --dim NAME=N         size of a symbolic dimension, once for each; a batch dimension is 1 unless given
`;
const RIG = `  --rig FILE           devices and links (splitscope-rig.schema.json)
  --profile DEVICE=FILE  measured latencies of a device: a splitscope profile or an ONNX Runtime trace
`;
const PLAN = `  --plan FILE          a plan file, or what "splitscope plan --json" printed
`;
const JSON_FLAG = `  --json               one JSON document on standard output
`;

const TOPICS: ReadonlyMap<string, string> = new Map([
  ["inspect", `splitscope inspect MODEL [--dim NAME=N]... [--json]\n\n${DIM}${JSON_FLAG}`],
  [
    "profile",
    `splitscope profile MODEL --out FILE [--runs N] [--threads N] [--level disabled|basic|extended|all]
                         [--runtime node|web] [--dim NAME=N]... [--json]

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
    `splitscope plan MODEL [--objective latency|period] [--rig FILE] [--profile DEVICE=FILE]... [--dim NAME=N]...
                      [--out FILE] [--json]
splitscope plan --problem FILE [--objective latency|period] [--time-limit SECONDS] [--json]

  --objective latency  time of one inference alone (default)
  --objective period   time between outputs of a full pipeline
${RIG}                       (default rig: Raspberry Pi 4, Wi-Fi, Jetson Nano, Ethernet, GPU server)
${DIM}  --out FILE           also writes the plan as a file that the app and "splitscope predict" open
  --problem FILE       a placement problem without a model (splitscope-problem.schema.json)
  --time-limit SECONDS ends the search with the best plan so far and the bound that is proven
${JSON_FLAG}`,
  ],
  [
    "predict",
    `splitscope predict MODEL --plan FILE [--rig FILE] [--profile DEVICE=FILE]... [--dim NAME=N]... [--json]

${PLAN}${RIG}                       (default: those of the plan file)
${DIM}${JSON_FLAG}`,
  ],
  [
    "verify",
    `splitscope verify MODEL --plan FILE [--level disabled|basic|extended|all] [--seed N] [--dim NAME=N]... [--json]

Runs the whole model and then the plan's segments, one after another, on the same made-up inputs in ONNX Runtime (WASM)
and compares every output. At level "disabled" they are to be equal bit by bit; with halves, and at other levels, close.
Ends with exit code 1 where they differ by more than the tolerance that it prints.

${PLAN}  --level LEVEL        how far the runtime may rewrite the models (default: disabled)
  --seed N             of the made-up inputs (default: 1)
${DIM}${JSON_FLAG}`,
  ],
  [
    "export",
    `splitscope export MODEL --plan FILE --format segments --out DIR [--dim NAME=N]... [--json]

Writes each stage of the plan as an ONNX model of its own, with the files of external data that they refer to, and
manifest.json: which tensors each stage reads and makes, what is sent from stage to stage, sizes and SHA-256.

${PLAN}  --format segments    an ONNX file for each stage that holds ops
  --out DIR            a new or empty folder; it appears when all files are complete
${DIM}${JSON_FLAG}`,
  ],
]);

/** Usage of the whole program, or of one command. */
export function helpText(topic: string | null): string {
  return (topic === null ? undefined : TOPICS.get(topic)) ?? GENERAL;
}
