import { item } from "../columns.ts";

/** The numbers of a YAML list `key: [...]`, found by going from key to key of `path`. */
function numbersOf(text: string, path: readonly string[]): readonly number[] {
  const start = path.reduce((from, key) => {
    const found = text.indexOf(`${key}:`, from);
    if (found < 0) throw new Error(`the file has no ${path.join(" / ")}`);
    return found + key.length;
  }, 0);
  const list = text.slice(text.indexOf("[", start) + 1, text.indexOf("]", start));
  return list.split(",").map(Number);
}

/** Published optimum and published schedule, seconds per microbatch. */
export const PIPE_EDGE_MODELS = [
  { model: "google/vit-base-patch16-224", optimum: 1.5488, schedule: 1.7262 },
  { model: "google/vit-large-patch16-224", optimum: 5.0428, schedule: 5.7033 },
] as const;

const TYPES = ["Minnowboard-E3845", "RCC-VE-C2558"];
const HOSTS_OF_A_TYPE = 4;
const MICROBATCH = 8;
/** PipeEdge counts 1024^2 bits as a megabit. */
const BYTES_PER_SECOND = (1000 * 1024 ** 2) / 8;

/**
 * A problem file of PipeEdge's README profiles (the texts of its models.yml and device_types.yml): a chain of layers,
 * four hosts of each of two types, any two joined; data reach the first of them and leave the last at no cost.
 */
export function pipeEdgeProblem(models: string, deviceTypes: string, model: string): object {
  const sizes = numbersOf(models, [model, "parameters_out"]).map((parameters) => parameters * MICROBATCH * 4);
  const times = TYPES.map((type) => numbersOf(deviceTypes, [type, model, "time_s"]));
  const hosts = TYPES.flatMap((type, index) =>
    Array.from({ length: HOSTS_OF_A_TYPE }, (_, host) => ({ id: `${type}-${host}`, type: index })),
  );
  return {
    format: "splitscope-problem",
    version: 1,
    name: model,
    sourceDevice: null,
    sinkDevice: null,
    devices: hosts.map(({ id }) => ({ id })),
    links: hosts.flatMap(({ id: from }) =>
      hosts.flatMap(({ id: to }) => (to === from ? [] : [{ from, to, bytesPerSecond: BYTES_PER_SECOND }])),
    ),
    ops: sizes.map((_, layer) => ({
      id: `layer${layer}`,
      seconds: hosts.map(({ type }) => item(item(times, type), layer)),
    })),
    tensors: [
      { id: "input", producer: null, consumers: ["layer0"], bytes: 0 },
      ...sizes.map((bytes, layer) => ({
        id: `after${layer}`,
        producer: `layer${layer}`,
        consumers: layer + 1 < sizes.length ? [`layer${layer + 1}`] : [],
        bytes,
      })),
    ],
  };
}
