import { err, type Result } from "../../result.ts";
import { nativeFormat } from "./native.ts";
import { ortTrace } from "./ort-trace.ts";
import type { ProfileFormat, RawProfile } from "./raw-profile.ts";

/** Every profile format that can be read, the first whose `sniff` agrees wins. */
const PROFILE_FORMATS: readonly ProfileFormat[] = [nativeFormat, ortTrace];

const HEAD = 65_536;

/**
 * Reads a device profile of any known format. The content decides, never the file's name. On failure one sentence
 * that names the file.
 */
export function readProfile(text: string, fileName: string): Result<RawProfile> {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === "") return err(`${fileName} is empty; expected a device profile.`);
  const head = body.slice(0, HEAD);
  const format = PROFILE_FORMATS.find((candidate) => candidate.sniff(head));
  if (format === undefined) {
    const known = PROFILE_FORMATS.map((candidate) => candidate.label).join(", or ");
    return err(`${fileName} is no device profile that can be read here; expected ${known}.`);
  }
  return format.parse(body, fileName);
}
