import { readProfileBlobs } from "../engine/read-profile.ts";
import { blobSource } from "./blob-source.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Progress is told in steps of a percent: a long trace comes in tens of thousands of pieces. */
const STEPS = 100;

/** Answers "read-profiles" by what each file holds, progress as it goes. */
export async function runReadProfile(request: Request, post: Post): Promise<void> {
  if (request.kind !== "read-profiles") throw new Error(`the profiles' worker was asked for "${request.kind}"`);
  const { job, files } = request;
  let told = 0;
  const onProgress = (fraction: number) => {
    const step = Math.floor(fraction * STEPS);
    if (step <= told) return;
    told = step;
    post({ kind: "progress", job, step: "Reading", fraction });
  };
  const withSources = files.map(({ name, blob }) => ({ name, blob, source: blobSource(name, blob) }));
  post({ kind: "profiles-read", job, files: await readProfileBlobs(withSources, { onProgress }) });
}
