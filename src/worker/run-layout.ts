import { layoutFilmstrip } from "../core/layout/filmstrip.ts";
import type { Request } from "./protocol.ts";
import type { Post } from "./scope.ts";

/** Answers a "layout" request by the positions of everything that is drawn. */
export function runLayout(request: Request, post: Post): void {
  if (request.kind !== "layout") throw new Error(`the layout's worker was asked for "${request.kind}"`);
  const { job, graph, blocks, collapsed, aspect } = request;
  post({ kind: "laid-out", job, layout: layoutFilmstrip(graph, blocks, { aspect, collapsed }) });
}
