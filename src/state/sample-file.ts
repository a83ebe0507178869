import { err, ok, type Result } from "../core/result.ts";

/**
 * The model file of a built-in sample, to be saved: generated, or fetched from beside the page. The generators are
 * loaded when they are asked for. The sentence on failure says which sample cannot be had.
 */
export async function sampleFile(id: string, baseUrl: string): Promise<Result<Blob>> {
  const { SAMPLES } = await import("../core/testing/samples/catalogue.ts");
  const sample = SAMPLES.find((candidate) => candidate.id === id);
  if (sample === undefined) return err(`No sample is called "${id}"; expected one of ${SAMPLES.map((one) => one.id)}.`);
  if (sample.source.kind === "generated") return ok(new Blob([sample.source.generate()]));
  const address = new URL(sample.source.path, baseUrl);
  try {
    const answer = await fetch(address);
    return answer.ok
      ? ok(await answer.blob())
      : err(`The sample ${sample.source.path} cannot be had: the server answered ${answer.status}.`);
  } catch {
    return err(`The sample ${sample.source.path} cannot be had: the server does not answer.`);
  }
}
