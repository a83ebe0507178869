import { type ByteSource, bytesSource } from "../core/onnx/source.ts";
import { SAMPLES } from "../core/testing/samples/catalogue.ts";

/** The file of a built-in sample: generated, or fetched from beside the page. `step` is told what takes time. */
export async function sampleSource(id: string, baseUrl: string, step: (text: string) => void): Promise<ByteSource> {
  const sample = SAMPLES.find((candidate) => candidate.id === id);
  if (sample === undefined) throw new Error(`no sample is called "${id}"`);
  if (sample.source.kind === "generated") {
    step("Generating the sample");
    return bytesSource(`${id}.onnx`, sample.source.generate());
  }
  step("Fetching the sample");
  const answer = await fetch(new URL(sample.source.path, baseUrl));
  if (!answer.ok) throw new Error(`the sample ${sample.source.path} answered ${answer.status}`);
  return bytesSource(`${id}.onnx`, new Uint8Array(await answer.arrayBuffer()));
}
