import { Fields, parseJson } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { Delivery, Problem } from "./problem.ts";
import { problemColumns } from "./problem-columns.ts";

/**
 * The problem file: a placement problem without a model, every cost given (public/schema/splitscope-problem.schema.json).
 * Fields that are not known are refused: a constraint that is not understood must not be ignored. What may be left out
 * is optional here too.
 */
const PROBLEM_FORMAT = "splitscope-problem";
const PROBLEM_VERSION = 2;

/** How fast a device's network interface is; null = takes no time. */
export interface AbstractPort {
  readonly sendBytesPerSecond: number | null;
  readonly receiveBytesPerSecond: number | null;
}

export interface AbstractDevice {
  readonly id: string;
  /** Null = no limit. */
  readonly memoryBytes: number | null;
  readonly stageOverheadSeconds: number;
  /** Power beyond idling while it computes, and power all the time; 0 where left out. */
  readonly activeWatts?: number;
  readonly idleWatts?: number;
  /** For the delivery "port"; null or left out = sending and receiving take no time. */
  readonly port?: AbstractPort | null;
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
  readonly joulesPerByte?: number;
  /** Most bytes per inference; null = any number. */
  readonly maxBytes?: number | null;
}

export interface AbstractOp {
  readonly id: string;
  /** By device, in the order of `devices`; null where the device cannot run it. */
  readonly seconds: readonly (number | null)[];
  readonly weightBytes: number;
  /** Ops of one group run on one device; null = of none. */
  readonly group?: string | null;
  /** The one device on which it may run; null = any. */
  readonly device?: string | null;
}

export interface AbstractTensor {
  readonly id: string;
  /** Op that writes it; null = an input of the problem. */
  readonly producer: string | null;
  /** Ops that read it. */
  readonly consumers: readonly string[];
  /** Null = unknown: no cut may go through it. */
  readonly bytes: number | null;
  /** While it is live on a device; left out = as many as on the wire. */
  readonly memoryBytes?: number;
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
  /** How tensors travel, see `Delivery`; left out = "relayed". */
  readonly delivery?: Delivery;
  /** Whether a device computes while it sends and receives; left out = it does. */
  readonly overlap?: boolean;
  /** Most stages that hold an op; null or left out = any number. */
  readonly maxStages?: number | null;
  /** Inferences that wait in front of each stage beyond the one at work. */
  readonly queuedFrames?: number;
}

/** A problem with the names that its numbers stand for. */
export interface NamedProblem {
  readonly name: string;
  readonly problem: Problem;
  /** Ids of ops by their number in the problem: in a topological order, that of the file where it is one. */
  readonly opNames: readonly string[];
  /** "a -> b" by the number of the link. */
  readonly linkNames: readonly string[];
}

const FIELDS = {
  problem: [
    ...["format", "version", "name", "devices", "links", "ops", "tensors", "sourceDevice", "sinkDevice"],
    ...["delivery", "overlap", "maxStages", "queuedFrames"],
  ],
  device: ["id", "memoryBytes", "stageOverheadSeconds", "activeWatts", "idleWatts", "port"],
  port: ["sendBytesPerSecond", "receiveBytesPerSecond"],
  link: ["from", "to", "bytesPerSecond", "latencySeconds", "medium", "joulesPerByte", "maxBytes"],
  op: ["id", "seconds", "weightBytes", "group", "device"],
  tensor: ["id", "producer", "consumers", "bytes", "memoryBytes", "output"],
} as const;

function refuseOthers(fields: Fields, kind: keyof typeof FIELDS): void {
  const known = new Set<string>(FIELDS[kind]);
  for (const name of fields.names())
    if (!known.has(name)) fields.reject(name, `no field but ${FIELDS[kind].join(", ")}`);
}

function readPort(fields: Fields): AbstractPort {
  refuseOthers(fields, "port");
  return {
    sendBytesPerSecond: fields.numberOrNull("sendBytesPerSecond", { above: 0 }),
    receiveBytesPerSecond: fields.numberOrNull("receiveBytesPerSecond", { above: 0 }),
  };
}

/** True or false; a missing field is `fallback`. */
function readFlag(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields.get(name) ?? fallback;
  if (typeof value !== "boolean") fields.reject(name, "true or false");
  return value === true;
}

function readDevice(fields: Fields): AbstractDevice {
  refuseOthers(fields, "device");
  return {
    id: fields.text("id"),
    memoryBytes: fields.numberOrNull("memoryBytes", { above: 0 }, null),
    stageOverheadSeconds: fields.number("stageOverheadSeconds", { min: 0 }, 0),
    activeWatts: fields.number("activeWatts", { min: 0 }, 0),
    idleWatts: fields.number("idleWatts", { min: 0 }, 0),
    port: (fields.get("port") ?? null) === null ? null : readPort(fields.object("port")),
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
    joulesPerByte: fields.number("joulesPerByte", { min: 0 }, 0),
    maxBytes: fields.numberOrNull("maxBytes", { min: 0 }, null),
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
    group: fields.textOrNull("group", null),
    device: fields.textOrNull("device", null),
  };
}

function readTensor(fields: Fields): AbstractTensor {
  refuseOthers(fields, "tensor");
  const consumers = fields.textList("consumers", []);
  const bytes = fields.numberOrNull("bytes", { min: 0 });
  return {
    id: fields.text("id"),
    producer: fields.textOrNull("producer"),
    consumers,
    bytes,
    memoryBytes: fields.number("memoryBytes", { min: 0 }, bytes ?? 0),
    output: readFlag(fields, "output", consumers.length === 0),
  };
}

/** One step per version: what a document of that version is in the next. Version 2 only added fields. */
const UPGRADES: readonly ((document: object) => object)[] = [(document) => ({ ...document, version: 2 })];

/** Whether text is a problem file, by its first few hundred characters; no JSON is parsed. O(1). */
export function looksLikeProblem(text: string): boolean {
  return /"format"\s*:\s*"splitscope-problem"/.test(text.slice(0, 4096));
}

/**
 * The content of a problem file out of parsed JSON, with every field that may be left out filled in. The sentence on
 * failure names the first bad field by its path, its value and what was expected. O(ops x devices + links + tensors).
 */
export function parseProblemContent(json: unknown): Result<AbstractProblem> {
  const problems: string[] = [];
  const header = new Fields(json, "", problems);
  if (problems.length > 0) return err("The problem is not a JSON object; expected the content of a problem file.");
  if (header.get("format") !== PROBLEM_FORMAT) {
    header.reject("format", `"${PROBLEM_FORMAT}"`);
    return err(`This is not a problem file: ${problems[0] ?? ""}`);
  }
  const version = header.number("version", { integer: true, min: 1 });
  if (version > PROBLEM_VERSION) {
    return err(`The problem file has version ${version}; this version of Splitscope reads up to ${PROBLEM_VERSION}.`);
  }
  let document: object = Object.fromEntries([...header.names()].map((name) => [name, header.get(name)]));
  for (const upgrade of UPGRADES.slice(version - 1)) document = upgrade(document);
  const fields = new Fields(document, "", problems);
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
    delivery: fields.oneOf("delivery", ["relayed", "direct", "port"], "relayed"),
    overlap: readFlag(fields, "overlap", true),
    maxStages: fields.numberOrNull("maxStages", { integer: true, min: 1 }, null),
    queuedFrames: fields.number("queuedFrames", { integer: true, min: 0 }, 0),
  };
  const [bad] = problems;
  return bad === undefined ? ok(abstract) : err(`The problem file has a bad field: ${bad}`);
}

/**
 * A problem out of parsed JSON, as columns. The sentence on failure is that of `parseProblemContent`, or names the device,
 * op or tensor that does not fit the others.
 */
export function parseProblem(json: unknown): Result<NamedProblem> {
  const content = parseProblemContent(json);
  return content.ok ? namedProblem(content.value) : content;
}

/** The columns of a problem, with the names that its numbers stand for. */
export function namedProblem(content: AbstractProblem): Result<NamedProblem> {
  const built = problemColumns(content);
  const linkNames = content.links.map(({ from, to }) => `${from} -> ${to}`);
  return built.ok ? ok({ name: content.name, ...built.value, linkNames }) : built;
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

/** The text of a problem file. The same for any file of the same content once `wholeContent` has filled it in. O(size). */
export const problemText = (problem: AbstractProblem): string =>
  `${JSON.stringify(problemContent(problem), null, 2)}\n`;

/** Content with every field that was left out filled in, as reading its file would; fails where reading it would. */
export const wholeContent = (problem: AbstractProblem): Result<AbstractProblem> =>
  parseProblemContent(problemContent(problem));
