import { sha256Hex, streamingHash } from "../engine/sha256.ts";
import { blobChunks } from "./blob-chunks.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Answers "hash" by the digest of a file, read in pieces, or of a sample. */
export async function runHash(request: Request, post: Post): Promise<void> {
  if (request.kind !== "hash") throw new Error(`the digests' worker was asked for "${request.kind}"`);
  const { job, file } = request;
  if (file instanceof Blob) {
    const hash = await streamingHash();
    for await (const chunk of blobChunks(file, file instanceof File ? file.name : "the model")) hash.update(chunk);
    post({ kind: "hashed", job, sha256: hash.hex() });
    return;
  }
  // Generators and message formats, which the digest of a file needs nothing of.
  const { sampleSource } = await import("./sample-source.ts");
  post({ kind: "hashed", job, sha256: await sha256Hex(await sampleSource(file.sample, file.baseUrl, () => {})) });
}
