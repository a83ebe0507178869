const GENERAL = `splitscope: where to split a neural network across devices

  splitscope inspect MODEL           ops, tensors, work and one-tensor cuts of an ONNX model
  splitscope plan MODEL              the best split over the devices of a rig, and how sure that is
  splitscope predict MODEL --plan P  the figures of a given plan

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
const JSON_FLAG = `  --json               one JSON document on standard output
`;

const TOPICS: ReadonlyMap<string, string> = new Map([
  ["inspect", `splitscope inspect MODEL [--dim NAME=N]... [--json]\n\n${DIM}${JSON_FLAG}`],
  [
    "plan",
    `splitscope plan MODEL [--objective latency|period] [--rig FILE] [--profile DEVICE=FILE]... [--dim NAME=N]...
                      [--out FILE] [--json]

  --objective latency  time of one inference alone (default)
  --objective period   time between outputs of a full pipeline
${RIG}                       (default rig: Raspberry Pi 4, Wi-Fi, Jetson Nano, Ethernet, GPU server)
${DIM}  --out FILE           also writes the plan as a file that the app and "splitscope predict" open
${JSON_FLAG}`,
  ],
  [
    "predict",
    `splitscope predict MODEL --plan FILE [--rig FILE] [--profile DEVICE=FILE]... [--dim NAME=N]... [--json]

  --plan FILE          a plan file, or what "splitscope plan --json" printed
${RIG}                       (default: those of the plan file)
${DIM}${JSON_FLAG}`,
  ],
]);

/** Usage of the whole program, or of one command. */
export function helpText(topic: string | null): string {
  return (topic === null ? undefined : TOPICS.get(topic)) ?? GENERAL;
}
