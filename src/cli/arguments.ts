import { type ParseArgsConfig, parseArgs } from "node:util";
import { MODEL_EXPORTERS } from "../core/export/exporters.ts";
import type { TensorType } from "../core/onnx/model.ts";
import type { WeightPlace } from "../core/onnx/segments/external-layout.ts";
import { LARGEST_DIMENSION } from "../core/onnx/shapes/open-dimensions.ts";
import { readType } from "../core/onnx/shapes/read-type.ts";
import type { Constraints } from "../core/plan/constraints.ts";
import { OPTIMISATION_LEVELS, type OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import { choice, count, lists, needed, pairs, text, texts } from "./flags.ts";
import { IMPORT_OPTIONS, type ImportProblemCommand, readImportOptions } from "./import-problem.ts";
import type { ModelAdditions } from "./open.ts";
import {
  CONSTRAINT_FLAGS,
  readConstraintOptions,
  readSearchOptions,
  SEARCH_FLAGS,
  type SearchOptions,
} from "./plan-options.ts";
import type { PlanProblemCommand } from "./plan-problem.ts";
import {
  RUN_OPTIONS,
  type RunOptions,
  readRunOptions,
  readServeOptions,
  SERVE_OPTIONS,
  type ServeOptions,
} from "./serving-arguments.ts";
import type { StudyCommand } from "./study.ts";
import { readStudyOptions, STUDY_FLAGS } from "./study-options.ts";

/** Builds of ONNX Runtime that can measure: the native library of onnxruntime-node, or WASM. */
const RUNTIMES = ["node", "web"] as const;
/** Forms that a plan can be written in. */
const EXPORT_FORMATS = MODEL_EXPORTERS.map(({ id }) => id);
const WITH_MODELS = MODEL_EXPORTERS.flatMap((exporter) =>
  exporter.kind === "folder" && exporter.holdsModels ? [exporter.id] : [],
);

export interface ModelOptions extends ModelAdditions {
  readonly model: string;
  readonly json: boolean;
}
export interface RigOptions extends ModelOptions {
  /** Path of a rig file; null = the default rig, or the plan's own. */
  readonly rig: string | null;
  /** Paths of a profile and of files that go with it, by device id. */
  readonly profiles: ReadonlyMap<string, readonly string[]>;
}

interface ProfileOptions extends ModelOptions {
  readonly kind: "profile";
  readonly out: string;
  /** Null = until the median has settled. */
  readonly runs: number | null;
  /** Null = as many as the machine runs at a time. */
  readonly threads: number | null;
  readonly level: OptimisationLevel;
  /** Null = the native one where it is there. */
  readonly runtime: (typeof RUNTIMES)[number] | null;
}

interface PlannedOptions extends ModelOptions {
  readonly plan: string;
}
interface PredictOptions extends RigOptions {
  readonly kind: "predict";
  readonly plan: PlanSource;
  /** Device of each stage, for a plan that names none; null = as the plan has it, or the rig's in order. */
  readonly devices: readonly string[] | null;
  /** Whether the best plan is looked for as well. */
  readonly compare: boolean;
  /** Path of a plan file to write; null = none. */
  readonly out: string | null;
}
interface VerifyOptions extends PlannedOptions {
  readonly kind: "verify";
  readonly level: OptimisationLevel;
  /** Of the made-up inputs. */
  readonly seed: number;
  /** Tensors that are not to be made up: FILE or NAME=FILE. */
  readonly inputs: readonly string[];
  /** Path of the plan file to write with the result in it; null = none. */
  readonly out: string | null;
}
interface ExportOptions extends PlannedOptions {
  readonly kind: "export";
  /** Id of an exporter. */
  readonly format: string;
  readonly weights: WeightPlace;
  readonly out: string;
}

/** Where a plan comes from: a file, tensors to cut at, or PipeEdge's layers. */
export type PlanSource =
  | { readonly kind: "file"; readonly path: string }
  /** The whole text may be one name, with commas in it. */
  | { readonly kind: "cut"; readonly tensors: readonly string[]; readonly text: string }
  | { readonly kind: "partition"; readonly text: string };

interface PlanSearch extends Pick<SearchOptions, "objective" | "timeLimit"> {
  readonly constraints: Constraints;
}

export type Command =
  | { readonly kind: "help"; readonly topic: string | null }
  | { readonly kind: "version" }
  | (ModelOptions & { readonly kind: "inspect" })
  | (RigOptions & { readonly kind: "plan"; readonly out: string | null } & PlanSearch)
  | PlanProblemCommand
  | StudyCommand
  | PredictOptions
  | ProfileOptions
  | VerifyOptions
  | ExportOptions
  | ServeOptions
  | RunOptions
  | ImportProblemCommand;

const COMMANDS = [
  ...([
    "inspect",
    "profile",
    "plan",
    "study",
    "predict",
    "verify",
    "export",
    "serve",
    "run",
    "import-problem",
  ] as const),
];
type CommandName = (typeof COMMANDS)[number];

const SHARED = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  dim: { type: "string", multiple: true },
  shape: { type: "string", multiple: true },
} as const;
const RIG = { rig: { type: "string" }, profile: { type: "string", multiple: true } } as const;
const OPTIONS = {
  inspect: SHARED,
  profile: {
    ...SHARED,
    out: { type: "string", short: "o" },
    runs: { type: "string" },
    threads: { type: "string" },
    level: { type: "string" },
    runtime: { type: "string" },
  },
  plan: {
    ...SHARED,
    ...RIG,
    ...SEARCH_FLAGS,
    ...CONSTRAINT_FLAGS,
    out: { type: "string", short: "o" },
    problem: { type: "string" },
  },
  study: { ...SHARED, ...RIG, ...SEARCH_FLAGS, ...CONSTRAINT_FLAGS, ...STUDY_FLAGS },
  predict: {
    ...SHARED,
    ...RIG,
    plan: { type: "string" },
    cut: { type: "string" },
    partition: { type: "string" },
    devices: { type: "string" },
    compare: { type: "boolean" },
    out: { type: "string", short: "o" },
  },
  verify: {
    ...SHARED,
    plan: { type: "string" },
    level: { type: "string" },
    seed: { type: "string" },
    input: { type: "string", multiple: true },
    out: { type: "string", short: "o" },
  },
  export: {
    ...SHARED,
    plan: { type: "string" },
    format: { type: "string" },
    "external-data": { type: "boolean" },
    out: { type: "string", short: "o" },
  },
  serve: { ...SHARED, ...SERVE_OPTIONS },
  run: { ...SHARED, ...RUN_OPTIONS },
  "import-problem": { ...SHARED, ...IMPORT_OPTIONS },
} as const;

function readDims(values: readonly string[]): Result<ReadonlyMap<string, number>> {
  const given = pairs("--dim", values, "NAME=N");
  if (!given.ok) return given;
  for (const [name, text] of given.value) {
    if (!/^[1-9]\d*$/.test(text) || Number(text) > LARGEST_DIMENSION) {
      return err(`--dim gives "${name}" the size "${text}"; expected a whole number from 1 to ${LARGEST_DIMENSION}.`);
    }
  }
  return ok(new Map([...given.value].map(([name, text]) => [name, Number(text)])));
}

function readShapes(values: readonly string[]): Result<ReadonlyMap<string, TensorType>> {
  const given = pairs("--shape", values, "TENSOR=TYPE such as m=f32[1,64,56,56]");
  if (!given.ok) return given;
  const shapes = new Map<string, TensorType>();
  for (const [tensor, text] of given.value) {
    const type = readType(text);
    if (!type.ok) return err(`--shape gives "${tensor}" a type that cannot be read: ${type.error}`);
    shapes.set(tensor, type.value);
  }
  return ok(shapes);
}

/** The library's complaint, without its advice on how to write other things. */
function complaint(reason: unknown, name: CommandName, args: readonly string[]): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const [, flag] = /^Option '[^']*?(--[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (flag !== undefined) {
    const value = args[args.indexOf(flag) + 1] ?? "";
    return `${flag} is followed by "${value}", which could be an option; write ${flag}=${value}.`;
  }
  const sentence = (message.split(/\.\s/)[0] ?? message).replaceAll("'", '"').replace(/\.$/, "");
  return `${sentence}; see "splitscope ${name} --help".`;
}

function parseValues(name: CommandName, args: readonly string[]) {
  try {
    const options: ParseArgsConfig["options"] = OPTIONS[name];
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
    const given = new Map<string, string>();
    for (const token of parsed.tokens) {
      if (token.kind !== "option" || token.value === undefined || options[token.name]?.multiple === true) continue;
      const before = given.get(token.name);
      if (before !== undefined) {
        return err(`--${token.name} is given twice, as "${before}" and "${token.value}"; expected it once.`);
      }
      given.set(token.name, token.value);
    }
    return ok(parsed);
  } catch (reason) {
    return err(complaint(reason, name, args));
  }
}

function readProfileOptions(values: ReadonlyMap<string, unknown>, model: ModelOptions): Result<Command> {
  const out = needed("profile", "--out", values.get("out"), "FILE");
  const runs = count("--runs", text(values.get("runs")));
  if (!runs.ok) return runs;
  const threads = count("--threads", text(values.get("threads")));
  if (!threads.ok) return threads;
  const level = choice("--level", text(values.get("level")), OPTIMISATION_LEVELS);
  if (!level.ok) return level;
  const runtime = choice("--runtime", text(values.get("runtime")), RUNTIMES);
  if (!runtime.ok) return runtime;
  if (!out.ok) return out;
  return ok({
    kind: "profile",
    ...model,
    out: out.value,
    runs: runs.value,
    threads: threads.value,
    level: level.value ?? "all",
    runtime: runtime.value,
  });
}

function readVerifyOptions(values: ReadonlyMap<string, unknown>, model: ModelOptions): Result<Command> {
  const plan = needed("verify", "--plan", values.get("plan"), "FILE");
  if (!plan.ok) return plan;
  const level = choice("--level", text(values.get("level")), OPTIMISATION_LEVELS);
  if (!level.ok) return level;
  const seed = count("--seed", text(values.get("seed")));
  if (!seed.ok) return seed;
  return ok({
    kind: "verify",
    ...model,
    plan: plan.value,
    level: level.value ?? "disabled",
    seed: seed.value ?? 1,
    inputs: texts(values.get("input")),
    out: text(values.get("out")),
  });
}

function readExportOptions(values: ReadonlyMap<string, unknown>, model: ModelOptions): Result<Command> {
  const plan = needed("export", "--plan", values.get("plan"), "FILE");
  if (!plan.ok) return plan;
  const given = needed("export", "--format", values.get("format"), EXPORT_FORMATS.join("|"));
  if (!given.ok) return given;
  const format = choice("--format", given.value, EXPORT_FORMATS);
  if (!format.ok) return format;
  const out = needed("export", "--out", values.get("out"), "PATH");
  if (!out.ok) return out;
  const isApart = values.get("external-data") === true;
  if (isApart && !WITH_MODELS.includes(given.value)) {
    return err(`--external-data is about written models; "${given.value}" has none (${WITH_MODELS.join(", ")} have).`);
  }
  const weights = isApart ? "apart" : "inline";
  return ok({ kind: "export", ...model, plan: plan.value, format: given.value, weights, out: out.value });
}

/** A list of names with commas between them. */
function names(flag: string, given: string | null): Result<readonly string[] | null> {
  if (given === null) return ok(null);
  const list = given.split(",").map((name) => name.trim());
  return list.every((name) => name !== "")
    ? ok(list)
    : err(`${flag} is "${given}"; expected names with commas between them.`);
}

function readPredictOptions(values: ReadonlyMap<string, unknown>, rig: RigOptions): Result<Command> {
  const cut = names("--cut", text(values.get("cut")));
  if (!cut.ok) return cut;
  const devices = names("--devices", text(values.get("devices")));
  if (!devices.ok) return devices;
  const partition = text(values.get("partition"));
  const file = text(values.get("plan"));
  const sources: readonly PlanSource[] = [
    ...(file === null ? [] : [{ kind: "file", path: file } as const]),
    ...(cut.value === null ? [] : [{ kind: "cut", tensors: cut.value, text: text(values.get("cut")) ?? "" } as const]),
    ...(partition === null ? [] : [{ kind: "partition", text: partition } as const]),
  ];
  const [plan, other] = sources;
  if (plan === undefined || other !== undefined) {
    return err(
      '"splitscope predict" needs one of --plan FILE, --cut TENSOR,... and --partition FIRST,LAST,...; see "splitscope predict --help".',
    );
  }
  const compare = values.get("compare") === true;
  return ok({ kind: "predict", ...rig, plan, devices: devices.value, compare, out: text(values.get("out")) });
}

/** What `plan --problem` takes: no model, and nothing that belongs to one. */
function readProblemOptions(
  problem: string,
  values: ReadonlyMap<string, unknown>,
  positionals: readonly string[],
): Result<Command> {
  const [model] = positionals;
  if (model !== undefined) return err(`"splitscope plan" takes --problem or a model file; "${model}" is one more.`);
  const other = ["rig", "profile", "dim", "shape", "out", ...Object.keys(CONSTRAINT_FLAGS)].find((flag) =>
    values.has(flag),
  );
  if (other !== undefined) return err(`--${other} goes with a model file, not with --problem.`);
  const search = readSearchOptions(values);
  if (!search.ok) return search;
  const json = values.get("json") === true;
  return ok({ kind: "plan-problem", problem, json, ...search.value });
}

function readCommand(name: CommandName, args: readonly string[]): Result<Command> {
  const parsed = parseValues(name, args);
  if (!parsed.ok) return parsed;
  const values = new Map<string, unknown>(Object.entries(parsed.value.values));
  if (values.get("help") === true) return ok({ kind: "help", topic: name });
  const problem = text(values.get("problem"));
  if (problem !== null) return readProblemOptions(problem, values, parsed.value.positionals);
  if (name === "import-problem") return readImportOptions(values, parsed.value.positionals);
  if (name === "serve") return readServeOptions(values, parsed.value.positionals);
  const [model, extra] = parsed.value.positionals;
  if (model === undefined) return err(`"splitscope ${name}" needs a model file; see "splitscope ${name} --help".`);
  if (extra !== undefined) return err(`"splitscope ${name}" takes one model file; "${extra}" is one more.`);
  const dims = readDims(texts(values.get("dim")));
  if (!dims.ok) return dims;
  const shapes = readShapes(texts(values.get("shape")));
  if (!shapes.ok) return shapes;
  const modelOptions = { model, json: values.get("json") === true, dims: dims.value, shapes: shapes.value };
  if (name === "inspect") return ok({ kind: name, ...modelOptions });
  if (name === "profile") return readProfileOptions(values, modelOptions);
  if (name === "verify") return readVerifyOptions(values, modelOptions);
  if (name === "export") return readExportOptions(values, modelOptions);
  if (name === "run") return readRunOptions(values, modelOptions);
  const profiles = lists("--profile", texts(values.get("profile")), "DEVICE=FILE with the id of a device of the rig");
  if (!profiles.ok) return profiles;
  const rigOptions = { ...modelOptions, rig: text(values.get("rig")), profiles: profiles.value };
  if (name === "predict") return readPredictOptions(values, rigOptions);
  const search = readSearchOptions(values);
  if (!search.ok) return search;
  const constraints = readConstraintOptions(values, search.value);
  if (!constraints.ok) return constraints;
  if (name === "study") {
    const study = readStudyOptions(values, search.value, constraints.value);
    return study.ok ? ok({ kind: name, ...rigOptions, ...study.value }) : study;
  }
  const { objective, timeLimit } = search.value;
  const out = text(values.get("out"));
  return ok({ kind: name, ...rigOptions, objective, timeLimit, constraints: constraints.value, out });
}

/** What the arguments after the program's name ask for, or one sentence on what is wrong with them. */
export function readArguments(args: readonly string[]): Result<Command> {
  const [first, ...rest] = args;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    return ok({ kind: "help", topic: rest[0] ?? null });
  }
  if (first === "--version" || first === "-v") return ok({ kind: "version" });
  const name = COMMANDS.find((candidate) => candidate === first);
  if (name !== undefined) return readCommand(name, rest);
  return err(`"${first}" is no command; expected ${COMMANDS.map((one) => `"${one}"`).join(", ")} or "--help".`);
}
