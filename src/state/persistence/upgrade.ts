import { Fields } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";

/** Turns a record of version `key` into one of the next version. */
export type Upgraders = ReadonlyMap<number, (record: object) => object>;

export interface Format {
  readonly format: string;
  readonly version: number;
  readonly upgraders: Upgraders;
}

/** Why a record cannot be taken: it is of a later version, and stays as it is; or it is no record at all. */
export interface Refusal {
  readonly isNewer: boolean;
  readonly sentence: string;
}

/**
 * A record in the present version, upgraded step by step; `what` names it in sentences ("The project"). A missing step
 * is a bug of ours.
 */
export function upgraded(
  record: unknown,
  what: string,
  { format, version, upgraders }: Format,
): Result<object, Refusal> {
  const problems: string[] = [];
  const fields = new Fields(record, what, problems);
  fields.oneOf("format", [format]);
  const from = fields.number("version", { integer: true, min: 1 });
  const [problem] = problems;
  if (problem !== undefined || typeof record !== "object" || record === null) {
    return err({ isNewer: false, sentence: `${what} is damaged: ${problem ?? "it is no record"}` });
  }
  if (from > version) {
    const sentence = `${what} was made by a later version of Splitscope (format ${from}; this one reads up to ${version}). It is left as it is.`;
    return err({ isNewer: true, sentence });
  }
  let current: object = record;
  for (let step = from; step < version; step++) {
    const upgrade = upgraders.get(step);
    if (upgrade === undefined) throw new Error(`no upgrade of ${format} from version ${step}`);
    current = upgrade(current);
  }
  return ok(current);
}
