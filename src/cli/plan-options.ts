import { type Constraints, NO_CONSTRAINTS, type Pin } from "../core/plan/constraints.ts";
import type { Limits, Objective } from "../core/plan/objective.ts";
import { readAmount, readLimit, readObjective, unitsOf } from "../core/plan/objective-text.ts";
import { err, ok, type Result } from "../core/result.ts";

/** What is looked for, and for how long. */
export interface SearchOptions {
  readonly objective: Objective;
  readonly limits: Limits;
  /** Seconds after which the search ends with what it has; null = `DEFAULT_SECONDS`. */
  readonly timeLimit: number | null;
  /** Overrides the problem's number of stages; null = as it is. */
  readonly maxStages: number | null;
}

/** Most searches are proven in far less; some would go on for hours. */
export const DEFAULT_SECONDS = 60;

/** Flags of `plan` that say what is looked for. */
export const SEARCH_FLAGS = {
  objective: { type: "string" },
  limit: { type: "string", multiple: true },
  "max-stages": { type: "string" },
  "time-limit": { type: "string" },
} as const;

/** Flags of `plan` that constrain the plans of a model, beside those of the search. */
export const CONSTRAINT_FLAGS = {
  pin: { type: "string", multiple: true },
  forbid: { type: "string", multiple: true },
  first: { type: "string" },
  group: { type: "string", multiple: true },
  "max-link-bytes": { type: "string", multiple: true },
  delivery: { type: "string" },
  "no-overlap": { type: "boolean" },
  queue: { type: "string" },
} as const;

type Values = ReadonlyMap<string, unknown>;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function whole(flag: string, given: string | null, least: number): Result<number | null> {
  if (given === null) return ok(null);
  if (/^\d+$/.test(given) && Number(given) >= least && Number(given) <= 1e6) return ok(Number(given));
  return err(`${flag} is "${given}"; expected a whole number of at least ${least}.`);
}

function readTimeLimit(given: string | null): Result<number | null> {
  if (given === null) return ok(null);
  if (/^\d*\.?\d+$/.test(given) && Number(given) > 0) return ok(Number(given));
  return err(`--time-limit is "${given}"; expected a number of seconds above 0.`);
}

/** Objective, limits, stages and time, or one sentence on what is wrong with them. */
export function readSearchOptions(values: Values): Result<SearchOptions> {
  const given = text(values.get("objective"));
  const objective = given === null ? ok<Objective>("latency") : readObjective(given);
  if (!objective.ok) return err(`--objective: ${objective.error}`);
  let limits: Limits = {};
  for (const limit of texts(values.get("limit"))) {
    const read = readLimit(limit);
    if (!read.ok) return err(`--limit: ${read.error}`);
    limits = { ...limits, ...read.value };
  }
  const maxStages = whole("--max-stages", text(values.get("max-stages")), 1);
  if (!maxStages.ok) return maxStages;
  const timeLimit = readTimeLimit(text(values.get("time-limit")));
  if (!timeLimit.ok) return timeLimit;
  return ok({ objective: objective.value, limits, maxStages: maxStages.value, timeLimit: timeLimit.value });
}

function readPins(given: readonly string[]): Result<readonly Pin[]> {
  const pins: Pin[] = [];
  for (const pin of given) {
    const middle = pin.lastIndexOf("=");
    if (middle <= 0 || middle === pin.length - 1) {
      return err(`--pin is "${pin}"; expected OP=DEVICE with the name of an op or module and the id of a device.`);
    }
    pins.push({ op: pin.slice(0, middle), device: pin.slice(middle + 1) });
  }
  return ok(pins);
}

function readLinkCaps(given: readonly string[]): Result<Constraints["linkMaxBytes"]> {
  const caps: { link: string; bytes: number }[] = [];
  for (const cap of given) {
    const middle = cap.lastIndexOf("=");
    const amount = cap.slice(middle + 1);
    const bytes = readAmount(/^[\d.]+$/.test(amount) ? `${amount}B` : amount, "bytes");
    if (middle <= 0 || bytes === null) {
      return err(
        `--max-link-bytes is "${cap}"; expected LINK=BYTES with the id of a link and a number, ${unitsOf("bytes")}.`,
      );
    }
    caps.push({ link: cap.slice(0, middle), bytes });
  }
  return ok(caps);
}

/** The constraints on a model's plans, those of the search among them, or one sentence on what is wrong with them. */
export function readConstraintOptions(values: Values, { maxStages, limits }: SearchOptions): Result<Constraints> {
  const pins = readPins(texts(values.get("pin")));
  if (!pins.ok) return pins;
  const linkMaxBytes = readLinkCaps(texts(values.get("max-link-bytes")));
  if (!linkMaxBytes.ok) return linkMaxBytes;
  const first = whole("--first", text(values.get("first")), 0);
  if (!first.ok) return first;
  const queue = whole("--queue", text(values.get("queue")), 0);
  if (!queue.ok) return queue;
  const delivery = text(values.get("delivery")) ?? NO_CONSTRAINTS.delivery;
  if (delivery !== "relayed" && delivery !== "direct") {
    return err(`--delivery is "${delivery}"; expected "relayed" or "direct".`);
  }
  return ok({
    pins: pins.value,
    firstOpsOnSource: first.value ?? 0,
    forbiddenDevices: texts(values.get("forbid")),
    maxStages,
    linkMaxBytes: linkMaxBytes.value,
    groups: texts(values.get("group")).map((ops) => ops.split(",")),
    delivery,
    overlap: values.get("no-overlap") !== true,
    queuedFrames: queue.value ?? 0,
    limits,
  });
}
