import { refusedFormat } from "./make.ts";
import type { ProfileFormat } from "./raw-profile.ts";

function isPickleProtocol(code: number): boolean {
  return code >= 2 && code <= 5;
}

/** The text protocols, 0 and 1: a list or a dictionary that is put by, or a class of a module that is called for. */
const TEXT_PICKLE = /^(?:\([dl]p\d+|c[\w.]+\r?\n\w+)\r?\n/;

/** Files that people will try, each with the reason why it cannot be used and what can. */
export const REFUSED_FORMATS: readonly ProfileFormat[] = [
  refusedFormat(
    "pickle",
    // 0x80 and the protocol's number; 0x80 is no UTF-8 and comes as the replacement character.
    (head) =>
      TEXT_PICKLE.test(head) ||
      ((head.startsWith("\ufffd") || head.startsWith("\u0080")) && isPickleProtocol(head.charCodeAt(1))),
    "a Python pickle, which is a program and not data: running it could do anything, so it is not read; expected the figures as CSV (node,latency_ms) or JSON.",
  ),
  refusedFormat(
    "pytorch-trace",
    (head) =>
      /^\s*\{/.test(head) &&
      /"traceEvents"\s*:/.test(head) &&
      /"(schemaVersion|deviceProperties)"\s*:|"(cpu_op|aten::)/.test(head),
    "a PyTorch trace, whose ops carry no names of the ONNX model; expected a trace of the exported model from ONNX Runtime.",
  ),
  refusedFormat(
    "html",
    (head) => /^\s*<(!doctype|html)/i.test(head),
    "an HTML page, perhaps saved instead of the file behind it; expected the profile itself.",
  ),
  refusedFormat(
    "git-lfs",
    (head) => head.startsWith("version https://git-lfs.github.com/"),
    "a Git LFS pointer, not the file itself; expected the profile (git lfs pull fetches it).",
  ),
];
