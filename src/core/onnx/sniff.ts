import type { ByteSource } from "./source.ts";

const HEAD = 1024;

interface Signature {
  readonly offset: number;
  readonly bytes: readonly number[];
  readonly what: string;
}

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

/** Formats that people open in place of ONNX, by the bytes they begin with, and what to do about each. */
const SIGNATURES: readonly Signature[] = [
  { offset: 0, bytes: [0x1f, 0x8b], what: "a gzip archive; unpack it first" },
  { offset: 0, bytes: [0x89, ...ascii("HDF")], what: "an HDF5 (Keras) file; convert it to ONNX first" },
  { offset: 4, bytes: ascii("TFL3"), what: "a TensorFlow Lite model; convert it to ONNX first" },
  { offset: 4, bytes: ascii("ORTM"), what: "an ORT-format model; open the .onnx file it was made from" },
];

/**
 * One sentence when the first bytes show that the file is something else than ONNX that people open by mistake
 * (nothing at all, a web page, a Git LFS pointer, an archive, another framework's model), else null.
 */
export function recogniseOther(source: ByteSource): string | null {
  const { name, size } = source;
  if (size === 0) return `"${name}" is empty (0 bytes); an ONNX model was expected.`;
  const head = source.read(0, Math.min(HEAD, size));
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("version https://git-lfs.github.com/spec/")) return lfsPointer(name, size, text);
  if (/^(\u00ef\u00bb\u00bf)?\s*<(!doctype html|html|head|\?xml|!--)/i.test(text)) {
    return `"${name}" is an HTML page, not an ONNX model; download the model file itself (its "raw" link).`;
  }
  const other = (what: string) => `"${name}" is ${what}; an ONNX model was expected.`;
  const pytorch = `"${name}" is a PyTorch pickle, not an ONNX model; export it with torch.onnx.export first.`;
  if (text.startsWith("PK\u0003\u0004")) {
    return text.includes("data.pkl") ? pytorch : other("a ZIP archive (unpack it first)");
  }
  const [first, second = 0] = head;
  if (first === 0x80 && second >= 2 && second <= 5) return pytorch;
  const match = SIGNATURES.find(({ offset, bytes }) => bytes.every((byte, i) => head[offset + i] === byte));
  return match === undefined ? null : `"${name}" is ${match.what}.`;
}

function lfsPointer(name: string, size: number, text: string): string {
  const real = /^size (\d+)$/m.exec(text)?.[1];
  const model = real === undefined ? "the model" : `the model's ${Number(real).toLocaleString("en-US")} bytes`;
  return `"${name}" is a Git LFS pointer (${size} bytes), not the model; run \`git lfs pull\` to fetch ${model}.`;
}
