import { parseArgs } from "node:util";
import { LARGEST_DIMENSION } from "../core/onnx/shapes/open-dimensions.ts";
import { OPTIMISATION_LEVELS, type OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Objective } from "../core/solve/solver.ts";
import type { PlanProblemCommand } from "./plan-problem.ts";

const OBJECTIVES = ["latency", "period"] as const;
/** Builds of ONNX Runtime that can measure: the native library of onnxruntime-node, or WASM. */
const RUNTIMES = ["node", "web"] as const;
/** Forms of a plan that are folders of files. */
const EXPORT_FORMATS = ["segments"] as const;
const LARGEST_COUNT = 10_000;

interface ModelOptions {
  readonly model: string;
  readonly json: boolean;
  readonly dims: ReadonlyMap<string, number>;
}
interface RigOptions extends ModelOptions {
  /** Path of a rig file; null = the default rig, or the plan's own. */
  readonly rig: string | null;
  /** Path of a profile by device id. */
  readonly profiles: ReadonlyMap<string, string>;
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
interface VerifyOptions extends PlannedOptions {
  readonly kind: "verify";
  readonly level: OptimisationLevel;
  /** Of the made-up inputs. */
  readonly seed: number;
}
interface ExportOptions extends PlannedOptions {
  readonly kind: "export";
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly out: string;
}

export type Command =
  | { readonly kind: "help"; readonly topic: string | null }
  | { readonly kind: "version" }
  | (ModelOptions & { readonly kind: "inspect" })
  | (RigOptions & { readonly kind: "plan"; readonly objective: Objective; readonly out: string | null })
  | PlanProblemCommand
  | (RigOptions & { readonly kind: "predict"; readonly plan: string })
  | ProfileOptions
  | VerifyOptions
  | ExportOptions;

const COMMANDS = ["inspect", "profile", "plan", "predict", "verify", "export"] as const;
type CommandName = (typeof COMMANDS)[number];

const SHARED = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  dim: { type: "string", multiple: true },
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
    objective: { type: "string" },
    out: { type: "string", short: "o" },
    problem: { type: "string" },
    "time-limit": { type: "string" },
  },
  predict: { ...SHARED, ...RIG, plan: { type: "string" } },
  verify: { ...SHARED, plan: { type: "string" }, level: { type: "string" }, seed: { type: "string" } },
  export: {
    ...SHARED,
    plan: { type: "string" },
    format: { type: "string" },
    out: { type: "string", short: "o" },
  },
} as const;

/** `NAME=VALUE` options as a map; the name may hold "=" itself. */
function pairs(flag: string, values: readonly string[], expected: string): Result<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const text of values) {
    const middle = flag === "--dim" ? text.lastIndexOf("=") : text.indexOf("=");
    if (middle <= 0 || middle === text.length - 1) return err(`${flag} is "${text}"; expected ${expected}.`);
    const name = text.slice(0, middle);
    if (found.has(name)) return err(`${flag} gives "${name}" twice; expected it once.`);
    found.set(name, text.slice(middle + 1));
  }
  return ok(found);
}

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

/** The library's complaint, without its advice on how to write other things. */
function complaint(reason: unknown, name: CommandName): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const sentence = (message.split(". ")[0] ?? message).replaceAll("'", '"').replace(/\.$/, "");
  return `${sentence}; see "splitscope ${name} --help".`;
}

function parseValues(name: CommandName, args: readonly string[]) {
  try {
    return ok(parseArgs({ args: [...args], options: OPTIONS[name], allowPositionals: true, strict: true }));
  } catch (reason) {
    return err(complaint(reason, name));
  }
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** One of the values that a flag takes, null where it is not given. */
function choice<T extends string>(flag: string, given: string | null, options: readonly T[]): Result<T | null> {
  const found = options.find((option) => option === given);
  if (given === null || found !== undefined) return ok(found ?? null);
  return err(`${flag} is "${given}"; expected ${options.map((option) => `"${option}"`).join(" or ")}.`);
}

/** A count that a flag takes, null where it is not given. */
function count(flag: string, given: string | null): Result<number | null> {
  if (given === null) return ok(null);
  if (/^[1-9]\d*$/.test(given) && Number(given) <= LARGEST_COUNT) return ok(Number(given));
  return err(`${flag} is "${given}"; expected a whole number from 1 to ${LARGEST_COUNT}.`);
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

/** The flag's value, or the sentence on a command that needs it. */
function needed(name: CommandName, flag: string, value: unknown, placeholder: string): Result<string> {
  const given = text(value);
  if (given !== null) return ok(given);
  return err(`"splitscope ${name}" needs ${flag} ${placeholder}; see "splitscope ${name} --help".`);
}

function readVerifyOptions(values: ReadonlyMap<string, unknown>, model: ModelOptions): Result<Command> {
  const plan = needed("verify", "--plan", values.get("plan"), "FILE");
  if (!plan.ok) return plan;
  const level = choice("--level", text(values.get("level")), OPTIMISATION_LEVELS);
  if (!level.ok) return level;
  const seed = count("--seed", text(values.get("seed")));
  if (!seed.ok) return seed;
  return ok({ kind: "verify", ...model, plan: plan.value, level: level.value ?? "disabled", seed: seed.value ?? 1 });
}

function readExportOptions(values: ReadonlyMap<string, unknown>, model: ModelOptions): Result<Command> {
  const plan = needed("export", "--plan", values.get("plan"), "FILE");
  if (!plan.ok) return plan;
  const given = needed("export", "--format", values.get("format"), EXPORT_FORMATS.join("|"));
  if (!given.ok) return given;
  const format = choice("--format", given.value, EXPORT_FORMATS);
  if (!format.ok) return format;
  const out = needed("export", "--out", values.get("out"), "DIR");
  if (!out.ok) return out;
  return ok({ kind: "export", ...model, plan: plan.value, format: format.value ?? "segments", out: out.value });
}

/** What `plan --problem` takes: no model, and nothing that belongs to one. */
function readProblemOptions(
  problem: string,
  values: ReadonlyMap<string, unknown>,
  positionals: readonly string[],
): Result<Command> {
  const [model] = positionals;
  if (model !== undefined) return err(`"splitscope plan" takes --problem or a model file; "${model}" is one more.`);
  const other = ["rig", "profile", "dim", "out"].find((flag) => values.has(flag));
  if (other !== undefined) return err(`--${other} goes with a model file, not with --problem.`);
  const objective = choice("--objective", text(values.get("objective")), OBJECTIVES);
  if (!objective.ok) return objective;
  const given = text(values.get("time-limit"));
  const timeLimit = given === null ? null : Number(given);
  if (timeLimit !== null && !(timeLimit > 0 && /^\d*\.?\d+$/.test(given ?? ""))) {
    return err(`--time-limit is "${given}"; expected a number of seconds above 0.`);
  }
  const json = values.get("json") === true;
  return ok({ kind: "plan-problem", problem, json, objective: objective.value ?? "latency", timeLimit });
}

function readCommand(name: CommandName, args: readonly string[]): Result<Command> {
  const parsed = parseValues(name, args);
  if (!parsed.ok) return parsed;
  const values = new Map<string, unknown>(Object.entries(parsed.value.values));
  if (values.get("help") === true) return ok({ kind: "help", topic: name });
  const problem = text(values.get("problem"));
  if (problem !== null) return readProblemOptions(problem, values, parsed.value.positionals);
  if (values.has("time-limit")) return err('--time-limit goes with --problem; see "splitscope plan --help".');
  const [model, extra] = parsed.value.positionals;
  if (model === undefined) return err(`"splitscope ${name}" needs a model file; see "splitscope ${name} --help".`);
  if (extra !== undefined) return err(`"splitscope ${name}" takes one model file; "${extra}" is one more.`);
  const dims = readDims(texts(values.get("dim")));
  if (!dims.ok) return dims;
  const modelOptions = { model, json: values.get("json") === true, dims: dims.value };
  if (name === "inspect") return ok({ kind: name, ...modelOptions });
  if (name === "profile") return readProfileOptions(values, modelOptions);
  if (name === "verify") return readVerifyOptions(values, modelOptions);
  if (name === "export") return readExportOptions(values, modelOptions);
  const profiles = pairs("--profile", texts(values.get("profile")), "DEVICE=FILE with the id of a device of the rig");
  if (!profiles.ok) return profiles;
  const rigOptions = { ...modelOptions, rig: text(values.get("rig")), profiles: profiles.value };
  if (name === "predict") {
    const plan = needed(name, "--plan", values.get("plan"), "FILE");
    return plan.ok ? ok({ kind: name, ...rigOptions, plan: plan.value }) : plan;
  }
  const objective = choice("--objective", text(values.get("objective")), OBJECTIVES);
  if (!objective.ok) return objective;
  return ok({ kind: name, ...rigOptions, objective: objective.value ?? "latency", out: text(values.get("out")) });
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
