import type { Request, Response } from "./protocol.ts";

/** What a dedicated worker's global scope offers to us. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Response): void;
}

export type Post = (response: Response) => void;

/** Makes this worker answer requests by `handle`; whatever it throws becomes a "failed" message. */
export function serve(handle: (request: Request, post: Post) => void | Promise<void>): void {
  const scope = globalThis as unknown as WorkerScope;
  const post: Post = (response) => scope.postMessage(response);
  scope.onmessage = (event) => {
    const request = event.data;
    const failed = (reason: unknown) =>
      post({ kind: "failed", job: request.job, message: reason instanceof Error ? reason.message : String(reason) });
    try {
      Promise.resolve(handle(request, post)).catch(failed);
    } catch (reason) {
      failed(reason);
    }
  };
}
