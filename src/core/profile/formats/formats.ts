import { parseJson } from "../../json.ts";
import { err, ok, type Result } from "../../result.ts";
import { modelExplorer } from "./model-explorer.ts";
import { nativeFormat } from "./native.ts";
import { ncnnLayers } from "./ncnn.ts";
import { openvinoCsv, openvinoJson } from "./openvino.ts";
import { ortTrace } from "./ort-trace.ts";
import { pipeEdge } from "./pipe-edge.ts";
import { plainCsv } from "./plain-csv.ts";
import { qnnCsv, snpeDiagview } from "./qualcomm.ts";
import type { ProfileFormat, ProfileReader, RawProfile, Reading } from "./raw-profile.ts";
import { REFUSED_FORMATS } from "./refused.ts";
import { snpeLayerNames } from "./snpe-layer-names.ts";
import { tegrastats } from "./tegrastats.ts";
import { tflite } from "./tflite.ts";
import { trtLayers, trtMetadata, trtTimes } from "./trt-companions.ts";
import { trtProfile } from "./trt-profile.ts";
import { unknownFormat } from "./unknown-format.ts";
import { benchncnn, tfliteSummary } from "./whole-inference.ts";

/** Every profile format that can be read, the first whose `sniff` agrees wins. */
export const PROFILE_FORMATS: readonly ProfileFormat[] = [
  // First: a pickle or a page may hold the text of another format.
  ...REFUSED_FORMATS,
  nativeFormat,
  ortTrace,
  trtProfile,
  trtLayers,
  trtTimes,
  trtMetadata,
  openvinoCsv,
  openvinoJson,
  tflite,
  tfliteSummary,
  qnnCsv,
  snpeDiagview,
  snpeLayerNames,
  ncnnLayers,
  benchncnn,
  tegrastats,
  modelExplorer,
  pipeEdge,
  // Last: a header with a name and a time is what many tables have.
  plainCsv,
];

/** Names out of files may hold anything; a sentence is one line, and no command to a terminal. */
function printable(sentence: string): string {
  return sentence.replaceAll(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Characters that `sniff` sees. */
const HEAD = 65_536;

export interface OpenedProfile extends ProfileReader {
  /** The format, null until enough was pushed to tell and for files of no known format. */
  readonly format: ProfileFormat | null;
}

/**
 * Takes a device profile of any known format as chunks of text and gives, at the end, what it holds. The content
 * decides, never the file's name. On failure one sentence that names the file.
 */
export function openProfile(fileName: string): OpenedProfile {
  let head = "";
  let format: ProfileFormat | null = null;
  let reader: ProfileReader | null = null;
  let isForeign = false;

  const recognise = () => {
    const start = head.slice(0, HEAD);
    format = PROFILE_FORMATS.find((candidate) => candidate.sniff(start)) ?? null;
    if (format === null) {
      isForeign = true;
    } else {
      reader = format.open(fileName);
      reader.push(head);
    }
  };
  return {
    get format() {
      return format;
    },
    push(chunk) {
      if (reader !== null) reader.push(chunk);
      else if (!isForeign) {
        head += head === "" && chunk.charCodeAt(0) === 0xfeff ? chunk.slice(1) : chunk;
        if (head.length >= HEAD) recognise();
      }
    },
    end() {
      if (head.trim() === "") return err(`${fileName} is empty; expected a device profile.`);
      if (reader === null) recognise();
      if (reader !== null) {
        const reading = (reader as ProfileReader).end();
        return reading.ok ? reading : err(printable(reading.error));
      }
      // What calls itself JSON and is damaged may have been meant for anything; that it is damaged helps more.
      const json = /\.json$/i.test(fileName) && head.length < HEAD ? parseJson(head, fileName) : null;
      return json?.ok === false ? json : err(unknownFormat(fileName));
    },
  };
}

/** What a file's text holds: `openProfile` in one step. */
export function readProfileText(text: string, fileName: string): Result<Reading> {
  const reader = openProfile(fileName);
  reader.push(text);
  return reader.end();
}

/** What the readings that are no profile of ops are, as the end of a sentence. */
const NO_PROFILE = {
  unitless: "gives figures without a unit; expected a file that says whether they are ms, us or s",
  layers: "lists the layers of a TensorRT engine without times; expected it beside the profile (--exportProfile)",
  times: "gives times of whole inferences; expected it beside a profile with one entry per op",
  optimised: "is a model without times; expected it beside the ONNX Runtime trace of it",
  layerNames: "names the layers of an SNPE model without times; expected it beside the layer times (snpe-diagview)",
  device: "describes a device without times of ops; expected it beside the profile (--exportProfile)",
  chain:
    "is a chain of layers without names of ONNX ops (PipeEdge); expected a profile with one entry per op, or the file turned into a placement problem of its own",
  power: "is a log of power; expected a profile with one entry per op",
} as const;

/** The profile of ops in a reading; what else a file may hold is refused with a sentence. */
export function profileOf(reading: Reading, fileName: string): Result<RawProfile> {
  return reading.kind === "profile" ? ok(reading.profile) : err(`${fileName} ${NO_PROFILE[reading.kind]}.`);
}

/** A profile of ops out of a file's text. */
export function readProfile(text: string, fileName: string): Result<RawProfile> {
  const reading = readProfileText(text, fileName);
  return reading.ok ? profileOf(reading.value, fileName) : reading;
}
