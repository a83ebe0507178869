import { findImport } from "../core/plan/imports/imports.ts";
import { looksLikeHostsOrSchedule, looksLikePipeEdge } from "../core/plan/imports/pipe-edge.ts";

/** What a dropped file is to be opened as; "model" is whatever is no text. */
export type FileKind = "model" | "plan" | "mapping" | "partition" | "rig" | "profile" | "problem" | "scenario";

/** Bytes that tell. */
export const KIND_HEAD = 4096;
/** Bytes of a model's end that hold its sets of ops, as ONNX Runtime writes them. */
export const KIND_TAIL = 4096;

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);

/** Text, in an encoding that profiles come in. Weights and models have bytes that no text has. */
function textOf(head: Uint8Array): string | null {
  if (startsWith(head, [0xff, 0xfe])) return new TextDecoder("utf-16le").decode(head);
  if (startsWith(head, [0xfe, 0xff])) return new TextDecoder("utf-16be").decode(head);
  return head.includes(0) ? null : new TextDecoder("utf-8").decode(head);
}

/** Share of characters that no encoding of a text gives. */
function isReadable(text: string): boolean {
  const odd = [...text].filter((character) => character === "\ufffd" || (character < " " && !/\s/.test(character)));
  return odd.length <= 0.05 * text.length;
}

export const isModelName = (name: string): boolean => /\.onnx$/i.test(name);

/** An object of lists of texts, as AutoDiCE maps ops to hosts: its first list tells. */
const MAPPING = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*["\]]/;

/** The same with numbers where ops are expected. */
const NUMBERED = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*[-\d]/;

/** First and last layers of stages as PipeEdge has them: "1,24,25,48". */
export const isPartition = (text: string): boolean => /^\ufeff?\s*\d+(?:\s*,\s*\d+)+\s*$/.test(text);

/**
 * Decides by a file's first bytes. The name counts for what calls itself a model, so that a broken one is called a
 * broken model, and for pickles, which are weights or figures.
 */
export function fileKind(name: string, head: Uint8Array): FileKind {
  if (isModelName(name)) return "model";
  if (startsWith(head, [0x1f, 0x8b])) return "profile";
  const [first, second = 0] = head;
  if (first === 0x80 && second >= 2 && second <= 5) return /\.(pt|pth|bin)$/i.test(name) ? "model" : "profile";
  const text = textOf(head);
  if (text === null || !isReadable(text)) return "model";
  if (findImport([{ name, text }]) !== null) return "problem";
  const format = /"format"\s*:\s*"splitscope-(plan|rig|scenario)"/.exec(text)?.[1];
  if (format === "plan" || format === "rig" || format === "scenario") return format;
  if (isPartition(text)) return "partition";
  return MAPPING.test(text) || (/\.json$/i.test(name) && NUMBERED.test(text)) ? "mapping" : "profile";
}

/** A file with its first bytes, `KIND_HEAD` of them at most. */
export interface FileStart<T> {
  readonly file: T;
  readonly head: Uint8Array;
}

/**
 * Files that came together, by what each is to be opened as. PipeEdge spreads a problem over several files, of which the
 * list of hosts is told by its company only. On a device all of these are profiles that say why they are none.
 */
export function sortFiles<T extends { readonly name: string }>(
  starts: readonly FileStart<T>[],
  onDevice: boolean,
): ReadonlyMap<FileKind, readonly T[]> {
  const texts = starts.map(({ head }) => textOf(head) ?? "");
  const kinds = starts.map(({ file, head }) => fileKind(file.name, head));
  const arePipeEdge = kinds.some((kind, i) => kind === "problem" && looksLikePipeEdge(texts[i] ?? ""));
  const sorted = new Map<FileKind, T[]>();
  for (const [i, { file, head }] of starts.entries()) {
    let kind = kinds[i] ?? "model";
    const text = texts[i] ?? "";
    if (kind === "problem" && onDevice && looksLikePipeEdge(text)) kind = "profile";
    // Of a long list the last line may be cut.
    const whole = head.length < KIND_HEAD ? text : text.slice(0, text.lastIndexOf("\n"));
    if (kind === "profile" && !onDevice && arePipeEdge && looksLikeHostsOrSchedule(whole)) kind = "problem";
    const known = sorted.get(kind);
    if (known === undefined) sorted.set(kind, [file]);
    else known.push(file);
  }
  return sorted;
}

/**
 * Whether a model's last bytes say that ONNX Runtime wrote it after its optimisations: it lists the sets of all ops that
 * it knows, one of which no exporter writes. Beside a trace such a model tells which ops each kernel stands for.
 */
export function isOptimisedTail(tail: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(tail).includes("com.microsoft.nchwc");
}
