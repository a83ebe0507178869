import { Fields } from "../../json.ts";
import { err, ok, type Result } from "../../result.ts";
import { parseYaml } from "./yaml-text.ts";

/**
 * The YAML files of PipeEdge (https://github.com/usc-isi/PipeEdge, README_Profiler.md and README_Scheduler.md): what the
 * layers of a model need, how long each takes on a type of device, which hosts there are. Layers are quarters of
 * transformer blocks and have no names of ONNX nodes.
 */

/** PipeEdge's scheduler counts 1024^2 in a megabyte and in a megabit alike. */
const MEGA = 1024 ** 2;

/** One model of models.yml, or of the profiler's results. */
export interface PipeEdgeModel {
  readonly name: string;
  /** By layer. */
  readonly memoryBytes: readonly number[];
  /** Elements of one sample. */
  readonly elementsIn: number;
  /** Elements of one sample, by layer. */
  readonly elementsOut: readonly number[];
}

/** Times of a model's layers for one type of number and one size of microbatch. */
export interface PipeEdgeTimes {
  readonly model: string;
  /** As PyTorch names it: "torch.float32". */
  readonly dtype: string;
  readonly batchSize: number;
  /** Of a whole microbatch, by layer. */
  readonly seconds: readonly number[];
}

export interface PipeEdgeDeviceType {
  readonly name: string;
  readonly memoryBytes: number;
  /** 0 = no network. */
  readonly bytesPerSecond: number;
  readonly times: readonly PipeEdgeTimes[];
}

/** What one file holds. */
export type PipeEdgeFile =
  | { readonly kind: "models"; readonly models: readonly PipeEdgeModel[] }
  | { readonly kind: "deviceTypes"; readonly types: readonly PipeEdgeDeviceType[] }
  /** Hosts by type of device. */
  | { readonly kind: "devices"; readonly hosts: ReadonlyMap<string, readonly string[]> }
  /** Layers by host, counted from 1, the last included. */
  | {
      readonly kind: "schedule";
      readonly stages: readonly { readonly host: string; readonly layers: [number, number] }[];
    }
  /** The profiler's results on one device: a model and its times. */
  | { readonly kind: "results"; readonly model: PipeEdgeModel; readonly times: PipeEdgeTimes };

const NOT_NEGATIVE = { min: 0 } as const;
const COUNT = { min: 0, integer: true } as const;
/** Bounds the size of what is built from a file. */
const MOST_LAYERS = 10_000;

/** Whether the start of a text looks like one of the files that carry figures of layers. */
export function looksLikePipeEdge(head: string): boolean {
  const has = (key: string) => new RegExp(`^\\s*(?:- )?${key}:`, "m").test(head);
  if (/^\s*[[{]/.test(head)) return false;
  return (
    (has("parameters_out") && has("layers")) ||
    (has("model_profiles") && has("bw_Mbps")) ||
    (has("profile_data") && has("layers"))
  );
}

/** Whether a whole text is a list of hosts per type of device, or of layers per host: too plain to be told by less. */
export function looksLikeHostsOrSchedule(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const isSchedule = lines.length > 0 && lines.every((line) => /^- [^\s:]+:\s*\[\s*\d+\s*,\s*\d+\s*\]\s*$/.test(line));
  const isKey = (line: string) => /^[^\s:,;-][^:,;]*:\s*(\[[^\]]*\])?\s*$/.test(line);
  const isHost = (line: string) => /^\s*- [^\s:,;]+\s*$/.test(line);
  const isHosts = lines.every((line) => isKey(line) || isHost(line)) && isKey(lines[0] ?? "");
  return isSchedule || (isHosts && lines.some((line) => isHost(line) || line.includes("[")));
}

function readModel(name: string, fields: Fields): PipeEdgeModel {
  const layers = fields.number("layers", { ...COUNT, max: MOST_LAYERS });
  const memory = fields.numberList("mem_MB", NOT_NEGATIVE);
  const elementsOut = fields.numberList("parameters_out", COUNT);
  if (memory.length !== layers) fields.reject("mem_MB", `${layers} numbers, one per layer; it has ${memory.length}`);
  // The scheduler repeats a shorter list: one block stands for all.
  if (elementsOut.length > layers || (elementsOut.length === 0 && layers > 0)) {
    fields.reject("parameters_out", `${layers} numbers, one per layer; it has ${elementsOut.length}`);
  }
  return {
    name,
    memoryBytes: memory.map((megabytes) => megabytes * MEGA),
    elementsIn: fields.number("parameters_in", COUNT),
    elementsOut: Array.from({ length: layers }, (_, layer) => elementsOut[layer % elementsOut.length] ?? 0),
  };
}

function readTimes(model: string, fields: Fields): PipeEdgeTimes {
  return {
    model,
    dtype: fields.text("dtype"),
    batchSize: fields.number("batch_size", { min: 1, integer: true }),
    seconds: fields.numberList("time_s", NOT_NEGATIVE),
  };
}

function readDeviceType(name: string, fields: Fields): PipeEdgeDeviceType {
  // `model_profiles:` without a value is a type that was never profiled.
  const isProfiled = fields.has("model_profiles") && fields.get("model_profiles") !== null;
  const profiles = isProfiled ? fields.object("model_profiles") : null;
  return {
    name,
    memoryBytes: fields.number("mem_MB", NOT_NEGATIVE) * MEGA,
    bytesPerSecond: (fields.number("bw_Mbps", NOT_NEGATIVE) * MEGA) / 8,
    times:
      profiles === null
        ? []
        : [...profiles.names()].flatMap((model) => profiles.objects(model).map((times) => readTimes(model, times))),
  };
}

/** Elements of all tensors of a list of shapes. */
function elementsOf(fields: Fields, name: string): number {
  const product = (shape: unknown) =>
    Array.isArray(shape)
      ? shape.reduce<number>((size, dim) => size * (typeof dim === "number" && dim >= 0 ? dim : Number.NaN), 1)
      : Number.NaN;
  const total = fields.list(name).reduce<number>((sum, shape) => sum + product(shape), 0);
  if (!Number.isFinite(total)) fields.reject(name, "a list of shapes, each a list of whole numbers");
  return Number.isFinite(total) ? total : 0;
}

function readResults(fields: Fields): PipeEdgeFile {
  const layers = fields.objects("profile_data");
  const count = fields.number("layers", { ...COUNT, max: MOST_LAYERS });
  if (layers.length !== count) {
    fields.reject("profile_data", `${count} entries, one per layer; it has ${layers.length}`);
  }
  const name = fields.text("model_name");
  const [first] = layers;
  return {
    kind: "results",
    model: {
      name,
      memoryBytes: layers.map((layer) => layer.number("memory", {}) * MEGA).map((bytes) => Math.max(bytes, 0)),
      elementsIn: first === undefined ? 0 : elementsOf(first, "shape_in"),
      elementsOut: layers.map((layer) => elementsOf(layer, "shape_out")),
    },
    times: {
      model: name,
      dtype: fields.text("dtype"),
      batchSize: fields.number("batch_size", { min: 1, integer: true }),
      seconds: layers.map((layer) => layer.number("time", NOT_NEGATIVE)),
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isHostList(value: unknown): value is readonly string[] | null {
  return value === null || (Array.isArray(value) && value.every((host) => typeof host === "string"));
}

function isStage(value: unknown): value is Readonly<Record<string, [number, number]>> {
  if (!isRecord(value)) return false;
  const ranges = Object.values(value);
  const isRange = (range: unknown) =>
    Array.isArray(range) && range.length === 2 && range.every((layer) => Number.isInteger(layer));
  return ranges.length === 1 && ranges.every(isRange);
}

/** The file's content by what its entries have, with a sentence in `problems` for each bad field. */
function contentOf(yaml: unknown, problems: string[]): PipeEdgeFile | null {
  if (Array.isArray(yaml) && yaml.length > 0 && yaml.every(isStage)) {
    return {
      kind: "schedule",
      stages: yaml.flatMap((stage) => Object.entries(stage).map(([host, layers]) => ({ host, layers }))),
    };
  }
  if (!isRecord(yaml)) return null;
  const entries = new Fields(yaml, "", problems);
  if (entries.has("profile_data")) return readResults(entries);
  const names = [...entries.names()];
  const values = Object.values(yaml);
  const someHave = (key: string) => values.some((value) => isRecord(value) && Object.hasOwn(value, key));
  if (someHave("parameters_out")) {
    return { kind: "models", models: names.map((name) => readModel(name, entries.object(name))) };
  }
  if (someHave("bw_Mbps") || someHave("model_profiles")) {
    return { kind: "deviceTypes", types: names.map((name) => readDeviceType(name, entries.object(name))) };
  }
  if (names.length > 0 && values.every(isHostList)) {
    return { kind: "devices", hosts: new Map(names.map((name) => [name, entries.textList(name, [])])) };
  }
  return null;
}

/**
 * What a PipeEdge file holds, told by its content. The sentence on failure names the file and the first bad field.
 * O(length).
 */
export function readPipeEdge(text: string, fileName: string): Result<PipeEdgeFile> {
  const yaml = parseYaml(text, fileName);
  if (!yaml.ok) return yaml;
  const problems: string[] = [];
  const content = contentOf(yaml.value, problems);
  if (content === null) {
    return err(
      `${fileName} is no file of PipeEdge; expected the content of models.yml (parameters_out), device_types.yml (bw_Mbps, model_profiles), devices.yml (lists of hosts), profiler_results.yml (profile_data) or a schedule.`,
    );
  }
  const [bad] = problems;
  return bad === undefined ? ok(content) : err(`${fileName} has a bad field: ${bad}`);
}
