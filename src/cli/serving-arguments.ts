import { OPTIMISATION_LEVELS, type OptimisationLevel } from "../core/profile/optimisation-level.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ModelOptions } from "./arguments.ts";
import { choice, count, needed, pairs, text, texts } from "./flags.ts";
import { ServerUrl } from "./stage-client.ts";

const RUNTIMES = ["node", "web"] as const;
const DEFAULT_PORT = 8000;
const LARGEST_PORT = 65_535;

interface RuntimeOptions {
  /** Null = the native one where it is there. */
  readonly runtime: (typeof RUNTIMES)[number] | null;
  readonly threads: number;
  readonly level: OptimisationLevel;
}

export interface ServeOptions extends RuntimeOptions {
  readonly kind: "serve";
  readonly json: boolean;
  readonly models: readonly string[];
  /** Null = after the files. */
  readonly name: string | null;
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** Whether the server ends when its standard input does: with the program that started it. */
  readonly untilEof: boolean;
}

export interface RunOptions extends ModelOptions, RuntimeOptions {
  readonly kind: "run";
  readonly plan: string;
  /** Servers by device id; null = processes of this machine. */
  readonly servers: ReadonlyMap<string, URL> | null;
  readonly frames: number;
  /** Null = two for each stage. */
  readonly inFlight: number | null;
  readonly seed: number;
  /** Whether the links of the plan are imitated. */
  readonly shaped: boolean;
}

const RUNTIME_OPTIONS = {
  runtime: { type: "string" },
  threads: { type: "string" },
  level: { type: "string" },
} as const;

export const SERVE_OPTIONS = {
  ...RUNTIME_OPTIONS,
  name: { type: "string" },
  host: { type: "string" },
  port: { type: "string", short: "p" },
  "until-eof": { type: "boolean" },
} as const;

export const RUN_OPTIONS = {
  ...RUNTIME_OPTIONS,
  plan: { type: "string" },
  at: { type: "string", multiple: true },
  local: { type: "boolean" },
  "no-links": { type: "boolean" },
  frames: { type: "string" },
  "in-flight": { type: "string" },
  seed: { type: "string" },
} as const;

type Values = ReadonlyMap<string, unknown>;

function readRuntime(values: Values): Result<RuntimeOptions> {
  const runtime = choice("--runtime", text(values.get("runtime")), RUNTIMES);
  if (!runtime.ok) return runtime;
  const threads = count("--threads", text(values.get("threads")));
  if (!threads.ok) return threads;
  const level = choice("--level", text(values.get("level")), OPTIMISATION_LEVELS);
  if (!level.ok) return level;
  return ok({ runtime: runtime.value, threads: threads.value ?? 1, level: level.value ?? "all" });
}

/** `splitscope serve STAGE.onnx...` */
export function readServeOptions(values: Values, models: readonly string[]): Result<ServeOptions> {
  if (models.length === 0) return err('"splitscope serve" needs a model file; see "splitscope serve --help".');
  if (values.has("dim")) return err('"splitscope serve" takes no --dim: open sizes are those of each request.');
  const runtime = readRuntime(values);
  if (!runtime.ok) return runtime;
  const given = text(values.get("port"));
  const port = given === null ? DEFAULT_PORT : /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (!(port <= LARGEST_PORT)) return err(`--port is "${given}"; expected a whole number up to ${LARGEST_PORT}.`);
  const name = text(values.get("name"));
  if (name !== null && models.length > 1)
    return err("--name goes with one model; several are named after their files.");
  // Clients take "." and ".." out of an address.
  if (name !== null && ["", ".", ".."].includes(name))
    return err(`--name is "${name}", which no address reaches; expected a name such as "stage0".`);
  return ok({
    kind: "serve",
    json: values.get("json") === true,
    models,
    name,
    host: text(values.get("host")) ?? "127.0.0.1",
    port,
    untilEof: values.get("until-eof") === true,
    ...runtime.value,
  });
}

const AT = "DEVICE=http://HOST:PORT with the id of a device of the plan";

/** A text that may be an address, without what may be a user and a password. */
const withoutUser = (text: string): string => text.replace(/((?:^|=)https?:[/\\]*)?.*@/is, "$1");

function readServers(values: readonly string[]): Result<ReadonlyMap<string, URL>> {
  // An address without its device, which may hold a user and a password.
  const bare = values.find((value) => !value.includes("=") || /^(?:=|https?:)/i.test(value));
  if (bare !== undefined) return err(`--at is "${withoutUser(bare)}"; expected ${AT}.`);
  const given = pairs("--at", values, AT);
  if (!given.ok) return given;
  const servers = new Map<string, URL>();
  for (const [device, address] of given.value) {
    const url = URL.canParse(address) ? new ServerUrl(address) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return err(`--at gives "${device}" the address "${withoutUser(address)}"; expected http://HOST:PORT.`);
    }
    // Each request has a path of its own behind the address.
    if (/[?#]/.test(url.href)) {
      return err(
        `--at gives "${device}" the address "${url.href}"; expected http://HOST:PORT without a query ("?") or a fragment ("#").`,
      );
    }
    servers.set(device, url);
  }
  return ok(servers);
}

/** `splitscope run MODEL --plan FILE` */
export function readRunOptions(values: Values, model: ModelOptions): Result<RunOptions> {
  const plan = needed("run", "--plan", values.get("plan"), "FILE");
  if (!plan.ok) return plan;
  const local = values.get("local") === true;
  const at = texts(values.get("at"));
  if (local === at.length > 0) {
    return err(
      '"splitscope run" needs either --local or --at DEVICE=URL for each device; see "splitscope run --help".',
    );
  }
  const servers = readServers(at);
  if (!servers.ok) return servers;
  if (!local && values.has("no-links")) return err("--no-links goes with --local: with --at the links are real.");
  const runtime = readRuntime(values);
  if (!runtime.ok) return runtime;
  const frames = count("--frames", text(values.get("frames")));
  if (!frames.ok) return frames;
  const inFlight = count("--in-flight", text(values.get("in-flight")));
  if (!inFlight.ok) return inFlight;
  const seed = count("--seed", text(values.get("seed")));
  if (!seed.ok) return seed;
  return ok({
    kind: "run",
    ...model,
    ...runtime.value,
    plan: plan.value,
    servers: local ? null : servers.value,
    frames: frames.value ?? 20,
    inFlight: inFlight.value,
    seed: seed.value ?? 1,
    shaped: local && values.get("no-links") !== true,
  });
}
