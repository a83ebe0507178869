import type { Graph, GraphLinks } from "../core/graph/graph.ts";
import type { ModuleView } from "../core/graph/module-view.ts";
import { type FilmstripLayout, layoutFilmstrip } from "../core/layout/filmstrip.ts";
import { createJobRunner, type JobRunner, spawnLayoutWorker } from "../worker/client.ts";

/** Graphs of up to so many ops are laid out at once: that takes less of a frame than a message there and back. */
const AT_ONCE = 1200;

export const isLaidOutAtOnce = (graph: Graph): boolean => graph.opCount <= AT_ONCE;

export function layoutAtOnce(graph: Graph, { blocks, collapsed }: ModuleView, aspect: number): FilmstripLayout {
  return layoutFilmstrip(graph, blocks, { aspect, collapsed });
}

function linksOf(graph: Graph): GraphLinks {
  const { opCount, opOutputs, tensorCount, tensorBytes, tensorProducer, tensorConsumers, outputs } = graph;
  return { opCount, opOutputs, tensorCount, tensorBytes, tensorProducer, tensorConsumers, outputs };
}

let runner: JobRunner | null = null;

/** Has the worker ready before a large network comes, so that its drawing need not wait for a start. */
export function warmLayouts(): void {
  runner ??= createJobRunner(spawnLayoutWorker);
  runner.warm();
}

/** The same in a worker. A newer request ends an older one, which then answers null. */
export async function layoutInWorker(
  graph: Graph,
  { blocks, collapsed }: ModuleView,
  aspect: number,
): Promise<FilmstripLayout | null> {
  runner ??= createJobRunner(spawnLayoutWorker);
  try {
    const answer = await runner.run({ kind: "layout", graph: linksOf(graph), blocks, collapsed, aspect });
    if (answer.kind === "laid-out") return answer.layout;
    throw new Error(answer.kind === "failed" ? answer.message : `the layout's worker answered "${answer.kind}"`);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") return null;
    throw reason;
  }
}
