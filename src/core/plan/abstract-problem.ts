import { Fields, parseJson } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { Problem } from "./problem.ts";
import { problemColumns } from "./problem-columns.ts";

/**
 * The problem file: a placement problem without a model, every cost given (public/schema/splitscope-problem.schema.json).
 * Fields that are not known are refused: a constraint that is not understood must not be ignored.
 */
const PROBLEM_FORMAT = "splitscope-problem";
const PROBLEM_VERSION = 1;

export interface AbstractDevice {
  readonly id: string;
  /** Null = no limit. */
  readonly memoryBytes: number | null;
  readonly stageOverheadSeconds: number;
}

/** One way from a device to another. */
export interface AbstractLink {
  readonly from: string;
  readonly to: string;
  /** Null = bytes take no time. */
  readonly bytesPerSecond: number | null;
  readonly latencySeconds: number;
  /** Links with the same medium take turns; null = none. */
  readonly medium: string | null;
}

export interface AbstractOp {
  readonly id: string;
  /** By device, in the order of `devices`; null where the device cannot run it. */
  readonly seconds: readonly (number | null)[];
  readonly weightBytes: number;
}

export interface AbstractTensor {
  readonly id: string;
  /** Op that writes it; null = an input of the problem. */
  readonly producer: string | null;
  /** Ops that read it. */
  readonly consumers: readonly string[];
  /** Null = unknown: no cut may go through it. */
  readonly bytes: number | null;
  /** Whether it must arrive at the sink. */
  readonly output: boolean;
}

/** The content of a problem file. */
export interface AbstractProblem {
  readonly name: string;
  readonly devices: readonly AbstractDevice[];
  readonly links: readonly AbstractLink[];
  readonly ops: readonly AbstractOp[];
  readonly tensors: readonly AbstractTensor[];
  /** Where the inputs are born; null = outside all devices, and they reach any of them at no cost. */
  readonly source: string | null;
  /** Where the outputs must arrive; null = outside all devices, and they get there at no cost. */
  readonly sink: string | null;
}

/** A problem with the names that its numbers stand for. */
export interface NamedProblem {
  readonly name: string;
  readonly problem: Problem;
  /** Ids of ops by their number in the problem: in a topological order, that of the file where it is one. */
  readonly opNames: readonly string[];
}

const FIELDS = {
  problem: ["format", "version", "name", "devices", "links", "ops", "tensors", "sourceDevice", "sinkDevice"],
  device: ["id", "memoryBytes", "stageOverheadSeconds"],
  link: ["from", "to", "bytesPerSecond", "latencySeconds", "medium"],
  op: ["id", "seconds", "weightBytes"],
  tensor: ["id", "producer", "consumers", "bytes", "output"],
} as const;

function refuseOthers(fields: Fields, kind: keyof typeof FIELDS): void {
  const known = new Set<string>(FIELDS[kind]);
  for (const name of fields.names())
    if (!known.has(name)) fields.reject(name, `no field but ${FIELDS[kind].join(", ")}`);
}

function readDevice(fields: Fields): AbstractDevice {
  refuseOthers(fields, "device");
  return {
    id: fields.text("id"),
    memoryBytes: fields.numberOrNull("memoryBytes", { above: 0 }, null),
    stageOverheadSeconds: fields.number("stageOverheadSeconds", { min: 0 }, 0),
  };
}

function readLink(fields: Fields): AbstractLink {
  refuseOthers(fields, "link");
  return {
    from: fields.text("from"),
    to: fields.text("to"),
    bytesPerSecond: fields.numberOrNull("bytesPerSecond", { above: 0 }),
    latencySeconds: fields.number("latencySeconds", { min: 0 }, 0),
    medium: fields.textOrNull("medium", null),
  };
}

function readOp(fields: Fields, deviceCount: number): AbstractOp {
  refuseOthers(fields, "op");
  const seconds = fields.list("seconds");
  const isTime = (value: unknown) =>
    value === null || (typeof value === "number" && Number.isFinite(value) && value >= 0);
  if (seconds.length !== deviceCount || !seconds.every(isTime)) {
    fields.reject("seconds", `${deviceCount} numbers of at least 0, one per device, null where it cannot run`);
  }
  return {
    id: fields.text("id"),
    seconds: seconds.map((value) => (typeof value === "number" ? value : null)),
    weightBytes: fields.number("weightBytes", { min: 0 }, 0),
  };
}

function readTensor(fields: Fields): AbstractTensor {
  refuseOthers(fields, "tensor");
  const consumers = fields.textList("consumers", []);
  const output = fields.get("output") ?? consumers.length === 0;
  if (typeof output !== "boolean") fields.reject("output", "true or false");
  return {
    id: fields.text("id"),
    producer: fields.textOrNull("producer"),
    consumers,
    bytes: fields.numberOrNull("bytes", { min: 0 }),
    output: output === true,
  };
}

/**
 * A problem out of parsed JSON. The sentence on failure names the first bad field by its path, its value and what was
 * expected, or the device, op or tensor that does not fit the others. O(ops x devices + links + tensors).
 */
export function parseProblem(json: unknown): Result<NamedProblem> {
  const problems: string[] = [];
  const fields = new Fields(json, "", problems);
  if (problems.length > 0) return err("The problem is not a JSON object; expected the content of a problem file.");
  if (fields.get("format") !== PROBLEM_FORMAT) {
    fields.reject("format", `"${PROBLEM_FORMAT}"`);
    return err(`This is not a problem file: ${problems[0] ?? ""}`);
  }
  const version = fields.number("version", { integer: true, min: 1 });
  if (version > PROBLEM_VERSION) {
    return err(`The problem file has version ${version}; this version of Splitscope reads up to ${PROBLEM_VERSION}.`);
  }
  refuseOthers(fields, "problem");
  const devices = fields.objects("devices").map(readDevice);
  const abstract: AbstractProblem = {
    name: fields.text("name", ""),
    devices,
    links: fields.objects("links", []).map(readLink),
    ops: fields.objects("ops").map((op) => readOp(op, devices.length)),
    tensors: fields.objects("tensors").map(readTensor),
    source: fields.textOrNull("sourceDevice"),
    sink: fields.textOrNull("sinkDevice"),
  };
  const [bad] = problems;
  if (bad !== undefined) return err(`The problem file has a bad field: ${bad}`);
  const built = problemColumns(abstract);
  return built.ok ? ok({ name: abstract.name, ...built.value }) : built;
}

/** A problem out of a file's text. */
export function readProblem(text: string, fileName: string): Result<NamedProblem> {
  const json = parseJson(text, fileName);
  return json.ok ? parseProblem(json.value) : json;
}

/** The content of a problem file, every field written; `parseProblem` reads it back. O(size). */
export function problemContent({ source, sink, ...problem }: AbstractProblem): object {
  return { format: PROBLEM_FORMAT, version: PROBLEM_VERSION, ...problem, sourceDevice: source, sinkDevice: sink };
}
