import { at, item, row } from "../columns.ts";
import type { AbstractLink, AbstractProblem } from "../plan/abstract-problem.ts";
import type { Problem } from "../plan/problem.ts";

/** Links by number, as the routes of one hop show them. */
function linksOf({ routes, devices, linkMaxBytes }: Problem): AbstractLink[] {
  const links = new Map<number, AbstractLink>();
  const users = new Map<number, Set<number>>();
  for (const [from, ways] of routes.entries()) {
    for (const [to, route] of ways.entries()) {
      const [hop, more] = route?.hops ?? [];
      if (hop === undefined || more !== undefined) continue;
      const { link, resource, secondsPerByte, latency, joulesPerByte } = hop;
      users.set(resource, (users.get(resource) ?? new Set()).add(link));
      const cap = at(linkMaxBytes, link);
      links.set(link, {
        from: item(devices, from).id,
        to: item(devices, to).id,
        bytesPerSecond: secondsPerByte === 0 ? null : 1 / secondsPerByte,
        latencySeconds: latency,
        joulesPerByte,
        medium: `medium ${resource}`,
        maxBytes: Number.isFinite(cap) ? cap : null,
      });
    }
  }
  const shared = new Set([...users].filter(([, set]) => set.size > 1).map(([resource]) => `medium ${resource}`));
  return [...links]
    .sort(([a], [b]) => a - b)
    .map(([, link]) => ({ ...link, medium: link.medium !== null && shared.has(link.medium) ? link.medium : null }));
}

/**
 * The content of a problem file with the figures of a random problem: without on-chip memory, and with the weights of each
 * op as its own. An op is kept off a device by being unable to run there.
 */
export function abstractOf(problem: Problem): AbstractProblem {
  const { devices, opCount, tensorCount } = problem;
  const opId = (op: number) => `op ${op}`;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const rate = (secondsPerByte: number) => (secondsPerByte === 0 ? null : 1 / secondsPerByte);
  return {
    name: "as a file",
    devices: devices.map(({ id, memoryBytes, stageOverheadSeconds, activeWatts, idleWatts, port }) => ({
      id,
      memoryBytes: memoryBytes === Number.MAX_VALUE ? null : memoryBytes,
      stageOverheadSeconds,
      activeWatts,
      idleWatts,
      port:
        port === null
          ? null
          : {
              sendBytesPerSecond: rate(port.sendSecondsPerByte),
              receiveBytesPerSecond: rate(port.receiveSecondsPerByte),
            },
    })),
    links: linksOf(problem),
    ops: Array.from({ length: opCount }, (_, op) => ({
      id: opId(op),
      seconds: devices.map(({ opSeconds, barred }) => (at(barred, op) === 1 ? null : finite(at(opSeconds, op)))),
      weightBytes: [...row(problem.opWeights, op)].reduce(
        (sum, weight) => sum + at(item(devices, 0).weightBytes, weight),
        0,
      ),
      group: at(problem.groupOf, op) < 0 ? null : `group ${at(problem.groupOf, op)}`,
    })),
    tensors: Array.from({ length: tensorCount }, (_, tensor) => ({
      id: `tensor ${tensor}`,
      producer: at(problem.tensorProducer, tensor) < 0 ? null : opId(at(problem.tensorProducer, tensor)),
      consumers: [...row(problem.tensorConsumers, tensor)].map(opId),
      bytes: at(problem.uncuttable, tensor) === 1 ? null : at(problem.tensorWireBytes, tensor),
      memoryBytes: at(problem.tensorMemoryBytes, tensor),
      output: problem.outputs.includes(tensor),
    })),
    source: item(devices, problem.source).id,
    sink: item(devices, problem.sink).id,
    delivery: problem.delivery,
    overlap: problem.overlap,
    maxStages: finite(problem.maxStages),
    queuedFrames: problem.queuedFrames,
  };
}
